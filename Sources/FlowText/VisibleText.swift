/// Text of others made safe to show: on a terminal, in a message, in a list (`docs/security.md`).
package enum VisibleText {
    /// The text without C0, C1 and escape sequences and without marks that turn the direction of
    /// writing: tabs become blanks, each other such character its escape (U+001B becomes `\x1b`), so
    /// that nothing in it moves the cursor, colours or reorders. Newlines stay only with
    /// `lines: true`.
    package static func safe(_ text: some StringProtocol, lines: Bool = false) -> String {
        // What is shown as it is is copied in one piece: logs are long.
        let text = String(text)
        var result = ""
        var start = text.startIndex
        for place in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[place]
            guard isHidden(scalar), !(lines && scalar == "\n") else { continue }
            result += text[start..<place]
            result += scalar == "\t" ? "    " : Self.scalar(scalar)
            start = text.unicodeScalars.index(after: place)
        }
        return start == text.startIndex ? text : result + text[start...]
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
            true
        default: false
        }
    }

    /// One scalar, or its escape.
    package static func scalar(_ scalar: Unicode.Scalar) -> String {
        guard isHidden(scalar) else { return String(scalar) }
        let hex = String(scalar.value, radix: 16)
        return scalar.value < 0x100
            ? "\\x" + (hex.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
    }

    /// Somebody's text for a sentence: safe, in quotes, cut after 60 characters.
    package static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let short =
            scalars.count > 60 ? String(String.UnicodeScalarView(scalars.prefix(57))) + "…" : text
        return "'\(safe(short))'"
    }
}
