/// Turns messages into keys: cut into pieces, name the kinds, mask what is surely a variable.
///
/// Linear in the bytes but for bounded looks ahead; no regular expression, no backtracking. Its rules
/// are habits of programs and of those who write messages; none knows a log by name.
package struct MessageLexer: Sendable {
    /// How quoted text is taken.
    package enum Quotes: Sendable {
        /// Quoted text is a variable, also with blanks in it: how errors name values.
        case masked
        /// Quoted text is a name that must show several values before it is a variable.
        case weak
    }

    /// A message's key, and for each token of it what a pattern for the message must allow.
    package struct Lexed: Sendable {
        package let key: MessageKey
        /// One byte a token: `loose` and `more`.
        let traits: [UInt8]
    }

    /// The masked text held blanks or was empty.
    static let loose: UInt8 = 1
    /// After this token text was left out (a repetition, the end of an overlong message).
    static let more: UInt8 = 2

    /// A blank before it that is not one space.
    static let wide: UInt8 = 4
    /// The masked text between quotes holds a quote of that kind itself.
    static let quote: UInt8 = 8

    /// A blank before it that a pattern's `\s` does not match.
    static let control: UInt8 = 16

    /// Bytes of a message that are looked at; the rest is as if it were one more variable.
    package static let longest = 2048
    static let mostTokens = 200

    struct Token {
        var kind: MessageKey.Kind
        /// The bytes of the message that the text is; for a masked token those it stands for.
        var start: Int
        var end: Int
        let space: Bool
        var traits: UInt8 = 0
        var length: Int { end - start }
    }

    let quotes: Quotes
    private let words = Words.standard
    private var pieces: [MessagePieces.Piece] = []
    private var tokens: [Token] = []
    private var collapsed: [Token] = []

    package init(quotes: Quotes) { self.quotes = quotes }

    /// The key of one message.
    /// - Parameter isCut: whether it went on.
    package mutating func lex(_ message: String, isCut: Bool = false) -> Lexed {
        var message = message
        return message.withUTF8 { lex($0, isCut: isCut) }
    }

    /// The key of one message, given as its bytes.
    package mutating func lex(_ message: UnsafeBufferPointer<UInt8>, isCut: Bool = false) -> Lexed {
        let bytes = UnsafeBufferPointer(rebasing: message.prefix(Self.longest))
        read(bytes)
        TokenNeighbours.mask(&tokens, bytes, words)
        shorten(bytes)
        if isCut || message.count >= Self.longest || tokens.count > Self.mostTokens { cut() }
        return packed(bytes)
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        MessagePieces.cut(bytes, into: &pieces)
        tokens.removeAll(keepingCapacity: true)
        TokenReader.read(bytes, pieces, quotes, words, into: &tokens)
    }

    private mutating func shorten(_ bytes: UnsafeBufferPointer<UInt8>) {
        TokenRuns.collapse(tokens, bytes, into: &collapsed)
        TokenRuns.removeRepeats(collapsed, bytes, into: &tokens)
    }

    /// The end of an overlong message; a word that may be cut in its middle goes too.
    private mutating func cut() {
        tokens.removeLast(max(0, tokens.count - Self.mostTokens))
        if tokens.count > 1, tokens[tokens.count - 1].kind != .sure { tokens.removeLast() }
        if !tokens.isEmpty { tokens[tokens.count - 1].traits |= Self.more }
    }

    private func packed(_ bytes: UnsafeBufferPointer<UInt8>) -> Lexed {
        var key: [UInt8] = []
        key.reserveCapacity(bytes.count + 3 * tokens.count)
        var traits: [UInt8] = []
        traits.reserveCapacity(tokens.count)
        for (place, token) in tokens.enumerated() {
            let length = token.kind == .sure ? 0 : token.length
            key.append(UInt8(truncatingIfNeeded: length >> 8))
            key.append(UInt8(truncatingIfNeeded: length))
            key.append(token.kind.rawValue | (token.space && place > 0 ? 8 : 0))
            if length > 0 { key += bytes[token.start..<token.end] }
            traits.append(token.traits | trait(bytes, place))
        }
        return Lexed(key: MessageKey(packed: key), traits: traits)
    }

    private func trait(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> UInt8 {
        let token = tokens[place]
        var trait: UInt8 = 0
        if token.space, place > 0 { trait |= blankTrait(bytes, before: token.start) }
        guard token.kind != .mark, token.kind != .word else { return trait }
        trait |= heldTrait(bytes, token)
        if token.end < bytes.count, token.start > 0 {
            let text = bytes[token.start..<token.end]
            if text.contains(bytes[token.start - 1]) || text.contains(bytes[token.end]) {
                trait |= Self.quote
            }
        }
        return trait
    }

    private func blankTrait(_ bytes: UnsafeBufferPointer<UInt8>, before at: Int) -> UInt8 {
        var end = at
        // the sign of a number belongs to no token
        while end > 0, !MessagePieces.isBlank(bytes[end - 1]) { end -= 1 }
        var start = end
        var trait: UInt8 = 0
        while start > 0, MessagePieces.isBlank(bytes[start - 1]) {
            start -= 1
            if bytes[start] != 0x20 { trait |= Self.wide }
            if bytes[start] == 0x0B || bytes[start] >= 0x1C && bytes[start] < 0x20 {
                trait |= Self.control
            }
        }
        return end - start > 1 ? trait | Self.wide : trait
    }

    /// Whether the masked text holds blanks. The raw text of a placeholder may hold anything.
    private func heldTrait(_ bytes: UnsafeBufferPointer<UInt8>, _ token: Token) -> UInt8 {
        if token.length == 0 { return Self.loose }
        var trait: UInt8 = 0
        for at in token.start..<token.end {
            if PrivacyMask.placeholderEnd(bytes, at) > at { return Self.loose | Self.quote }
            if MessagePieces.isBlank(bytes[at]) || isUnicodeBlank(bytes, at) { trait = Self.loose }
        }
        return trait
    }

    /// Blanks beyond ASCII: part of a word here, but Python's `\S` does not match them.
    private func isUnicodeBlank(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
        guard bytes[at] >= 0xC2, at + 1 < bytes.count else { return false }
        let next = bytes[at + 1]
        switch bytes[at] {
        case 0xC2: return next == 0x85 || next == 0xA0
        case 0xE1: return next == 0x9A
        case 0xE2: return next == 0x80 || next == 0x81
        case 0xE3: return next == 0x80
        default: return false
        }
    }
}

extension MessageLexer {
    /// The parts of a message that are masked, each with the reason: the stage that masked it first.
    mutating func masks(_ message: String) -> [MessageExplanation.Masked] {
        var message = message
        return message.withUTF8 { bytes in
            let bytes = UnsafeBufferPointer(rebasing: bytes.prefix(Self.longest))
            read(bytes)
            let first = tokens
            TokenNeighbours.mask(&tokens, bytes, words)
            let second = tokens
            shorten(bytes)
            return tokens.enumerated().compactMap { place, token in
                guard token.kind == .sure || token.kind == .pair || token.kind == .quoted else {
                    return nil
                }
                let text = String(decoding: bytes[token.start..<token.end], as: UTF8.self)
                func isMasked(_ list: [Token]) -> Bool {
                    list.contains {
                        $0.kind == token.kind && $0.start == token.start && $0.end == token.end
                    }
                }
                let reason =
                    isMasked(first)
                    ? reason(place, bytes)
                    : isMasked(second) ? "by what stands beside it" : "a list of variables is one"
                return MessageExplanation.Masked(text: text, reason: reason)
            }
        }
    }

    /// Why the reader masked a token.
    private func reason(_ place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let before = place > 0 ? bytes[tokens[place - 1].start] : 0
        if place > 0, tokens[place - 1].kind == .mark, !tokens[place].space {
            switch before {
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), 0xC2, 0xE2:
                return "in quotes"
            case UInt8(ascii: "="): return "after ="
            case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "<"):
                if tokens[place].end - tokens[place].start > 1 { return "a list or an object" }
            default: break
            }
        }
        let text = bytes[tokens[place].start..<tokens[place].end]
        return text.contains(where: MessagePieces.isDigit)
            ? "it has a digit" : "it looks like a path, an address or a value"
    }
}
