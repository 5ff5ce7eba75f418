/// Writes YAML.
package enum YAMLText {
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
            .surrogate, .unassigned:
            return false
        default: return true
        }
    }

    /// The text in double quotes on one line; what a reader or a terminal could take amiss is
    /// escaped.
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
}
