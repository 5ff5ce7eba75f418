/// A text that is known to be UTF-8 without control characters, and its places.
///
/// libyaml counts places in characters from the byte order mark on; this turns them into lines,
/// columns and bytes. Costs one pass over the bytes, then O(log lines) a place.
struct YAMLSource: Sendable {
    let bytes: [UInt8]
    /// Bytes of the byte order mark: 0 or 3.
    let prefix: Int
    /// The character index at which each line begins.
    private var lines: [Int] = [0]
    /// The byte offset of every `step`-th character; empty where each character is one byte.
    private var offsets: [Int] = []
    private static let step = 64

    /// - Throws: `YAMLError` at the first byte that is not UTF-8 and at the first character that
    ///   YAML does not allow in a text.
    init(_ bytes: [UInt8], limit: Int) throws(YAMLError) {
        self.bytes = bytes
        prefix = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard bytes.count <= limit else {
            throw YAMLError(
                code: .limit,
                message: "the text has \(bytes.count) bytes, more than the \(limit) allowed",
                mark: .start)
        }
        try scan()
    }

    private mutating func scan() throws(YAMLError) {
        var at = prefix
        var index = 0
        let isASCII = bytes.dropFirst(prefix).allSatisfy { $0 < 0x80 }
        while at < bytes.count {
            if !isASCII, index % Self.step == 0 { offsets.append(at) }
            let byte = bytes[at]
            if (0x20...0x7E).contains(byte) {
                at += 1
                index += 1
                continue
            }
            let (scalar, width) = Self.scalar(in: bytes, at: at)
            guard let scalar, Self.isAllowed(scalar) else {
                throw refusal(of: scalar, index: index, offset: at)
            }
            at += width
            index += 1
            let endsLine = byte == 0x0A || byte == 0x0D && !(at < bytes.count && bytes[at] == 0x0A)
            if endsLine { lines.append(index) }
        }
    }

    private func refusal(of scalar: UInt32?, index: Int, offset: Int) -> YAMLError {
        let line = lines.count
        let mark = YAMLMark(line: line, column: index - lines[line - 1] + 1, offset: offset)
        if prefix == 0, offset == 0, bytes.count > 1, [0xFE, 0xFF].contains(bytes[0]) {
            return YAMLError(
                code: .encoding, message: "the text is not UTF-8; save it as UTF-8", mark: mark)
        }
        guard let scalar else {
            let byte = Self.hex(UInt32(bytes[offset]), digits: 2)
            return YAMLError(
                code: .encoding, message: "byte 0x\(byte) is not UTF-8; save the file as UTF-8",
                mark: mark)
        }
        let code = Self.hex(scalar, digits: 4)
        return YAMLError(
            code: .encoding,
            message: "the character U+\(code) cannot stand in YAML; write it as "
                + "\"\\\(scalar < 0x100 ? "x" + Self.hex(scalar, digits: 2) : "u" + code)\" "
                + "in double quotes",
            mark: mark)
    }

    static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// What YAML 1.1 and 1.2 call printable.
    private static func isAllowed(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    /// The character that begins at `at` and its bytes; nil for what is not UTF-8 (RFC 3629).
    private static func scalar(in bytes: [UInt8], at: Int) -> (UInt32?, Int) {
        let first = bytes[at]
        let (width, least, bits): (Int, UInt32, UInt8)
        switch first {
        case ..<0x80: return (UInt32(first), 1)
        case 0xC2...0xDF: (width, least, bits) = (2, 0x80, 0x1F)
        case 0xE0...0xEF: (width, least, bits) = (3, 0x800, 0x0F)
        case 0xF0...0xF4: (width, least, bits) = (4, 0x10000, 0x07)
        default: return (nil, 1)
        }
        guard at + width <= bytes.count else { return (nil, 1) }
        var value = UInt32(first & bits)
        for byte in bytes[(at + 1)..<(at + width)] {
            guard byte & 0xC0 == 0x80 else { return (nil, 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard value >= least, Unicode.Scalar(value) != nil else { return (nil, 1) }
        return (value, width)
    }

    /// The place of the character with this index, counted from 0 after the byte order mark.
    func mark(_ index: Int) -> YAMLMark {
        var line = 0
        return mark(index, near: &line)
    }

    /// The same, looked for first in line `line`, counted from 0, and in the one after it; `line` is
    /// the place's line then.
    func mark(_ index: Int, near line: inout Int) -> YAMLMark {
        if !holds(line, index) {
            line += 1
            if !holds(line, index) { line = search(index) }
        }
        return YAMLMark(
            line: line + 1, column: index - lines[line] + 1, offset: offset(index))
    }

    private func holds(_ line: Int, _ index: Int) -> Bool {
        guard line < lines.count, lines[line] <= index else { return false }
        return line + 1 == lines.count || index < lines[line + 1]
    }

    private func search(_ index: Int) -> Int {
        var low = 0
        var high = lines.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lines[middle] <= index { low = middle } else { high = middle }
        }
        return low
    }

    private func offset(_ index: Int) -> Int {
        guard !offsets.isEmpty else { return min(prefix + index, bytes.count) }
        let known = min(index / Self.step, offsets.count - 1)
        var at = offsets[known]
        var left = index - known * Self.step
        while left > 0, at < bytes.count {
            at += 1
            while at < bytes.count, bytes[at] & 0xC0 == 0x80 { at += 1 }
            left -= 1
        }
        return at
    }
}
