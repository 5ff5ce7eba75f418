/// The rows of a CSV text (RFC 4180): fields in double quotes may hold commas, newlines and doubled
/// quotes; lines end with LF or CRLF; empty lines are no rows. What is not UTF-8 becomes U+FFFD.
package struct CSVRows {
    private let bytes: [UInt8]
    private var at = 0
    /// The line, from 1, on which the row that was read last began.
    package private(set) var line = 0
    private var nextLine = 1

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    /// The next row; nil at the end.
    /// - Throws: for a quote that nothing closes, or text after a closing one.
    package mutating func next() throws(CSVMistake) -> [String]? {
        while at < bytes.count, endLine() {}
        guard at < bytes.count else { return nil }
        line = nextLine
        var fields: [String] = []
        while true {
            fields.append(try field())
            if at >= bytes.count || endLine() { return fields }
            // a comma: `field` ends nowhere else
            at += 1
        }
    }

    private mutating func field() throws(CSVMistake) -> String {
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
            let start = at
            while at < bytes.count, !isEnd { at += 1 }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        let opening = nextLine
        var text: [UInt8] = []
        at += 1
        while true {
            let start = at
            while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                if bytes[at] == UInt8(ascii: "\n") { nextLine += 1 }
                at += 1
            }
            text += bytes[start..<at]
            guard at < bytes.count else {
                throw CSVMistake(line: opening, "a field begins with a quote that nothing closes")
            }
            at += 1
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { break }
            text.append(UInt8(ascii: "\""))
            at += 1
        }
        guard at >= bytes.count || isEnd else {
            throw CSVMistake(
                line: nextLine, "text follows a closing quote; a quote in a field is written twice")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether a field ends here: at a comma or at the end of a line.
    private var isEnd: Bool {
        switch bytes[at] {
        case UInt8(ascii: ","), UInt8(ascii: "\n"): true
        case UInt8(ascii: "\r"): at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "\n")
        default: false
        }
    }

    /// Steps over the end of a line, if one is here.
    private mutating func endLine() -> Bool {
        let width =
            switch bytes[at] {
            case UInt8(ascii: "\n"): 1
            case UInt8(ascii: "\r") where isEnd: 2
            default: 0
            }
        at += width
        nextLine += width > 0 ? 1 : 0
        return width > 0
    }
}

/// What is wrong with a CSV text, and where.
package struct CSVMistake: Error {
    package let line: Int
    package let message: String

    package init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }
}

/// Writing CSV (RFC 4180).
package enum CSVText {
    /// One row with its end. A field that holds a comma, a quote or an end of a line, or that begins
    /// or ends with a blank, stands in quotes; `CSVRows` gives the same fields back.
    package static func row(_ fields: some Sequence<String>) -> String {
        fields.map(field).joined(separator: ",") + "\n"
    }

    private static func field(_ text: String) -> String {
        let isPlain =
            text.utf8.allSatisfy { !",\"\n\r".utf8.contains($0) }
            && text.utf8.first != UInt8(ascii: " ") && text.utf8.last != UInt8(ascii: " ")
        guard !isPlain else { return text }
        // By scalars: a quote with a combining mark after it is one character of Swift's.
        var result: String.UnicodeScalarView = .init("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.append(scalar) }
            result.append(scalar)
        }
        result.append("\"")
        return String(result)
    }
}
