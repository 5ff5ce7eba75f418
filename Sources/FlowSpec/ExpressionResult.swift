package import FlowJSON

/// What became of an expression, for machines.
package enum ExpressionResult: Sendable {
    case value(JSON)
    case error(ExpressionError)

    /// Parses and evaluates an expression in which only these contexts, and no status function,
    /// are known.
    package static func evaluating(_ source: String, contexts: JSONObject) -> ExpressionResult {
        do throws(ExpressionError) {
            let expression = try Expression.parse(
                source, contexts: contexts.keys, allowsStatus: false)
            return .value(try expression.evaluate(in: EvaluationContext(values: contexts)))
        } catch {
            return .error(error)
        }
    }

    /// `{"kind": "Number", "value": 3}` or `{"error": {"kind": "parsing", "message": …}}`.
    package var json: JSON {
        switch self {
        case .value(let value): Self.json(of: value)
        case .error(let error):
            ["error": ["kind": .string(error.kind.rawValue), "message": .string(error.message)]]
        }
    }

    /// The value with its kind: `Null Boolean Number String Array Object`.
    package static func json(of value: JSON) -> JSON {
        ["kind": .string(ExpressionValue(value).kind), "value": value]
    }
}
