/// Text of others, made safe for a terminal: no control characters, no escape sequences, no marks
/// that turn the direction of writing.
enum SafeText {
    static func line(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        return text.unicodeScalars.map(scalar).joined()
    }

    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
            .joined(separator: "\n")
    }

    /// One scalar, or its escape: U+001B becomes `\x1b`.
    static func scalar(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
            let hex = String(scalar.value, radix: 16)
            return scalar.value < 0x100
                ? "\\x" + (hex.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
        default: return String(scalar)
        }
    }

    /// Somebody's text for a sentence: in quotes, cut after 60 characters.
    static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let short = scalars.count > 60 ? String(scalars.prefix(57)) + "…" : text
        return "'\(line(short))'"
    }
}
