package import FlowJSON

/// An expression of GitHub's language, parsed.
package struct Expression: Sendable {
    /// The text between `${{` and `}}`.
    package let source: String

    package func evaluate(in context: EvaluationContext) throws(ExpressionError) -> JSON { .null }
}

/// A text that is no expression, or one that cannot be evaluated.
package struct ExpressionError: Error, Hashable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}

extension JSON {
    /// The text that an expression becomes inside other text, by GitHub's coercion to string.
    package var expressionText: String { stringValue ?? text() }
}

extension ExpressionError {
    /// An error of evaluation that is not of the language itself.
    package init(evaluation message: String) { self.init(message: message) }
}

extension JSON {
    /// Whether the value counts as true, by GitHub's coercion to boolean.
    package var expressionTruth: Bool { self == true }
}
