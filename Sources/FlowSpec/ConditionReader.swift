internal import FlowYAML

/// Reads `if`.
struct ConditionReader {
    let findings: Findings
    let templates: TemplateReader

    func condition(_ node: YAMLNode) -> Condition? {
        guard let scalar = node.scalar else {
            findings.add("'if' takes an expression, not \(node.described)", at: node)
            return nil
        }
        if let source = tagged(node, scalar) {
            // The text is as it was written, so places in it are places in the file.
            return condition(source) { message, offset, length in
                findings.add(
                    message, line: node.start.line, column: node.start.column + offset,
                    length: length)
            }
        }
        return condition(scalar.text) { message, offset, length in
            findings.add(message, at: node, offset: offset, length: length)
        }
    }

    /// `!cancelled()` without quotes, which YAML reads as a tag.
    private func tagged(_ node: YAMLNode, _ scalar: YAMLScalar) -> String? {
        guard let tag = node.tag, tag.hasPrefix("!"), scalar.isPlain || scalar.text.isEmpty else {
            return nil
        }
        let bytes = findings.source.bytes[
            node.start.offset..<max(node.start.offset, node.end.offset)]
        let written = String(decoding: bytes, as: UTF8.self)
        return written.hasPrefix("!") && !written.contains("\n") ? written : tag
    }

    private typealias Report = (_ message: String, _ offset: Int, _ length: Int) -> Void

    private func condition(_ text: String, _ report: Report) -> Condition? {
        let blank = { (text: String) in
            text.unicodeScalars.allSatisfy { $0.properties.isWhitespace }
        }
        var source = text
        var start = 0
        let parts = TemplateText.parts(of: text).filter {
            if case .literal(let literal) = $0 { !blank(literal) } else { true }
        }
        switch (parts.first, parts.count) {
        case (.expression(let inner, let offset)?, 1): (source, start) = (inner, offset)
        case (.open(let offset)?, 1):
            report("the expression has no closing }}", offset, 3)
            return nil
        default:
            if let place = TemplateText.firstExpression(in: text) {
                report(
                    "'if' is one expression; put all of it inside ${{ }}, or leave the marks away",
                    place, 3)
                return nil
            }
        }
        if blank(source) {
            report("'if' is empty", 0, max(1, text.unicodeScalars.count))
            return nil
        }
        let expression = templates.expression(source) { report($0, start + $1, $2) }
        return expression.map {
            Condition(expression: $0, usesStatusFunction: $0.usesStatusFunction)
        }
    }
}
