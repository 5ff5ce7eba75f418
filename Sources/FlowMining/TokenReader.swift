/// Pieces to tokens: atoms get their kind by their characters; what stands in quotes, after `=`, in
/// braces or in a list becomes one token.
struct TokenReader {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    let bytes: Bytes
    let pieces: [MessagePieces.Piece]
    let quotes: MessageLexer.Quotes
    let words: Words
    var tokens: [MessageLexer.Token]
    var at = 0
    var space = false

    static func read(
        _ bytes: Bytes, _ pieces: [MessagePieces.Piece], _ quotes: MessageLexer.Quotes,
        _ words: Words, into tokens: inout [MessageLexer.Token]
    ) {
        var reader = TokenReader(
            bytes: bytes, pieces: pieces, quotes: quotes, words: words, tokens: tokens)
        tokens = []
        while reader.at < pieces.count { reader.step() }
        tokens = reader.tokens
    }

    private mutating func step() {
        let piece = pieces[at]
        if piece.shape == .blank {
            space = true
            at += 1
            return
        }
        let afterMark = tokens.last.map { $0.kind == .mark } ?? true
        if isMark(at), let close = closing(at), space || afterMark {
            if takeQuoted(close) { return }
        } else if tokens.count > 1, !space, isEqualsSign(tokens[tokens.count - 1]),
            tokens[tokens.count - 2].kind != .mark
        {
            if takeValue() { return }
        } else if takesSign(piece) {
            at += 1
            return
        } else if isMark(at), space || afterMark || !isMark(at, UInt8(ascii: "(")),
            let end = dataEnd(at)
        {
            return takeData(end)
        }
        takePiece(piece)
    }

    private mutating func takePiece(_ piece: MessagePieces.Piece) {
        var kind = PieceKind.of(piece, bytes, words)
        if kind == .weak, at + 1 < pieces.count, isMark(at + 1, UInt8(ascii: "(")) {
            kind = .word
        }
        append(kind, piece.start, piece.end)
        at += 1
    }

    private mutating func append(_ kind: MessageKey.Kind, _ start: Int, _ end: Int) {
        tokens.append(.init(kind: kind, start: start, end: end, space: space))
        space = false
    }

    /// Pieces `from..<to`, which may be none, as one token: masked where one of them is surely a
    /// variable.
    private mutating func appendOne(_ from: Int, _ to: Int, else weak: MessageKey.Kind) {
        var sure = false
        for place in from..<to where PieceKind.of(pieces[place], bytes, words) == .sure {
            sure = true
        }
        append(sure ? .sure : weak, pieces[from - 1].end, pieces[to - 1].end)
    }

    // MARK: quotes

    private mutating func takeQuoted(_ close: [UInt8]) -> Bool {
        let masked = quotes == .masked
        let limit = min(at + (masked ? 400 : 40), pieces.count)
        var end = at + 1
        var blanks = false
        while end < limit, !isClosing(end, close) {
            if pieces[end].shape == .blank { blanks = true }
            end += 1
        }
        guard end < limit else { return false }
        guard masked || !blanks || isWhole(at, end) else { return false }
        append(.mark, pieces[at].start, pieces[at].end)
        if masked, !isCode(at, end) {
            append(.sure, pieces[at].end, pieces[end].start)
        } else {
            appendOne(at + 1, end, else: masked ? .weak : .quoted)
        }
        append(.mark, pieces[end].start, pieces[end].end)
        at = end + 1
        return true
    }

    /// Whether pieces `open` and `close` quote a value with blanks in it: what follows is no word, so
    /// that they are no apostrophes, and what they hold is no HTTP request line (RFC 9112), whose
    /// method says what was asked.
    private func isWhole(_ open: Int, _ close: Int) -> Bool {
        let after = pieces[close].end
        if after < bytes.count, MessagePieces.isWordByte(bytes[after]) { return false }
        let first = pieces[open + 1]
        return close - open < 4
            || !words.methods.contains(PackedWord(bytes, first.start, first.end))
    }

