extension JSON {
    /// Reads one JSON text (RFC 8259) that fills the bytes; a UTF-8 byte order mark is skipped.
    ///
    /// A repeated key keeps its last value. Costs one pass over the bytes.
    /// - Throws: `JSONError` for text that is not JSON, invalid UTF-8, and nesting beyond `depth`.
    package static func read(_ bytes: [UInt8], depth: Int = 512) throws(JSONError) -> JSON {
        var reader = JSONReader(bytes: bytes, depthLimit: depth)
        return try reader.document()
    }

    /// Reads one JSON text.
    package static func read(_ text: String, depth: Int = 512) throws(JSONError) -> JSON {
        try read(Array(text.utf8), depth: depth)
    }
}

/// One pass over the bytes of one text.
private struct JSONReader {
    let bytes: [UInt8]
    let depthLimit: Int
    var at = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        let value = try value(depth: 0)
        skipBlanks()
        guard at == bytes.count else { throw error("text after the end of the value") }
        return value
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private func error(_ message: String, at offset: Int? = nil) -> JSONError {
        let place = min(offset ?? at, bytes.count)
        let before = bytes[..<place]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return JSONError(
            message: message, offset: place,
            line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: place - lineStart + 1)
    }

    private mutating func skipBlanks() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < depthLimit else { throw error("nested deeper than \(depthLimit) levels") }
        skipBlanks()
        guard let byte = next else { throw error("the text ends where a value should be") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("no value begins with \(shown(byte))")
        }
    }

    private func shown(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let end = at + word.utf8CodeUnitCount
        let matches =
            end <= bytes.count
            && word.withUTF8Buffer { letters in bytes[at..<end].elementsEqual(letters) }
        guard matches else { throw error("expected '\(word)'") }
        at = end
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        var result = JSONObject()
        at += 1
        skipBlanks()
        if next == UInt8(ascii: "}") {
            at += 1
            return .object(result)
        }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
            let key = try string()
            skipBlanks()
            guard next == UInt8(ascii: ":") else { throw error("expected ':' after the key") }
            at += 1
            result[key] = try value(depth: depth + 1)
            skipBlanks()
            switch next {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return .object(result)
            default: throw error("expected ',' or '}'")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        var result: [JSON] = []
        at += 1
        skipBlanks()
        if next == UInt8(ascii: "]") {
            at += 1
            return .array(result)
        }
        while true {
            result.append(try value(depth: depth + 1))
            skipBlanks()
            switch next {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .array(result)
            default: throw error("expected ',' or ']'")
            }
        }
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        return at > start
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let leadingZero = next == UInt8(ascii: "0")
        let whole = at
        guard digits() else { throw error("expected a digit") }
        if leadingZero, at > whole + 1 {
            throw error("a number has no leading zeros", at: whole)
        }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            guard digits() else { throw error("expected a digit after '.'") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard digits() else { throw error("expected a digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else {
            throw error("the number does not fit in a double", at: start)
        }
        return .double(double)
    }

    private mutating func string() throws(JSONError) -> String {
        let opening = at
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") {
            if bytes[at] < 0x20 { throw error("a control character in a string is not escaped") }
            at += 1
        }
        if next == UInt8(ascii: "\"") {
            defer { at += 1 }
            return try decoded(bytes[start..<at], from: start)
        }
        return try escapedString(opening: opening, start: start)
    }

    private func decoded(_ slice: ArraySlice<UInt8>, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw error("a string is not valid UTF-8", at: start)
        }
        return text
    }

    /// A string with escapes: `start` is its first byte, `at` the first backslash (or the end).
    private mutating func escapedString(opening: Int, start: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<at])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return try decoded(buffer[...], from: start)
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case ..<0x20: throw error("a control character in a string is not escaped")
            default:
                buffer.append(byte)
                at += 1
            }
        }
        throw error("the string has no closing quote", at: opening)
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
        at += 1
        guard let byte = next else { throw error("the text ends inside an escape") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: Array(String(try scalar()).utf8))
        default: throw error("no such escape: '\\\(Unicode.Scalar(byte))'", at: at - 2)
        }
    }

    /// The scalar of `\uXXXX`, of two for a surrogate pair; half a pair becomes U+FFFD.
    private mutating func scalar() throws(JSONError) -> Character {
        let unit = try hex()
        guard (0xD800...0xDFFF).contains(unit) else {
            return Character(Unicode.Scalar(unit) ?? "\u{FFFD}")
        }
        guard unit < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
            bytes[at + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let back = at
        at += 2
        let low = try hex()
        guard (0xDC00...0xDFFF).contains(low) else {
            at = back
            return "\u{FFFD}"
        }
        let value = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return Character(Unicode.Scalar(value) ?? "\u{FFFD}")
    }

    private mutating func hex() throws(JSONError) -> UInt32 {
        guard at + 4 <= bytes.count,
            let text = String(validating: bytes[at..<at + 4], as: UTF8.self),
            text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let value = UInt32(text, radix: 16)
        else { throw error("expected four hexadecimal digits after '\\u'") }
        at += 4
        return value
    }
}
