/// libyaml's messages in plain words.
enum YAMLProblem {
    /// What to say; `namesBeginning` where the place at which the construct began helps
    /// as well.
    /// - Parameter beginsLine: Whether only blanks stand before the place in its line.
    static func words(
        _ problem: String, context: String, byte: UInt8?, beginsLine: Bool
    ) -> (text: String, namesBeginning: Bool) {
        switch problem {
        case "did not find expected key" where !beginsLine:
            ("text after the end of the value; quote the whole value", false)
        case _ where context == "while scanning a tag" || context == "while parsing a tag":
            ("a value that begins with '!' is a tag; quote it if it is text", false)
        case "found unknown directive name":
            ("a line that begins with '%' is a directive; quote the text", false)
        case "did not find expected key": ("expected a 'key: value' with this indentation", true)
        case "did not find expected '-' indicator":
            ("expected '- ' for the next element of the list", true)
        case "did not find expected node content": ("expected a value here", false)
        case "did not find expected ',' or ']'": ("expected ',' or ']' in the list", true)
        case "did not find expected ',' or '}'": ("expected ',' or '}' in the mapping", true)
        case "mapping values are not allowed in this context":
            (
                "':' is not allowed here; either the text needs quotes or the indentation is wrong",
                false
            )
        case "mapping keys are not allowed in this context": ("'? ' is not allowed here", false)
        case "block sequence entries are not allowed in this context":
            ("'- ' is not allowed here; begin the list on a line of its own", false)
        case "could not find expected ':'": ("expected ':' after this key", true)
        case "found unexpected end of stream": ("the text ends before the closing quote", true)
        case "found unexpected document indicator":
            ("'---' or '...' stands inside the quotes", true)
        case "found character that cannot start any token": (wrongStart(byte), false)
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            ("a tab cannot indent; use blanks", false)
        case "found unknown escape character":
            ("no such escape in double quotes; write '\\\\' for a backslash", false)
        case "did not find expected hexdecimal number":
            ("expected hexadecimal digits in the escape", false)
        case "found invalid Unicode character escape code":
            ("the escape is no Unicode character", false)
        case "did not find expected alphabetic or numeric character":
            (
                "expected a name of letters and digits after '&' or '*'; quote the value if it is text",
                false
            )
        case "found an indentation indicator equal to 0": ("the indentation cannot be 0", false)
        case "did not find expected comment or line break": ("expected the end of the line", true)
        case "did not find expected whitespace or line break", "did not find expected whitespace":
            ("expected a blank or the end of the line", true)
        case "did not find expected <document start>":
            ("text after the end of the document", false)
        case "found undefined tag handle": ("this tag's prefix is not declared", false)
        case "found incompatible YAML document": ("expected YAML 1.1 or 1.2", false)
        default: (context.isEmpty ? problem : "\(problem) \(context)", false)
        }
    }

    private static func wrongStart(_ byte: UInt8?) -> String {
        switch byte {
        case UInt8(ascii: "\t"): "a tab cannot indent; use blanks"
        case let byte?: "no value begins with '\(Unicode.Scalar(byte))'; quote it"
        case nil: "no value begins here"
        }
    }
}
