/// Text of others made safe for a terminal (`design/security.md`, 2).
package enum VisibleText {
    /// The text without C0, C1 and escape sequences: tabs become blanks, other control characters
    /// their escape (`\u{1b}` becomes `\x1b`), so that nothing in it moves the cursor or colours.
    ///
    /// Newlines stay only with `lines: true`; bidirectional overrides are escaped too.
    package static func safe(_ text: some StringProtocol, lines: Bool = false) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return String(text) }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A where lines: result.unicodeScalars.append(scalar)
            case 0x09: result += "    "
            case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
                result += escape(scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func escape(_ value: UInt32) -> String {
        let hex = String(value, radix: 16)
        return value < 0x100
            ? "\\x" + (hex.count < 2 ? "0" : "") + hex : "\\u" + hex
    }
}
