package import FlowJSON

/// Writes YAML that readers of 1.1 (PyYAML) and 1.2 (this module) take for the same value.
package enum YAMLText {
    /// The value in block style with a newline at the end.
    ///
    /// Text is plain where no reader could take it for anything else, a literal block where it has
    /// several harmless lines, and otherwise in double quotes with every character escaped that
    /// a reader folds or a terminal obeys; it comes back byte for byte (`design/security.md`, 2).
    /// A list of a few words stands on one line. Equal values give equal text.
    package static func write(_ value: JSON) -> String {
        var writer = YAMLWriter()
        writer.value(value, indent: 0)
        return writer.text + "\n"
    }

    /// Letters, signs and blanks that every reader keeps and every terminal shows.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
            .surrogate, .unassigned:
            return false
        default: return true
        }
    }

    /// The text in double quotes on one line.
    static func doubleQuoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default: result += escape(scalar.value)
            }
        }
        return result + "\""
    }

    private static func escape(_ value: UInt32) -> String {
        switch value {
        case ..<0x100: "\\x" + YAMLSource.hex(value, digits: 2)
        case ..<0x10000: "\\u" + YAMLSource.hex(value, digits: 4)
        default: "\\U" + YAMLSource.hex(value, digits: 8)
        }
    }

    /// The text of a double that both schemas take for one: `1.0e+20`, where JSON has `1e+20`.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let text = "\(value)"
        guard let mark = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<mark] + ".0" + text[mark...]
    }
}
