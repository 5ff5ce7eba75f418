internal import FlowJSON
internal import FlowText
internal import FlowYAML

/// Reads `cache`.
struct CacheReader {
    let findings: Findings
    let templates: TemplateReader

    private static let keys = Fields.Keys(
        known: ["inputs", "outputs", "key"],
        foreign: ["path": "outputs", "paths": "outputs", "files": "inputs"])

    func cache(_ node: YAMLNode) -> CachePolicy? {
        guard let members = node.mapping else {
            findings.add(
                "'cache' takes a mapping such as {inputs: [\"src/**\"], outputs: [build/app]}, not "
                    + node.described, at: node)
            return nil
        }
        let fields = Fields(members, Self.keys, findings)
        return CachePolicy(
            inputs: fields["inputs"].map { globs($0, "'inputs'") } ?? [],
            outputs: fields["outputs"].map { globs($0, "'outputs'") } ?? [],
            key: fields["key"].map(templates.template))
    }

    private func globs(_ node: YAMLNode, _ what: String) -> [Template] {
        if let elements = node.sequence {
            return elements.compactMap { glob($0, "an element of \(what)") }
        }
        if node.mapping != nil || node.isNull {
            findings.add(
                "\(what) takes a glob or a list of globs, not \(node.described)", at: node)
            return []
        }
        return glob(node, what).map { [$0] } ?? []
    }

    private func glob(_ node: YAMLNode, _ what: String) -> Template? {
        guard let text = findings.text(node, what) else { return nil }
        if text.isEmpty {
            findings.add("a glob is not empty", at: node)
            return nil
        }
        warn(text, node)
        let template = templates.text(node, keepingText: true)
        if Self.leadsOut(template) {
            findings.add(
                "a glob is a path beneath the repository, without '/' before it and without '..', "
                    + "not \(VisibleText.quoted(text))", at: node)
        }
        return template
    }

    /// What globs mean elsewhere, and not here: a result would stand though an input has changed.
    private func warn(_ text: String, _ node: YAMLNode) {
        if let own = Self.parts(text).first(where: { [".git", ".flow"].contains($0) }) {
            findings.warn("this glob matches nothing: what is in \(own) never counts", at: node)
        }
        if text.hasPrefix("!") {
            findings.warn(
                "'!' excludes nothing here: it means a file whose name begins with it", at: node)
        }
        if text.utf8.contains(0x7B), TemplateText.firstExpression(in: text) == nil {
            findings.warn(
                "braces mean themselves here: write one glob for each alternative", at: node)
        }
        if text.first?.isWhitespace == true || text.last?.isWhitespace == true {
            findings.warn("blanks around a glob belong to the name of the file", at: node)
        }
    }

    /// As far as the text says it; what expressions give is checked when it is known.
    private static func leadsOut(_ template: Template) -> Bool {
        let text: String
        switch template {
        case .literal(let value): text = value.stringValue ?? ""
        case .text(let pieces):
            text = pieces.map { if case .literal(let text) = $0 { text } else { "x" } }.joined()
        case .expression, .array, .object: return false
        }
        return text.hasPrefix("/") || parts(text).contains("..")
    }

    /// The names in a path; none where it has no dot, so that none of them matters.
    private static func parts(_ path: String) -> [Substring] {
        path.utf8.contains(0x2E) ? path.split(separator: "/") : []
    }
}
