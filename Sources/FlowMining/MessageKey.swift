/// What is left of a message when the sure variables are masked: equal keys are equal messages.
///
/// A key is a sequence of tokens packed in bytes (two bytes of text length, one of kind and blank,
/// the text), so that a set of millions is cheap to hash, to compare and to merge.
package struct MessageKey: Sendable, Hashable, Comparable {
    /// What a token of a message is.
    enum Kind: UInt8, Sendable {
        /// Masked: a number, an id, an address, a path.
        case sure
        /// A name by its looks; a variable if it turns out to take several values.
        case weak
        /// The value after `name=` or `name:`.
        case pair
        case word
        /// Punctuation.
        case mark
        /// What stands in quotes, in a list or in an object as programs print one: a value.
        case quoted
        /// What stands for many texts of one column, which is a variable whatever else comes.
        case many
        /// What stands for all that follows where messages have a beginning in common.
        case rest

        /// Whether it is written as the mask alone.
        var isMasked: Bool { self == .sure || self == .many || self == .rest }
    }

    /// One token as the grouping sees it; a masked one has the text `<*>`.
    struct Token: Sendable, Hashable {
        let kind: Kind
        let text: String
        /// Whether a blank stood before it.
        let blank: Bool
    }

    /// The text of every masked token.
    static let mask = "<*>"

    let packed: [UInt8]

    /// - Parameter packed: well formed, as the lexer makes it.
    init(packed: [UInt8]) { self.packed = packed }

    /// Packed bytes from outside; nil where their lengths do not fit.
    init?(_ packed: [UInt8]) {
        var at = 0
        while at + 3 <= packed.count {
            at += 3 + (Int(packed[at]) << 8 | Int(packed[at + 1]))
        }
        guard at == packed.count else { return nil }
        self.packed = packed
    }

    package static func < (one: MessageKey, other: MessageKey) -> Bool {
        one.packed.lexicographicallyPrecedes(other.packed)
    }

    /// The tokens, in order.
    var tokens: [Token] {
        var result: [Token] = []
        var at = 0
        while at + 3 <= packed.count {
            let length = Int(packed[at]) << 8 | Int(packed[at + 1])
            let kind = Kind(rawValue: packed[at + 2] & 7) ?? .mark
            let blank = packed[at + 2] & 8 != 0
            let text = packed[(at + 3)..<(at + 3 + length)]
            result.append(
                Token(
                    kind: kind,
                    text: kind.isMasked ? Self.mask : String(decoding: text, as: UTF8.self),
                    blank: blank))
            at += 3 + length
        }
        return result
    }
}
