extension JSON {
    /// How `text` lays a value out.
    package enum Style: Sendable {
        /// One line, no blanks: for JSONL and events.
        case compact
        /// One line with a blank after ':' and ',': as the files in git are written.
        case spaced
        /// Two blanks a level: for people.
        case pretty
    }

    /// The JSON text of this value, without a newline at the end.
    ///
    /// Control characters, U+2028, U+2029, the byte order mark and the marks that turn the direction of
    /// writing are escaped, so that one value is one line for every reader and nothing in it moves a terminal.
    /// Doubles are the shortest text that reads back as the same double.
    package func text(_ style: Style = .compact) -> String {
        String(decoding: bytes(style), as: UTF8.self)
    }

    /// The bytes of `text`.
    package func bytes(_ style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(self, level: 0)
        return writer.bytes
    }

    /// The compact text with keys sorted by their bytes: equal values have equal text.
    package var canonical: String { sortedKeys.text() }

    private var sortedKeys: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.sortedKeys))
        case .object(let object):
            .object(JSONObject(object.sorted.members.map { ($0, $1.sortedKeys) }))
        case .double(let value): .number(value)
        default: self
        }
    }
}

private struct JSONWriter {
    let style: JSON.Style
    var bytes: [UInt8] = []

    init(style: JSON.Style) { self.style = style }

    mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: put("null")
        case .bool(let value): put(value ? "true" : "false")
        case .integer(let value): put(String(value))
        case .double(let value): put(value.isFinite ? "\(value)" : "null")
        case .string(let value): string(value)
        case .array(let elements): array(elements, level: level)
        case .object(let object): self.object(object, level: level)
        }
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func line(_ level: Int) {
        guard style == .pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    private mutating func comma() { put(style == .spaced ? ", " : ",") }

    private mutating func array(_ elements: [JSON], level: Int) {
        guard !elements.isEmpty else { return put("[]") }
        put("[")
        for (place, element) in elements.enumerated() {
            if place > 0 { comma() }
            line(level + 1)
            write(element, level: level + 1)
        }
        line(level)
        put("]")
    }

    private mutating func object(_ object: JSONObject, level: Int) {
        guard !object.isEmpty else { return put("{}") }
        put("{")
        var first = true
        for (key, value) in object.members {
            if !first { comma() }
            first = false
            line(level + 1)
            string(key)
            put(style == .compact ? ":" : ": ")
            write(value, level: level + 1)
        }
        line(level)
        put("}")
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { source in
            var at = 0
            while at < source.count {
                let byte = source[at]
                let width = Self.escapeWidth(source, at)
                if width > 0 {
                    escape(source, at, width)
                    at += width
                } else {
                    bytes.append(byte)
                    at += 1
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// How many bytes at `at` must be escaped together; 0: none.
    private static func escapeWidth(_ source: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        let byte = source[at]
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F {
            return 1
        }
        switch byte {
        case 0xC2: return (0x80...0x9F).contains(source[at + 1]) ? 2 : 0
        // U+061C
        case 0xD8: return source[at + 1] == 0x9C ? 2 : 0
        // U+200E and U+200F, U+2028 to U+202E, U+2066 to U+2069
        case 0xE2:
            let last = source[at + 2]
            let isActive =
                source[at + 1] == 0x80
                ? (0xA8...0xAE).contains(last) || last == 0x8E || last == 0x8F
                : source[at + 1] == 0x81 && (0xA6...0xA9).contains(last)
            return isActive ? 3 : 0
        // U+FEFF
        case 0xEF: return source[at + 1] == 0xBB && source[at + 2] == 0xBF ? 3 : 0
        default: return 0
        }
    }

    private mutating func escape(
        _ source: UnsafeBufferPointer<UInt8>, _ at: Int, _ width: Int
    ) {
        switch (width, source[at]) {
        case (1, UInt8(ascii: "\"")): put("\\\"")
        case (1, UInt8(ascii: "\\")): put("\\\\")
        case (1, 0x0A): put("\\n")
        case (1, 0x0D): put("\\r")
        case (1, 0x09): put("\\t")
        case (1, let byte): unicodeEscape(UInt32(byte))
        case (2, let first):
            unicodeEscape(UInt32(first & 0x1F) << 6 | UInt32(source[at + 1] & 0x3F))
        case (_, let first):
            let low = UInt32(source[at + 1] & 0x3F) << 6 | UInt32(source[at + 2] & 0x3F)
            unicodeEscape(UInt32(first & 0x0F) << 12 | low)
        }
    }

    private mutating func unicodeEscape(_ scalar: UInt32) {
        let hex = String(scalar, radix: 16)
        put("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
    }
}
