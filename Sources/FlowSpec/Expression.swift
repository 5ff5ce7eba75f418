package import FlowJSON

/// An expression of GitHub's language, parsed.
///
/// The language is that of the runner of GitHub Actions (`actions/runner`, `DTExpressions2`):
/// literals, operators, coercions, filters, functions without case, the same error texts.
package struct Expression: Sendable {
    /// The text between `${{` and `}}`.
    package let source: String
    /// Every read of a context, in the order of the text.
    package let references: [Reference]
    /// Every call, in the order of the text.
    package let functions: [FunctionUse]
    /// nil for a text without any token, which is null.
    private let tree: ExpressionTree?

    /// A read of a context: `needs.mine.outputs.count`.
    package struct Reference: Sendable, Hashable {
        /// A name on the path, as it is written, with its place in Unicode scalars.
        package struct Part: Sendable, Hashable {
            package let text: String
            package let offset: Int
            package let length: Int
        }

        /// The context's name and the properties read from it, as far as they are known without
        /// evaluating; never empty.
        package internal(set) var path: [Part]
        /// Whether a computed index ends the path early.
        package internal(set) var isWhole: Bool

        package var name: String { path.map(\.text).joined(separator: ".") }
    }

    /// A call of a function, with the place of its name in Unicode scalars.
    package struct FunctionUse: Sendable, Hashable {
        /// As the language spells it, whatever the case in the text.
        package let name: String
        /// Whether it is `success`, `failure`, `cancelled` or `always`.
        package let isStatus: Bool
        package let offset: Int
        package let length: Int
    }

    /// Whether the text holds a status function, without which a condition means
    /// `success() && (…)`.
    package var usesStatusFunction: Bool { functions.contains(where: \.isStatus) }

    private static let lengthLimit = 21_000

    /// Parses an expression; a blank one is null. Costs O(length).
    ///
    /// - Parameters:
    ///   - contexts: names that a named value may have, in any case; nil: every name, for whoever
    ///     looks at `references`.
    ///   - allowsStatus: whether the status functions are known here.
    /// - Throws: `ExpressionError` of kind lexing or parsing with GitHub's text.
    package static func parse(
        _ source: String, contexts: [String]? = nil, allowsStatus: Bool = true
    ) throws(ExpressionError) -> Expression {
        guard source.utf16.count <= lengthLimit else {
            throw ExpressionError(
                kind: .parsing, message: "Exceeded max expression length \(lengthLimit)")
        }
        let scalars = Array(source.unicodeScalars)
        var lexer = ExpressionLexer(scalars)
        let tokens = try lexer.run()
        var parser = ExpressionParser(
            source: scalars, contexts: contexts, allowsStatus: allowsStatus)
        let tree = try parser.run(tokens)
        return Expression(
            source: source, references: parser.references, functions: parser.functions, tree: tree)
    }

    /// The value in a context.
    ///
    /// A number that is not finite stays a `JSON.double`, which JSON text shows as null.
    /// - Throws: `ExpressionError` of kind evaluation; also where the texts and lists made on the
    ///   way come to more than 10 MiB.
    package func evaluate(in context: EvaluationContext) throws(ExpressionError) -> JSON {
        guard let tree else { return .null }
        var evaluator = ExpressionEvaluator(context: context, source: source)
        return try evaluator.value(of: tree).json
    }
}

extension JSON {
    /// The text that an expression becomes inside other text: GitHub's coercion to string, and for
    /// arrays and objects, which GitHub refuses there, compact JSON.
    package var expressionText: String {
        switch self {
        case .array, .object: text()
        default: ExpressionValue(self).text
        }
    }
}

extension JSON {
    /// Whether the value counts as true: GitHub's coercion to boolean.
    package var expressionTruth: Bool { ExpressionValue(self).isTruthy }
}