    /// Whether what pieces `open` and `close` quote is the name of a part of the program rather than
    /// a value: one compound identifier or a call, in double quotes.
    private func isCode(_ open: Int, _ close: Int) -> Bool {
        guard bytes[pieces[open].start] == UInt8(ascii: "\"") else { return false }
        var compound = false
        for at in pieces[open].end..<pieces[close].start {
            switch bytes[at] {
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "("): compound = true
            case UInt8(ascii: ")"), UInt8(ascii: "$"): continue
            case let byte where MessagePieces.isLetter(byte): continue
            default: return false
            }
        }
        return compound
    }

    /// What may close the quote that piece `place` opens; nil for no quote.
    private func closing(_ place: Int) -> [UInt8]? {
        let piece = pieces[place]
        switch bytes[piece.start] {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return [bytes[piece.start]]
        case UInt8(ascii: "`") where quotes == .masked: return [0x60, 0x27]
        // the last byte of ’, ” and »
        case 0xE2 where piece.end == piece.start + 3 && bytes[piece.start + 2] == 0x98:
            return [0x99]
        case 0xE2 where piece.end == piece.start + 3 && bytes[piece.start + 2] == 0x9C:
            return [0x9D]
        case 0xC2 where piece.end == piece.start + 2 && bytes[piece.start + 1] == 0xAB:
            return [0xBB]
        default: return nil
        }
    }

    /// A closing quote; where quotes are masked, one inside a word does not close.
    private func isClosing(_ place: Int, _ close: [UInt8]) -> Bool {
        let piece = pieces[place]
        guard piece.shape == .mark, close.contains(bytes[piece.end - 1]) else { return false }
        guard quotes == .masked, piece.end < bytes.count else { return true }
        return !MessagePieces.isWordByte(bytes[piece.end])
            || bytes[piece.end] >= 0x80
    }

    // MARK: values and brackets

    /// The value after an attached `=`: to a blank or a separator outside brackets.
    private mutating func takeValue() -> Bool {
        var stack: [UInt8] = []
        let limit = min(pieces.count, at + 60)
        var end = at
        var found = false
        while end < limit {
            if let last = stack.last, isMark(end, last) {
                stack.removeLast()
            } else if let close = Self.closing(of: markByte(end)) {
                stack.append(close)
            } else if stack.isEmpty, pieces[end].shape == .blank || Self.separates(markByte(end)) {
                found = true
                break
            }
            end += 1
        }
        if !found, !stack.isEmpty || pieces.count > at + 60 { return false }
        guard end > at else { return false }
        appendOne(at, end, else: .pair)
        at = end
        return true
    }

    private static func separates(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")"), UInt8(ascii: "]"),
            UInt8(ascii: "}"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static func closing(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "<"): UInt8(ascii: ">")
        default: nil
        }
    }

    /// Where the data end that piece `open` opens: an object in braces, a list, a tuple of quoted
    /// values, `<Name at 0x7f…>`; nil for punctuation.
    private func dataEnd(_ open: Int) -> Int? {
        let opening = markByte(open)
        guard let close = Self.closing(of: opening),
            let (end, comma) = matching(open, opening, close)
        else { return nil }
        let first = open + 1 < pieces.count ? markByte(open + 1) : 0
        let isQuoted = first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
        switch opening {
        case UInt8(ascii: "{"): return end
        case UInt8(ascii: "["): return comma || isQuoted || end == open + 1 ? end : nil
        case UInt8(ascii: "("): return comma && isQuoted ? end : nil
        default:
            let isNamed = MessagePieces.isLetter(bytes[pieces[open + 1].start])
            return isNamed && end > open + 2 && end < open + 80 ? end : nil
        }
    }

    /// The piece that closes what piece `open` opens, and whether a comma stands between.
    private func matching(_ open: Int, _ opening: UInt8, _ closing: UInt8) -> (Int, Bool)? {
        var depth = 0
        var comma = false
        for end in open..<min(pieces.count, open + 400) {
            let byte = markByte(end)
            if byte == opening { depth += 1 }
            if byte == closing { depth -= 1 }
            if byte == UInt8(ascii: ",") { comma = true }
            if depth == 0 { return (end, comma) }
        }
        return nil
    }

    private mutating func takeData(_ end: Int) {
        append(.mark, pieces[at].start, pieces[at].end)
        appendOne(at + 1, end, else: .quoted)
        append(.mark, pieces[end].start, pieces[end].end)
        at = end + 1
    }

    /// `<1 sec`, `~5`: the sign is part of the number that follows.
    private func takesSign(_ piece: MessagePieces.Piece) -> Bool {
        let byte = bytes[piece.start]
        guard byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "~"),
            piece.shape != .secret, piece.end < bytes.count
        else { return false }
        return MessagePieces.isDigit(bytes[piece.end])
    }

    // MARK: looking at pieces

    private func isMark(_ place: Int) -> Bool { pieces[place].shape == .mark }

    private func isMark(_ place: Int, _ byte: UInt8) -> Bool { markByte(place) == byte }

    /// The byte of a mark that is one byte long, the sign of a number included; 0 for anything else.
    private func markByte(_ place: Int) -> UInt8 {
        let piece = pieces[place]
        let isMark = piece.shape == .mark || piece.shape == .sign
        return isMark && piece.end == piece.start + 1 ? bytes[piece.start] : 0
    }

    private func isByte(_ token: MessageLexer.Token, _ byte: Unicode.Scalar) -> Bool {
        token.kind != .sure && token.length == 1 && UInt32(bytes[token.start]) == byte.value
    }

    private func isEqualsSign(_ token: MessageLexer.Token) -> Bool { isByte(token, "=") }
}

/// What one piece is by its characters alone.
enum PieceKind {
    static func of(
        _ piece: MessagePieces.Piece, _ bytes: UnsafeBufferPointer<UInt8>, _ words: Words
    ) -> MessageKey.Kind {
        switch piece.shape {
        case .address, .url, .secret: return .sure
        case .mark, .blank, .sign: return .mark
        case .atom: return ofAtom(bytes, piece.start, piece.end, words)
        }
    }

    private static func ofAtom(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ words: Words
    ) -> MessageKey.Kind {
        var letters = false
        var backslash = false
        var slashes = 0
        var dot = -1
        var at = -1
        for place in start..<end {
            let byte = bytes[place]
            if MessagePieces.isDigit(byte) { return .sure }
            if MessagePieces.isLetter(byte) || byte >= 0x80 { letters = true }
            switch byte {
            case UInt8(ascii: "\\"): backslash = true
            case UInt8(ascii: "/"): slashes += 1
            case UInt8(ascii: "."): dot = place
            case UInt8(ascii: "@"): at = place
            default: break
            }
        }
        guard letters else { return .mark }
        let first = bytes[start]
        if backslash || slashes > 1 || first == UInt8(ascii: "/") || first == UInt8(ascii: "~")
            || first == UInt8(ascii: ".")
        {
            return .sure
        }
        if at >= 0 { return dot > at ? .sure : .weak }
        if dot >= 0, !StateWords.endsInFailure(bytes, start, end) {
            let zone = PackedWord(lowercase: bytes, dot + 1, end)
            if words.files.contains(zone) { return .sure }
            return slashes == 0 && words.domains.contains(zone) ? .sure : .weak
        }
        return slashes > 0 ? .weak : .word
    }
}
