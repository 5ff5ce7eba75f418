internal import FlowJSON
internal import FlowYAML

/// Reads what a node runs: `run` and `shell`.
struct ScriptReader {
    let findings: Findings
    let templates: TemplateReader

    /// - Parameter shell: the value of `shell:`, if there is one.
    func work(_ run: YAMLNode, shell: YAMLNode?, shellKey: YAMLNode?) -> Work? {
        if let elements = run.sequence {
            if let shellKey {
                findings.add(
                    "'shell' is for a text in 'run'; a list starts without one", at: shellKey)
            }
            return arguments(elements, run)
        }
        let kind = shell.flatMap(self.shell) ?? .sh
        guard let scalar = run.scalar, !run.isNull else {
            findings.add("'run' takes text or a list of texts, not \(run.described)", at: run)
            return nil
        }
        guard scalar.text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            findings.add("'run' is empty", at: run)
            return nil
        }
        refuseExpressions(run, "a script")
        refuseNUL(run, "a script")
        return .script(TemplateText.unescaped(scalar.text), shell: kind)
    }

    private func shell(_ node: YAMLNode) -> Shell? {
        guard let text = findings.literalText(node, "'shell'") else { return nil }
        switch text {
        case "sh": return .sh
        case "bash": return .bash
        case "python": return .python
        default:
            let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
            if words.isEmpty { findings.add("'shell' names a program", at: node) }
            return words.isEmpty ? nil : .program(words)
        }
    }

    private func arguments(_ elements: [YAMLNode], _ run: YAMLNode) -> Work? {
        guard let first = elements.first else {
            findings.add("'run' is an empty list; the first element is the program", at: run)
            return nil
        }
        if first.scalar?.text.isEmpty == true { findings.add("a program has a name", at: first) }
        _ = findings.hasExpression(first, "the program, which is the first element of 'run',")
        let sources = SourceArguments.places(in: elements.map { $0.scalar?.text ?? "" })
        return .arguments(
            elements.enumerated().map { place, element in
                guard element.scalar != nil, !element.isNull else {
                    findings.add(
                        "an element of 'run' is text, not \(element.described)", at: element)
                    return .literal("")
                }
                refuseNUL(element, "an argument")
                if place == 0 || sources.contains(place) {
                    if place > 0 { refuseExpressions(element, "the source text of a program") }
                    return .literal(.string(TemplateText.unescaped(element.scalar?.text ?? "")))
                }
                return templates.text(element, keepingText: true)
            })
    }

    /// Reports every expression in source text, with the way to hand its value over.
    private func refuseExpressions(_ node: YAMLNode, _ what: String) {
        for part in TemplateText.parts(of: node.scalar?.text ?? "") {
            switch part {
            case .literal: continue
            case .expression(let source, let offset):
                let name = Self.variable(for: source)
                let inner = String(
                    source.split(whereSeparator: \.isWhitespace).joined(separator: " "))
                findings.add(
                    "an expression is not pasted into \(what), where its value could run as code; "
                        + "put it in 'env' and write \"$\(name)\"",
                    at: node, offset: offset - 3, length: source.unicodeScalars.count + 5,
                    note: "env: {\(name): \"${{ \(inner) }}\"} and \"$\(name)\" in the script; a "
                        + "literal ${{ is written $${{")
            case .open(let offset):
                findings.add(
                    "'${{' begins an expression, and none is pasted into \(what); a literal ${{ is "
                        + "written $${{", at: node, offset: offset, length: 3)
            }
        }
    }

    /// A name for the variable: the last name in the expression, in upper case.
    private static func variable(for source: String) -> String {
        let path = (try? Expression.parse(source))?.references.first?.path
        let name = (path?.last?.text ?? "VALUE").uppercased()
        return String(name.map { $0 == "-" ? "_" : $0 })
    }

    private func refuseNUL(_ node: YAMLNode, _ what: String) {
        let scalars = node.scalar?.text.unicodeScalars
        if let place = scalars?.firstIndex(of: "\0"), let scalars {
            findings.add(
                "\(what) cannot hold a NUL", at: node,
                offset: scalars.distance(from: scalars.startIndex, to: place))
        }
    }
}
