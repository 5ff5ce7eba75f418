internal import FlowJSON
internal import FlowYAML

/// Reads `with` and checks it against what the action or workflow takes.
struct InputReader {
    let findings: Findings
    let templates: TemplateReader

    /// The template of all values, unchecked.
    func template(_ node: YAMLNode) -> Template {
        guard findings.mapping(node, "'with'") != nil else { return .literal([:]) }
        return templates.template(node)
    }

    /// - Parameter uses: where a missing input is reported.
    func inputs(_ node: YAMLNode?, of contract: InputContract, _ uses: YAMLNode) -> Template {
        let template = node.map(template) ?? .literal([:])
        let members = node?.mapping ?? []
        for (key, value) in members {
            let name = key.scalar?.text ?? ""
            guard let input = contract.inputs.first(where: { $0.name == name }) else {
                findings.add(contract.unknown(name), at: key)
                continue
            }
            if input.isLiteral, Self.holdsExpression(value) {
                findings.add(
                    "'\(name)' holds what is literal: no expression, and $${{ for ${{; "
                        + "what is known later goes elsewhere", at: value)
            }
            check(value, input)
        }
        for input in contract.inputs
        where input.isRequired && !members.contains(where: { $0.key.scalar?.text == input.name }) {
            findings.add(
                "\(contract.reference) needs the \(contract.role) '\(input.name)'; give it in 'with'",
                at: uses)
        }
        return template
    }

    /// Checks a literal; what holds expressions is checked when it has a value.
    private func check(_ node: YAMLNode, _ input: ActionManifest.Input) {
        guard !Self.holdsExpression(node), let value = try? node.json else { return }
        if value.isNull {
            if input.isRequired { findings.add("'\(input.name)' is required", at: node) }
            return
        }
        do throws(ValueMistake) {
            _ = try input.parameter.checked(value)
        } catch {
            findings.add("'\(input.name)' \(error.message)", at: node)
        }
    }

    private static func holdsExpression(_ node: YAMLNode) -> Bool {
        switch node.value {
        case .scalar(let scalar): TemplateText.firstExpression(in: scalar.text) != nil
        case .sequence(let elements): elements.contains(where: holdsExpression)
        case .mapping(let members): members.contains { holdsExpression($0.value) }
        }
    }
}
