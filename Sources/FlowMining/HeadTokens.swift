/// The fields at the front of a log line: words and bracketed groups.
struct HeadTokens {
    struct Token {
        /// Without brackets and without the colon after it.
        let text: String
        let bracketed: Bool
        let colon: Bool
        /// Whether a tab or `|` follows: fields of a table.
        let isField: Bool

        var level: Level? {
            if let level = Level(word: text) { return level }
            guard let colon = text.lastIndex(of: ":") else { return nil }
            return Level(word: text[text.index(after: colon)...])
        }

        /// `core` of `core:error`.
        var module: String {
            guard Level(word: text) == nil, let colon = text.lastIndex(of: ":") else { return "" }
            return String(text[..<colon])
        }

        /// Whether something besides its letters says that a word is a level.
        var isMarked: Bool { bracketed || colon || isField || (isUpper && text.utf8.count > 3) }
        var isUpper: Bool {
            text.utf8.count > 1 && text.utf8.allSatisfy { $0 &- 0x41 < 26 }
        }
        var isNumber: Bool { !text.isEmpty && text.utf8.allSatisfy(MessagePieces.isDigit) }
        /// A process: `4711`, nginx's `12#12` and `*1`.
        var isProcess: Bool {
            let first = text.utf8.first ?? 0
            return (MessagePieces.isDigit(first) || first == UInt8(ascii: "*"))
                && text.utf8.dropFirst().allSatisfy {
                    MessagePieces.isDigit($0) || $0 == UInt8(ascii: "#")
                }
        }
        var isSeparator: Bool { text.utf8.allSatisfy { "-|:".utf8.contains($0) } }
        var isPlain: Bool { !bracketed && !text.isEmpty }
    }

    var cursor: ByteCursor

    init(_ line: ArraySlice<UInt8>) { cursor = ByteCursor(line) }

    mutating func next() -> Token? {
        cursor.skipBlanks()
        guard let first = cursor.next else { return nil }
        if let close = Self.closing(first) { return group(close) }
        let start = cursor.at
        while let byte = cursor.next, byte != 0x20, byte != 0x09, byte != UInt8(ascii: "|") {
            cursor.at += 1
        }
        if cursor.at == start { cursor.at += 1 }
        var end = cursor.at
        let colon = end > start + 1 && cursor.bytes[end - 1] == UInt8(ascii: ":")
        if colon { end -= 1 }
        // the end of `[2026-11-20T02:00:00Z ERROR app]`
        if end > start + 1, cursor.bytes[end - 1] == UInt8(ascii: "]"),
            !cursor.bytes[start..<end].contains(UInt8(ascii: "["))
        {
            end -= 1
        }
        return token(start, end, bracketed: false, colon: colon)
    }

    private mutating func group(_ close: UInt8) -> Token? {
        let start = cursor.at + 1
        let limit = min(cursor.bytes.endIndex, start + 120)
        guard start < limit, let end = cursor.bytes[start..<limit].firstIndex(of: close) else {
            return nil
        }
        cursor.at = end + 1
        let colon = cursor.skip(":")
        var (from, to) = (start, end)
        while from < to, cursor.bytes[from] == 0x20 { from += 1 }
        while to > from, cursor.bytes[to - 1] == 0x20 { to -= 1 }
        return token(from, to, bracketed: true, colon: colon)
    }

    private func token(_ start: Int, _ end: Int, bracketed: Bool, colon: Bool) -> Token {
        Token(
            text: String(decoding: cursor.bytes[start..<end], as: UTF8.self),
            bracketed: bracketed, colon: colon,
            isField: cursor.next == 0x09 || cursor.next == UInt8(ascii: "|"))
    }

    private static func closing(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "<"): UInt8(ascii: ">")
        default: nil
        }
    }

    /// Level and logger of Python's `ERROR:app.orders:message`.
    mutating func levelAndLogger() -> (Level, String)? {
        let start = cursor
        let word = cursor.letters()
        guard let level = Level(word: word), word == word.uppercased(), cursor.skip(":") else {
            cursor = start
            return nil
        }
        let limit = min(cursor.bytes.endIndex, cursor.at + 80)
        guard let end = cursor.bytes[cursor.at..<limit].firstIndex(of: UInt8(ascii: ":")) else {
            cursor = start
            return nil
        }
        let name = String(decoding: cursor.bytes[cursor.at..<end], as: UTF8.self)
        guard Self.isName(name[...]) else {
            cursor = start
            return nil
        }
        cursor.at = end + 1
        return (level, name)
    }

    /// The name of a logger that begins with `token`, and what separates it from the message read.
    mutating func logger(_ token: Token) -> String? {
        guard Self.isName(token.text[...]) || token.text == "?" else { return nil }
        if token.colon { return Self.isLogger(token.text) ? token.text : nil }
        let back = cursor
        if let separator = next() {
            if separator.isPlain, separator.isSeparator { return token.text }
            // Odoo: the name of the database, then the logger
            if separator.colon, separator.text.contains("."), Self.isLogger(separator.text) {
                return separator.text
            }
        }
        cursor = back
        if token.isField || cursor.bytes[back.at - 1] == UInt8(ascii: "]") { return token.text }
        return nil
    }

    /// Whether the text looks like the name of a program, a logger or a host.
    static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 100,
            MessagePieces.isWordByte(first) || first == UInt8(ascii: "/")
        else { return false }
        return text.utf8.allSatisfy {
            MessagePieces.isWordByte($0) || "._-/$:@".utf8.contains($0)
        }
    }

    /// A name that a logger would have rather than an exception or a sentence.
    static func isLogger(_ text: String) -> Bool {
        guard isName(text[...]), !ExceptionText.isType(text[...]) else { return false }
        let bytes = text.utf8
        return bytes.contains(UInt8(ascii: ".")) || bytes.contains(UInt8(ascii: "_"))
            || bytes.first.map { $0 &- 0x61 < 26 } ?? false
            || bytes.dropFirst().contains { $0 &- 0x41 < 26 }
    }

    /// The text of some bytes: what is not UTF-8 becomes U+FFFD, blanks at the ends go.
    static func text(_ bytes: ArraySlice<UInt8>, trimmed: Bool = true) -> String {
        var bytes = bytes
        while let last = bytes.last, MessagePieces.isBlank(last) { bytes.removeLast() }
        if trimmed {
            while let first = bytes.first, MessagePieces.isBlank(first) { bytes.removeFirst() }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
