/// A text that is no expression, or an expression that cannot be evaluated.
package struct ExpressionError: Error, Hashable, CustomStringConvertible {
    /// The stage that found it, by the word that machine-readable output uses.
    package enum Kind: String, Sendable, Hashable {
        case lexing, parsing, evaluation
        /// It reads what is not known yet, which the message names.
        case unknown
    }

    package let kind: Kind
    /// GitHub's exact text, with its place in the expression where GitHub says one.
    package let message: String
    /// Unicode scalars from the start of the expression; nil where it has no one place.
    package let offset: Int?
    /// Unicode scalars of the offending piece; 0 where there is none.
    package let length: Int

    package init(kind: Kind, message: String, offset: Int? = nil, length: Int = 0) {
        self.kind = kind
        self.message = message
        self.offset = offset
        self.length = length
    }

    package var description: String { message }
}

extension ExpressionError {
    /// `Unexpected symbol: ')'. Located at position 5 within expression: 1 < )`
    ///
    /// The position counts UTF-16 units from 1, as GitHub's does.
    static func located(
        _ kind: Kind, _ what: String, _ token: ExpressionToken, in source: [Unicode.Scalar]
    ) -> ExpressionError {
        let position = source[..<token.offset].reduce(1) { $0 + UTF16.width($1) }
        return ExpressionError(
            kind: kind,
            message:
                "\(what): '\(token.text)'. Located at position \(position) within expression: "
                + String(source),
            offset: token.offset, length: token.length)
    }

    static func evaluation(_ message: String) -> ExpressionError {
        ExpressionError(kind: .evaluation, message: message)
    }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        self.init(String.UnicodeScalarView(scalars))
    }
}
