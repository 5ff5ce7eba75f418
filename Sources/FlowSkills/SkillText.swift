internal import FlowJSON

/// YAML text in the hand of the project's own skill files: plain where that is safe, flow style
/// where it is short, quoted with escapes where the text is hostile.
enum SkillText {
    /// A scalar on one line that reads back as the same text, scalar for scalar.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// The text between double quotes with every character escaped that a YAML reader could fold,
    /// refuse, lose or obey: controls, U+0085, U+2028/9, marks that turn the direction of writing,
    /// the byte order mark, non-characters.
    static func quoted(_ text: String) -> String {
        // The usual case: nothing to escape.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) {
            return "\"" + text + "\""
        }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if isVisible(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += escape(scalar.value)
                }
            }
        }
        return result + "\""
    }

    /// One line in flow style: `{a: 1, b: [x, "y: z"]}`.
    static func flow(_ value: JSON) -> String {
        switch value {
        case .string(let text): scalar(text)
        case .array(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
        case .object(let object):
            "{" + object.members.map { key($0) + ": " + flow($1) }.joined(separator: ", ") + "}"
        default: value.text()
        }
    }

    /// A member of a document: on one line where it fits, else its parts below it, each likewise.
    static func member(_ name: String, _ value: JSON, depth: Int = 0) -> String {
        item(String(repeating: " ", count: depth) + key(name) + ":", value, depth: depth)
    }

    /// What follows a key, or the hyphen of an element, both of which stand in `head`.
    private static func item(_ head: String, _ value: JSON, depth: Int) -> String {
        let line = head + " " + flow(value)
        if line.unicodeScalars.count <= width { return line }
        let blanks = String(repeating: " ", count: depth + 2)
        switch value {
        case .array(let elements) where !elements.isEmpty && !head.hasSuffix("-"):
            return head
                + elements.map { "\n" + item(blanks + "-", $0, depth: depth + 2) }.joined()
        case .object(let object) where !object.isEmpty && !object.keys.contains(where: isLong):
            let members = object.members.map { member($0, $1, depth: depth + 2) }
            guard head.hasSuffix("-"), let first = members.first else {
                return head + members.map { "\n" + $0 }.joined()
            }
            return ([head + " " + first.dropFirst(depth + 2)] + members.dropFirst())
                .joined(separator: "\n")
        default: return line
        }
    }

    /// A key that YAML takes for one: longer ones than 1,024 characters it does not know without a mark.
    private static func key(_ name: String) -> String {
        isLong(name) ? "? " + scalar(name) : scalar(name)
    }

    private static func isLong(_ name: String) -> Bool { scalar(name).unicodeScalars.count > 1000 }

    private static let width = 100

    /// Whether a literal block (`|`) gives the text back: visible lines, one newline at the end.
    static func isLiteral(_ text: String) -> Bool {
        text.hasSuffix("\n") && !text.hasSuffix("\n\n") && !text.hasPrefix(" ")
            && !text.hasPrefix("\n")
            && text.unicodeScalars.allSatisfy { $0 == "\n" || isVisible($0) }
    }

    /// The lines of a literal block, `|` first, each indented by two blanks.
    static func literal(_ text: String) -> String {
        var result = "|\n"
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            result += line.isEmpty ? "\n" : "  " + line + "\n"
        }
        return result
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069,
            0xFEFF:
            false
        case 0xFFFE...: scalar.value & 0xFFFE != 0xFFFE
        default: true
        }
    }

    private static func escape(_ value: UInt32) -> String {
        let hex = String(value, radix: 16, uppercase: true)
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - hex.utf8.count) + hex
    }

    /// Words of letters, digits and `_ . / - ( )` that no schema takes for anything but text.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 200,
            isLetter(first) || first == UInt8(ascii: "_"), last != UInt8(ascii: " "),
            text.utf8.count > longestWord || !words.contains(text.lowercased())
        else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case 0x20, 0x5F, 0x2E, 0x2F, 0x2D, 0x28, 0x29: true
            default: false
            }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// What YAML 1.1 or 1.2 reads as something other than text.
    private static let words: Set<String> = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n",
    ]

    private static let longestWord = 5
}
