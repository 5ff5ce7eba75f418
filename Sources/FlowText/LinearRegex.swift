/// A regular expression of the dialect that RE2 and Python's `re` both accept, matched in time
/// linear in the text.
///
/// Literals, `\n \t \r \f \v \a \xHH`, `\d \D \w \W \s \S`, `\b \B \A ^ $`, `.`, classes, groups
/// `( )`, `(?: )`, `(?P<name> )`, `|`, `* + ? {m} {m,} {m,n}` and their lazy forms, and the flags
/// `(?i)`, `(?s)`, `(?m)` at the start. Where the two differ on what both accept, RE2's reading
/// holds: `$` is the very end of the text (Python's also stands before a last newline), the classes
/// are ASCII, and `\s` has no vertical tab. Text and pattern are compared by Unicode scalars.
package struct LinearRegex: Sendable {
    /// The pattern as it was given.
    package let pattern: String
    /// A text that every match holds, in UTF-8; empty where the pattern tells of none.
    package let requiredText: [UInt8]
    private let program: Program

    /// - Throws: `RegexError` for what one of the two would refuse or read otherwise, and for a
    ///   pattern of more than 10,000 steps once its repetitions are written out.
    package init(_ pattern: String) throws(RegexError) {
        self.pattern = pattern
        var parser = PatternParser(pattern)
        let tree = try parser.pattern()
        program = try Program(tree)
        requiredText = tree.requiredText
    }

    /// Whether a match may have no characters.
    package var mayBeEmpty: Bool { program.firstASCII == nil }

    /// Whether the pattern matches anywhere in the text.
    package func matches(_ text: String) -> Bool { search(text, anyEnd: true).range != nil }

    /// The leftmost match; among those that begin there, the one that Python and RE2 choose.
    package func firstMatch(in text: String) -> Range<String.Index>? {
        search(text, anyEnd: false).range.map { range in
            let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
            return start..<text.utf8.index(start, offsetBy: range.count)
        }
    }

    /// The bytes of the matches from the left, each as `firstMatch` would find it behind the one
    /// before, but for those without characters.
    /// - Parameter most: how many are looked for: each may cost a reading of all of the text.
    package func matches(in text: String, most: Int) -> [Range<Int>] {
        var text = text
        return text.withUTF8 { bytes in
            program.instructions.withUnsafeBufferPointer { instructions in
                var machine = Machine(program, instructions, bytes)
                var found: [Range<Int>] = []
                var from = 0
                while found.count < most, from < bytes.count,
                    let range = machine.search(anyEnd: false, from: from)
                {
                    if !range.isEmpty { found.append(range) }
                    from = max(range.upperBound, from + 1)
                    while from < bytes.count, bytes[from] & 0xC0 == 0x80 { from += 1 }
                }
                return found
            }
        }
    }

    /// The instructions that `firstMatch` visits: at most about twice the program's length for each
    /// Unicode scalar. For tests of linearity, which need no clock.
    package func steps(in text: String) -> Int { search(text, anyEnd: false).steps }

    private func search(_ text: String, anyEnd: Bool) -> (range: Range<Int>?, steps: Int) {
        var text = text
        return text.withUTF8 { bytes in
            program.instructions.withUnsafeBufferPointer { instructions in
                var machine = Machine(program, instructions, bytes)
                let range = machine.search(anyEnd: anyEnd)
                return (range, machine.steps)
            }
        }
    }

    /// A pattern that matches exactly this text, in Python and RE2 too; control characters are
    /// written as escapes.
    package static func escape(_ literal: String) -> String {
        var result = ""
        for scalar in literal.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.count < 2 ? "0" : "") + hex
            case _ where "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar):
                result += "\\"
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
