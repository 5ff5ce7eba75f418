internal import FlowJSON
internal import FlowText
internal import FlowYAML

/// Reads `concurrency` and `pools`: what holds across runs.
struct ConcurrencyReader {
    let findings: Findings

    /// A group's name alone, or with what happens when another run has it.
    func concurrency(_ node: YAMLNode, _ templates: TemplateReader) -> Concurrency? {
        guard let members = node.mapping else {
            guard node.scalar != nil, !node.isNull else {
                findings.add(
                    "'concurrency' takes a name or a mapping such as "
                        + "{group: skills, on-conflict: queue}, not \(node.described)", at: node)
                return nil
            }
            return group(node, templates).map { Concurrency(group: $0, onConflict: .queue) }
        }
        let keys = Fields.Keys(
            known: ["group", "on-conflict"], foreign: ["cancel-in-progress": "on-conflict: cancel"])
        let fields = Fields(members, keys, findings)
        let conflict = fields["on-conflict"].flatMap {
            findings.choice($0, "'on-conflict'", Concurrency.Conflict.self)
        }
        guard let name = fields["group"] else {
            findings.add("'group' is missing, the name that runs share", at: node)
            return nil
        }
        return group(name, templates).map { Concurrency(group: $0, onConflict: conflict ?? .queue) }
    }

    private func group(_ node: YAMLNode, _ templates: TemplateReader) -> Template? {
        guard let text = findings.text(node, "a group's name") else { return nil }
        if text.isEmpty {
            findings.add("a group has a name", at: node)
            return nil
        }
        return templates.text(node, keepingText: true)
    }

    /// `{git: 1}`: names and places.
    func pools(_ node: YAMLNode) -> [Pool] {
        (findings.mapping(node, "'pools'") ?? []).compactMap { key, value in
            let name = key.scalar?.text ?? ""
            guard ExpressionLexer.isName(name) else {
                findings.add(
                    "\(VisibleText.quoted(name)) is no name of a pool: letters, digits, '_' and '-', "
                        + "a letter or '_' first", at: key)
                return nil
            }
            // One of a wrong size is there all the same.
            return Pool(
                name: name, size: findings.whole(value, "the pool '\(name)'", in: 1...(.max)) ?? 1)
        }
    }

    /// The pool that a node names.
    func pool(_ node: YAMLNode, among pools: [Pool]) -> String? {
        guard let name = findings.literalText(node, "'pool'") else { return nil }
        if pools.contains(where: { $0.name == name }) { return name }
        let hint = Nearest.hint(name, among: pools.map(\.name))
        findings.add(
            "there is no pool \(VisibleText.quoted(name))"
                + (hint.isEmpty ? "; declare it in the workflow's 'pools' with its places" : hint),
            at: node)
        return nil
    }
}
