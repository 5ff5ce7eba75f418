internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// Reads `env`.
struct EnvironmentReader {
    let findings: Findings
    let templates: TemplateReader

    func variables(_ node: YAMLNode) -> [Variable] {
        (findings.mapping(node, "'env'") ?? []).compactMap { key, value in
            let name = key.scalar?.text ?? ""
            guard EnvironmentNames.isName(name) else {
                findings.add(EnvironmentNames.complaint(name), at: key)
                return nil
            }
            if EnvironmentNames.reserved.contains(name) {
                findings.add("'\(name)' is set by flow itself; choose another name", at: key)
            }
            guard let scalar = value.scalar else {
                findings.add(
                    "an environment variable is text, not \(value.described); "
                        + "write ${{ toJSON(…) }} for structured values", at: value)
                return nil
            }
            if scalar.text.unicodeScalars.contains("\0") {
                findings.add("an environment variable cannot hold a NUL", at: value)
            }
            if value.isNull { return Variable(name: name, value: .literal("")) }
            return Variable(name: name, value: templates.text(value, keepingText: true))
        }
    }
}
