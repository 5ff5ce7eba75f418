internal import FlowJSON
internal import FlowYAML

/// Reads a workflow's `secrets`: a list of names, or names with whether each is required, as GitHub
/// has it for workflows that are called.
struct SecretsReader {
    let findings: Findings

    func secrets(_ node: YAMLNode) -> (names: [String], optional: Set<String>) {
        guard let members = node.mapping else {
            return (EnvironmentNames(findings: findings).names(node, "'secrets'").map(\.text), [])
        }
        var names: [String] = []
        var optional: Set<String> = []
        for (key, value) in members {
            let name = key.scalar?.text ?? ""
            guard EnvironmentNames.isName(name) else {
                findings.add(EnvironmentNames.complaint(name), at: key)
                continue
            }
            names.append(name)
            if !isRequired(value, name) { optional.insert(name) }
        }
        return (names, optional)
    }

    private func isRequired(_ node: YAMLNode, _ name: String) -> Bool {
        if node.isNull { return true }
        guard let members = findings.mapping(node, "the secret '\(name)'") else { return true }
        let fields = Fields(members, .init(known: ["required"]), findings)
        guard let value = fields["required"] else { return true }
        guard let required = (try? value.json)?.boolValue else {
            findings.add("'required' is true or false, not \(value.described)", at: value)
            return true
        }
        return required
    }
}
