/// Which scalars Python's `re` calls word characters, and its `str.lower()`.
///
/// The tables are those of Unicode 14 (Python 3.11) whatever the toolchain's version: scalars that
/// came later are no word characters, so that a text has the same words under every compiler.
enum PythonText {
    private static let version = 14

    /// `\w`: general category L* or N*, or `_`. Marks are not, they split words.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isWord(ascii: UInt8(truncatingIfNeeded: scalar.value)) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber:
            return (scalar.properties.age?.major ?? .max) <= version
        default: return false
        }
    }

    static func isWord(ascii byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// `str.isspace()` of one scalar: White_Space and the four separators U+001C to U+001F.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            ? isSpace(ascii: UInt8(truncatingIfNeeded: scalar.value))
            : scalar.properties.isWhitespace
    }

    static func isSpace(ascii byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte)
    }

    /// `str.lower()`: each scalar's full mapping, with the one rule that looks around, the sigma at
    /// the end of a word (Unicode 3.13, SpecialCasing).
    static func lower(_ text: String) -> [Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for (place, scalar) in scalars.enumerated() {
            if scalar.isASCII {
                let isUpper = (0x41...0x5A).contains(scalar.value)
                result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar)
            } else if scalar == "\u{3A3}" {
                result.append(isFinal(place, in: scalars) ? "\u{3C2}" : "\u{3C3}")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return result
    }

    /// Whether a letter with case stands before `place` and none after it, case-ignorable scalars
    /// passed over.
    private static func isFinal(_ place: Int, in scalars: [Unicode.Scalar]) -> Bool {
        let before = scalars[..<place].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(place + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }
}
