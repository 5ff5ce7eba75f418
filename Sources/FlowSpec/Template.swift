package import FlowJSON

/// A value of the file in which `${{ }}` may stand.
package indirect enum Template: Sendable {
    case literal(JSON)
    /// One whole `${{ }}`: keeps the type of what it evaluates to.
    case expression(Expression)
    /// Text with expressions inside: evaluates to a string.
    case text([Piece])
    case array([Template])
    case object([(key: String, value: Template)])

    /// A part of a text.
    package enum Piece: Sendable {
        case literal(String)
        case expression(Expression)
    }
}

extension Template {
    /// The value with every expression replaced by what it evaluates to. Costs O(size).
    package func evaluate(in context: EvaluationContext) throws(ExpressionError) -> JSON {
        switch self {
        case .literal(let value): return value
        case .expression(let expression): return try expression.evaluate(in: context)
        case .text(let pieces):
            var text = ""
            for piece in pieces {
                switch piece {
                case .literal(let literal): text += literal
                case .expression(let expression):
                    text += try expression.evaluate(in: context).expressionText
                }
            }
            return .string(text)
        case .array(let elements):
            var values: [JSON] = []
            for element in elements { values.append(try element.evaluate(in: context)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            for (key, value) in members { object[key] = try value.evaluate(in: context) }
            return .object(object)
        }
    }
}
