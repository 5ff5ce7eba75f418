/// The first cut of a message: addresses with colons, signs of numbers, URLs, atoms, blanks, runs
/// of dots, single marks. One pass; what is looked at ahead is bounded by the piece itself.
struct MessagePieces {
    struct Piece {
        let start: Int
        let end: Int
        let shape: Shape
    }

    enum Shape {
        case blank, atom, url, address, sign, mark
        /// What the privacy mask left: `<email>`.
        case secret
    }

    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Cuts all of `bytes`; `pieces` is emptied first and keeps its storage.
    static func cut(_ bytes: Bytes, into pieces: inout [Piece]) {
        pieces.removeAll(keepingCapacity: true)
        var at = 0
        while at < bytes.count {
            let piece = next(bytes, at)
            pieces.append(piece)
            at = piece.end
        }
    }

    private static func next(_ bytes: Bytes, _ at: Int) -> Piece {
        let byte = bytes[at]
        if isBlank(byte) {
            var end = at + 1
            while end < bytes.count, isBlank(bytes[end]) { end += 1 }
            return Piece(start: at, end: end, shape: .blank)
        }
        if isHex(byte) {
            let end = addressEnd(bytes, at)
            if end > at { return Piece(start: at, end: end, shape: .address) }
        }
        if byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "~") {
            let secret = PrivacyMask.placeholderEnd(bytes, at)
            if secret > at { return Piece(start: at, end: secret, shape: .secret) }
            let end = signEnd(bytes, at)
            if end > at { return Piece(start: at, end: end, shape: .sign) }
        }
        if isLetter(byte) {
            let end = urlEnd(bytes, at)
            if end > at { return Piece(start: at, end: end, shape: .url) }
        }
        let quote = quoteWidth(bytes, at)
        if quote > 0 { return Piece(start: at, end: at + quote, shape: .mark) }
        let end = atomEnd(bytes, at)
        if end > at { return Piece(start: at, end: end, shape: .atom) }
        var dots = at
        while dots < bytes.count, bytes[dots] == UInt8(ascii: ".") { dots += 1 }
        return Piece(start: at, end: max(dots, at + 1), shape: .mark)
    }

    /// Groups of 1–4 hexadecimal digits joined by colons, at least four of them.
    private static func addressEnd(_ bytes: Bytes, _ start: Int) -> Int {
        if start > 0, isWordByte(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: ":") {
            return start
        }
        var at = start
        var groups = 0
        while true {
            let group = at
            while at < bytes.count, at < group + 4, isHex(bytes[at]) { at += 1 }
            if at == group { return start }
            groups += 1
            guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { break }
            at += 1
        }
        let ends = at == bytes.count || !isWordByte(bytes[at])
        return ends && groups >= 4 ? at : start
    }

    /// `<`, `>`, `~` (and `=`) before a number that a blank or a unit follows.
    private static func signEnd(_ bytes: Bytes, _ start: Int) -> Int {
        var sign = start + 1
        if sign < bytes.count, bytes[sign] == UInt8(ascii: "=") { sign += 1 }
        var at = sign
        while at < bytes.count, isDigit(bytes[at]) || bytes[at] == UInt8(ascii: ".") { at += 1 }
        guard at > sign, at < bytes.count else { return start }
        let after = bytes[at]
        return isBlank(after) || isLetter(after) || after == UInt8(ascii: "%") ? sign : start
    }

    private static func urlEnd(_ bytes: Bytes, _ start: Int) -> Int {
        var at = start
        while at < bytes.count, at < start + 32,
            isLetter(bytes[at]) || isDigit(bytes[at]) || bytes[at] == UInt8(ascii: "+")
                || bytes[at] == UInt8(ascii: ".")
        {
            at += 1
        }
        guard at + 3 < bytes.count, bytes[at] == UInt8(ascii: ":"),
            bytes[at + 1] == UInt8(ascii: "/"), bytes[at + 2] == UInt8(ascii: "/")
        else { return start }
        at += 3
        let rest = at
        while at < bytes.count, !isBlank(bytes[at]), !ByteSet.urlEnds.contains(bytes[at]),
            quoteWidth(bytes, at) == 0
        {
            at += 1
        }
        return at > rest ? at : start
    }

    /// Atom bytes, joined inside by `.`, `'` and `@`; may begin `./` or `../`.
    private static func atomEnd(_ bytes: Bytes, _ start: Int) -> Int {
        var at = start
        var dots = 0
        while dots < 2, at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            dots += 1
            at += 1
        }
        if dots > 0 {
            guard at < bytes.count,
                bytes[at] == UInt8(ascii: "/") || bytes[at] == UInt8(ascii: "\\")
            else { return start }
        }
        guard at < bytes.count, isAtom(bytes, at) else { return start }
        while at < bytes.count {
            if isAtom(bytes, at) {
                at += 1
            } else if at + 1 < bytes.count, joins(bytes[at]), isAtom(bytes, at + 1) {
                at += 2
            } else {
                break
            }
        }
        return at
    }

    private static func joins(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "@")
    }

    private static func isAtom(_ bytes: Bytes, _ at: Int) -> Bool {
        let byte = bytes[at]
        return byte < 0x80 ? ByteSet.atoms.contains(byte) : quoteWidth(bytes, at) == 0
    }

    /// The width of a typographic quote (‘ ’ “ ” « »), which compilers and shells write; 0: none.
    static func quoteWidth(_ bytes: Bytes, _ at: Int) -> Int {
        let byte = bytes[at]
        guard byte >= 0xC2 else { return 0 }
        if byte == 0xE2, at + 2 < bytes.count, bytes[at + 1] == 0x80 {
            let last = bytes[at + 2]
            if last == 0x98 || last == 0x9C || last == 0x9D { return 3 }
            // ’ inside a word is an apostrophe
            if last == 0x99 {
                let inWord =
                    at > 0 && isLetter(bytes[at - 1]) && at + 3 < bytes.count
                    && isLetter(bytes[at + 3])
                return inWord ? 0 : 3
            }
        }
        if byte == 0xC2, at + 1 < bytes.count, bytes[at + 1] == 0xAB || bytes[at + 1] == 0xBB {
            return 2
        }
        return 0
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

    static func isWordByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
