internal import FlowJSON
internal import FlowYAML

/// Reads values in which expressions may stand, and checks every expression at its place.
struct TemplateReader {
    let findings: Findings
    let scope: Scope

    /// The template of a value; what is wrong in it is reported, and null takes its place.
    func template(_ node: YAMLNode) -> Template {
        switch node.value {
        case .scalar(let scalar):
            guard scalar.text.utf8.contains(UInt8(ascii: "{")) else {
                return .literal(findings.json(node) ?? .null)
            }
            return text(node)
        case .sequence(let elements):
            let templates = elements.map(template)
            let literals = templates.compactMap(\.literalValue)
            return literals.count == templates.count
                ? .literal(.array(literals)) : .array(templates)
        case .mapping(let members): return object(members)
        }
    }

    private func object(_ members: [(key: YAMLNode, value: YAMLNode)]) -> Template {
        let templates = members.map { member in
            _ = findings.hasExpression(member.key, "a key")
            return (key: member.key.scalar?.text ?? "", value: template(member.value))
        }
        let literals = templates.compactMap { member in
            member.value.literalValue.map { (member.key, $0) }
        }
        return literals.count == templates.count
            ? .literal(.object(JSONObject(literals))) : .object(templates)
    }

    /// The template of a scalar that stays text where it is literal: `5` is "5".
    func text(_ node: YAMLNode, keepingText: Bool = false) -> Template {
        let text = node.scalar?.text ?? ""
        let parts = TemplateText.parts(of: text)
        var pieces: [Template.Piece] = []
        for part in parts {
            switch part {
            case .literal(let literal): pieces.append(.literal(literal))
            case .expression(let source, let offset):
                guard let expression = expression(source, at: offset, of: node) else {
                    return .literal(.null)
                }
                pieces.append(.expression(expression))
            case .open(let offset):
                findings.add(
                    "the expression has no closing }}", at: node, offset: offset, length: 3,
                    note: "a literal ${{ is written $${{")
                return .literal(.null)
            }
        }
        switch (pieces.first, pieces.count) {
        case (.expression(let expression)?, 1): return .expression(expression)
        case (.literal(let literal)?, 1):
            return literal == text && !keepingText
                ? .literal(findings.json(node) ?? .null) : .literal(.string(literal))
        case (nil, _): return .literal(keepingText ? "" : findings.json(node) ?? .null)
        default: return .text(pieces)
        }
    }

    /// An expression that begins at a place in a scalar's text; nil where it is wrong.
    private func expression(_ source: String, at offset: Int, of node: YAMLNode) -> Expression? {
        guard source.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            findings.add(
                "an expression is missing here", at: node, offset: offset - 3,
                length: 5 + source.unicodeScalars.count)
            return nil
        }
        return expression(source) { message, place, length in
            findings.add(message, at: node, offset: offset + place, length: length)
        }
    }

    /// An expression; nil where it is wrong.
    ///
    /// - Parameter report: what is wrong and where in the source, in Unicode scalars.
    func expression(
        _ source: String, _ report: (_ message: String, _ offset: Int, _ length: Int) -> Void
    ) -> Expression? {
        do throws(ExpressionError) {
            let expression = try Expression.parse(source)
            scope.check(expression, report)
            return expression
        } catch {
            let message = error.message.split(separator: ". Located at", maxSplits: 1).first
            report(
                "the expression cannot be read: \(message.map(String.init) ?? error.message)"
                    + Self.hint(for: error, in: source), error.offset ?? 0, max(1, error.length))
            return nil
        }
    }

    /// What people mean who write a symbol that the language has not.
    private static func hint(for error: ExpressionError, in source: String) -> String {
        guard error.length < 2 || source.unicodeScalars.dropFirst(error.offset ?? 0).first == "\"",
            let offset = error.offset,
            let symbol = source.unicodeScalars.dropFirst(offset).first
        else { return "" }
        switch symbol {
        case "+", "-", "*", "/", "%": return "; there is no arithmetic in expressions"
        case "\"": return "; text stands in single quotes"
        case "=": return "; two values are compared with =="
        case "&", "|": return "; conditions are joined with && and ||"
        case "$", "{", "}": return "; no ${{ stands within an expression"
        default: return ""
        }
    }
}

extension Template {
    /// The value of a template without expressions.
    var literalValue: JSON? { if case .literal(let value) = self { value } else { nil } }

    /// Whether nothing in it must be evaluated.
    package var isLiteral: Bool { if case .literal = self { true } else { false } }
}
