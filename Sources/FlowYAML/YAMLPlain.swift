/// Which text can stand without quotes.
enum YAMLPlain {
    private static let words: Set<String> = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
    ]

    /// Whether readers of YAML 1.1 and 1.2 both take the bare text for itself.
    static func isSafe(_ text: String, inFlow: Bool) -> Bool {
        guard let first = text.unicodeScalars.first, mayStart(first, text),
            !words.contains(text.lowercased()), !looksNumeric(text)
        else { return false }
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            guard YAMLText.isPrintable(scalar) else { return false }
            if scalar == "#", previous == " " { return false }
            if scalar == " ", previous == ":" { return false }
            if inFlow, ",[]{}:?#&*!|>'\"%@`".unicodeScalars.contains(scalar) { return false }
            previous = scalar
        }
        return previous != " " && previous != ":"
    }

    /// A word of a path or a name, as may stand in a list on one line.
    static func isWord(_ text: String) -> Bool {
        isSafe(text, inFlow: true)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
                    || "_-./".utf8.contains($0)
            }
    }

    private static func mayStart(_ first: Unicode.Scalar, _ text: String) -> Bool {
        switch first {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "/", "(", "$": true
        case ".": text.hasPrefix("./") || text.hasPrefix("../")
        default: !first.isASCII
        }
    }

    /// A number, date or time in one of the schemas, or close to one.
    private static func looksNumeric(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x30...0x39).contains(first) else { return false }
        let start = text.prefix(2).lowercased()
        return ["0x", "0o", "0b"].contains(start)
            || text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || "_.:+-eEtTzZ ".utf8.contains($0)
            }
    }
}
