internal import FlowYAML

/// Reads `if`.
struct ConditionReader {
    let findings: Findings
    let templates: TemplateReader

    func condition(_ node: YAMLNode) -> Condition? {
        guard node.scalar != nil else {
            findings.add("'if' takes an expression, not \(node.described)", at: node)
            return nil
        }
        if node.tag?.hasPrefix("!") == true, node.tag != "!" {
            findings.add(
                "YAML takes a value that begins with '!' for a tag; put the condition in quotes",
                at: node)
            return nil
        }
        return condition(PlainConditions.text(of: node, in: findings.source.bytes)) {
            findings.add($0, at: node, offset: $1, length: $2)
        }
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
