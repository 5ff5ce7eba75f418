internal import FlowJSON

/// One piece of an expression's text.
struct ExpressionToken: Sendable {
    enum Kind: Sendable, Equatable {
        case open, close, openIndex, closeIndex, comma, dot, star, not
        case binary(BinaryOperator)
        case literal(JSON)
        /// A named value, a function's name or, after a dot, a property.
        case name
    }

    let kind: Kind
    let text: String
    /// Unicode scalars from the start.
    let offset: Int

    var length: Int { text.unicodeScalars.count }
}

enum BinaryOperator: String, Sendable {
    case or = "||"
    case and = "&&"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// The higher binds the tighter; operators of one precedence group from the left.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and: 2
        case .equal, .notEqual: 3
        case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
        }
    }
}

/// Cuts an expression's text into tokens, as GitHub's lexer does.
struct ExpressionLexer {
    private let source: [Unicode.Scalar]
    private var at = 0
    private var tokens: [ExpressionToken] = []

    init(_ source: [Unicode.Scalar]) { self.source = source }

    /// - Throws: for a symbol that no token begins with, a number that is none, an open string.
    mutating func run() throws(ExpressionError) -> [ExpressionToken] {
        while at < source.count {
            if Self.isBlank(source[at]) {
                at += 1
            } else {
                try token()
            }
        }
        return tokens
    }

    private mutating func token() throws(ExpressionError) {
        switch source[at] {
        case "(": add(.open, 1)
        case ")": add(.close, 1)
        case "[": add(.openIndex, 1)
        case "]": add(.closeIndex, 1)
        case ",": add(.comma, 1)
        case "*": add(.star, 1)
        case "!": isFollowed(by: "=") ? add(.binary(.notEqual), 2) : add(.not, 1)
        case "<": isFollowed(by: "=") ? add(.binary(.lessOrEqual), 2) : add(.binary(.less), 1)
        case ">": isFollowed(by: "=") ? add(.binary(.greaterOrEqual), 2) : add(.binary(.greater), 1)
        case "=" where isFollowed(by: "="): add(.binary(.equal), 2)
        case "&" where isFollowed(by: "&"): add(.binary(.and), 2)
        case "|" where isFollowed(by: "|"): add(.binary(.or), 2)
        case "'": try string()
        case "." where endsValue: add(.dot, 1)
        case ".", "-", "+", "0"..."9": try number()
        default: try name()
        }
    }

    private func isFollowed(by scalar: Unicode.Scalar) -> Bool {
        at + 1 < source.count && source[at + 1] == scalar
    }

    /// Whether a dot here reads a property and does not begin a number.
    private var endsValue: Bool {
        switch tokens.last?.kind {
        case .name, .close, .closeIndex, .star: true
        default: false
        }
    }

    private mutating func add(_ kind: ExpressionToken.Kind, _ length: Int) {
        tokens.append(ExpressionToken(kind: kind, text: text(length), offset: at))
        at += length
    }

    private func text(_ length: Int) -> String {
        // Writing the bytes takes a tenth of the time that a string made of scalars takes.
        String(unsafeUninitializedCapacity: 4 * length) { buffer in
            var count = 0
            for scalar in source[at..<at + length] {
                for byte in scalar.utf8 {
                    buffer[count] = byte
                    count += 1
                }
            }
            return count
        }
    }

    private func unexpected(_ length: Int) -> ExpressionError {
        .located(
            .lexing, "Unexpected symbol",
            ExpressionToken(kind: .name, text: text(length), offset: at), in: source)
    }

    /// The scalars from here to a place where any token ends.
    private func length(pastDots: Bool) -> Int {
        var end = at + 1
        while end < source.count, !isBoundary(source[end]) || (pastDots && source[end] == ".") {
            end += 1
        }
        return end - at
    }

    private func isBoundary(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "(", "[", ")", "]", ",", ".", "!", ">", "<", "=", "&", "|": true
        default: Self.isBlank(scalar)
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            ? scalar == " " || (9...13).contains(scalar.value) : scalar.properties.isWhitespace
    }

    private mutating func number() throws(ExpressionError) {
        let length = length(pastDots: true)
        let value = ExpressionNumber.parse(text(length))
        guard !value.isNaN else { throw unexpected(length) }
        add(.literal(ExpressionNumber.json(value)), length)
    }

    private mutating func string() throws(ExpressionError) {
        var value = String.UnicodeScalarView()
        var end = at + 1
        while end < source.count {
            if source[end] == "'" {
                end += 1
                guard end < source.count, source[end] == "'" else {
                    return add(.literal(.string(String(value))), end - at)
                }
            }
            value.append(source[end])
            end += 1
        }
        throw unexpected(source.count - at)
    }

    private mutating func name() throws(ExpressionError) {
        let length = length(pastDots: false)
        let text = text(length)
        guard Self.isName(text) else { throw unexpected(length) }
        if tokens.last?.kind == .dot { return add(.name, length) }
        switch text {
        case "null": add(.literal(.null), length)
        case "true": add(.literal(true), length)
        case "false": add(.literal(false), length)
        case "NaN": add(.literal(.double(.nan)), length)
        case "Infinity": add(.literal(.double(.infinity)), length)
        default: add(.name, length)
        }
    }

    /// Whether a text is a legal name: `[A-Za-z_][A-Za-z0-9_-]*`.
    static func isName(_ text: String) -> Bool {
        for (place, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                if place == 0 { return false }
            default: return false
            }
        }
        return !text.isEmpty
    }
}
