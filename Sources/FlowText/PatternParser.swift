/// Reads the dialect that RE2 and Python's `re` both accept, and refuses the rest by name.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var depth = 0
    private var isFolded = false
    private var dotTakesNewline = false
    private var isMultiline = false
    private var names: Set<String> = []
    private static let deepest = 200
    /// RE2's limit.
    private static let mostRepeats = 1_000

    init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

    mutating func pattern() throws(RegexError) -> Pattern {
        try flags()
        let pattern = try choice()
        guard at == scalars.count else { throw syntax("')' without '('", at) }
        return pattern
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        at + ahead < scalars.count ? scalars[at + ahead] : nil
    }

    private func follows(_ text: String) -> Bool {
        scalars[at...].starts(with: text.unicodeScalars)
    }

    private func syntax(_ message: String, _ offset: Int) -> RegexError {
        RegexError(code: .syntax, message: message, offset: offset)
    }

    private func unsupported(_ message: String, _ offset: Int) -> RegexError {
        RegexError(code: .unsupported, message: message, offset: offset)
    }

    /// `(?i)`, `(?s)`, `(?m)` and their combinations, which count for the whole pattern.
    private mutating func flags() throws(RegexError) {
        while follows("(?"), let flag = peek(2), flag != ":",
            "aimsxuLU".unicodeScalars.contains(flag)
        {
            let start = at
            at += 2
            while let flag = peek(), flag != ")" {
                switch flag {
                case "i": isFolded = true
                case "s": dotTakesNewline = true
                case "m": isMultiline = true
                case ":", "-":
                    throw unsupported(
                        "flags for a part of the pattern are not supported; put (?i), (?s) or (?m) "
                            + "at the start", start)
                default:
                    throw unsupported("the flag '\(flag)' is not supported; i, s and m are", at)
                }
                at += 1
            }
            guard peek() == ")" else { throw syntax("'(' without ')'", start) }
            at += 1
        }
    }

    private mutating func choice() throws(RegexError) -> Pattern {
        var branches = [try sequence()]
        while peek() == "|" {
            at += 1
            branches.append(try sequence())
        }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(RegexError) -> Pattern {
        var parts: [Pattern] = []
        while let next = peek(), next != "|", next != ")" {
            let start = at
            let part = try atom()
            parts.append(try repetition(of: part, from: start))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func atom() throws(RegexError) -> Pattern {
        guard let next = peek() else { return .empty }
        switch next {
        case "(": return try group()
        case "[": return .set(try characterClass())
        case "\\": return try escape()
        case ".":
            at += 1
            return .set(
                dotTakesNewline
                    ? CharacterSet([CharacterSet.all])
                    : CharacterSet([0x0A...0x0A], isNegated: true))
        case "^":
            at += 1
            return .assertion(isMultiline ? .lineStart : .textStart)
        case "$":
            at += 1
            return .assertion(isMultiline ? .lineEnd : .textEnd)
        case "*", "+", "?": throw syntax("nothing stands before '\(next)' to repeat", at)
        case "{" where try bounds() != nil:
            throw syntax("nothing stands before '{' to repeat", at)
        default:
            at += 1
            return literal(next)
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> Pattern {
        .set(CharacterSet([scalar.value...scalar.value], isFolded: isFolded))
    }

    // MARK: repetition

    private mutating func repetition(
        of part: Pattern, from start: Int
    ) throws(RegexError) -> Pattern {
        let mark = at
        guard let (least, most) = try quantifier() else { return part }
        if case .assertion = part {
            throw unsupported("a place cannot be repeated; leave the quantifier out", mark)
        }
        var isGreedy = true
        if peek() == "?" {
            isGreedy = false
            at += 1
        } else if peek() == "+" {
            throw unsupported("possessive quantifiers are not supported; leave '+' out", at)
        }
        let end = at
        if try quantifier() != nil {
            throw unsupported("a quantifier after a quantifier; group the first with (?:...)", end)
        }
        return .repetition(part, least: least, most: most, isGreedy: isGreedy)
    }

    private mutating func quantifier() throws(RegexError) -> (Int, Int?)? {
        switch peek() {
        case "*":
            at += 1
            return (0, nil)
        case "+":
            at += 1
            return (1, nil)
        case "?":
            at += 1
            return (0, 1)
        case "{":
            guard let (least, most, length) = try bounds() else { return nil }
            at += length
            return (least, most)
        default: return nil
        }
    }

    /// `{m}`, `{m,}` or `{m,n}` here; nil where the brace is a literal one.
    private func bounds() throws(RegexError) -> (Int, Int?, length: Int)? {
        var end = at + 1
        func number() -> Int? {
            let start = end
            while end < scalars.count, ("0"..."9").contains(scalars[end]) { end += 1 }
            guard end > start else { return nil }
            // What does not fit is beyond the limit all the same.
            return Int(String(String.UnicodeScalarView(scalars[start..<end]))) ?? .max
        }
        let least = number()
        var most = least
        if end < scalars.count, scalars[end] == "," {
            end += 1
            most = number()
        }
        guard end < scalars.count, scalars[end] == "}" else { return nil }
        guard let least else {
            guard most != nil else { return nil }
            throw unsupported("'{,n}' means different things to RE2 and Python; write '{0,n}'", at)
        }
        guard max(least, most ?? 0) <= Self.mostRepeats else {
            throw RegexError(
                code: .tooLarge, message: "more than \(Self.mostRepeats) repetitions", offset: at)
        }
        if let most, most < least { throw syntax("the bounds are in the wrong order", at) }
        return (least, most, end + 1 - at)
    }
}

// MARK: groups

extension PatternParser {
    private mutating func group() throws(RegexError) -> Pattern {
        let start = at
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw RegexError(
                code: .tooLarge, message: "groups nested deeper than \(Self.deepest)",
                offset: start)
        }
        if follows("(?:") {
            at += 3
        } else if follows("(?P<") {
            try groupName()
        } else if follows("(?") {
            throw refusedGroup()
        } else {
            at += 1
        }
        let pattern = try choice()
        guard peek() == ")" else { throw syntax("'(' without ')'", start) }
        at += 1
        return pattern
    }

    private mutating func groupName() throws(RegexError) {
        let start = at
        at += 4
        var name = ""
        while let next = peek(), next != ">" {
            let isLetter = next == "_" || next.isASCII && next.properties.isAlphabetic
            guard isLetter || !name.isEmpty && ("0"..."9").contains(next) else {
                throw syntax("a group's name has letters, digits and '_' only", at)
            }
            name.unicodeScalars.append(next)
            at += 1
        }
        guard peek() == ">", !name.isEmpty else {
            throw syntax("expected a name and '>' after '(?P<'", start)
        }
        guard names.insert(name).inserted else {
            throw syntax("two groups have the name '\(name)'", start)
        }
        at += 1
    }

    private func refusedGroup() -> RegexError {
        let reasons: [(String, String)] = [
            ("(?=", "look-ahead '(?=' is not supported: it cannot be matched in linear time"),
            ("(?!", "look-ahead '(?!' is not supported: it cannot be matched in linear time"),
            ("(?<=", "look-behind '(?<=' is not supported: it cannot be matched in linear time"),
            ("(?<!", "look-behind '(?<!' is not supported: it cannot be matched in linear time"),
            ("(?P=", "back-references are not supported: they cannot be matched in linear time"),
            ("(?<", "'(?<name>' is not known to Python; write '(?P<name>'"),
            ("(?>", "atomic groups are not supported; write '(?:'"),
            ("(?(", "conditions are not supported"),
            ("(?#", "comments are not supported"),
        ]
        if let (_, reason) = reasons.first(where: { follows($0.0) }) {
            return unsupported(reason, at)
        }
        return unsupported(
            "groups are '(', '(?:' and '(?P<name>'; the flags (?i), (?s) and (?m) stand at the start "
                + "of the pattern", at)
    }
}

// MARK: escapes and classes

extension PatternParser {
    /// The characters that a letter after a backslash stands for.
    private static func named(_ letter: Unicode.Scalar) -> [ClosedRange<UInt32>]? {
        switch letter {
        case "d": CharacterSet.digits
        case "D": CharacterSet.complement(CharacterSet.digits)
        case "w": CharacterSet.words
        case "W": CharacterSet.complement(CharacterSet.words)
        case "s": CharacterSet.spaces
        case "S": CharacterSet.complement(CharacterSet.spaces)
        default: nil
        }
    }

    private mutating func escape() throws(RegexError) -> Pattern {
        guard let letter = peek(1) else { throw syntax("a backslash at the end", at) }
        if let ranges = Self.named(letter) {
            at += 2
            return .set(CharacterSet([], classes: ranges))
        }
        switch letter {
        case "b", "B":
            at += 2
            return .assertion(letter == "b" ? .wordBoundary : .noWordBoundary)
        case "A":
            at += 2
            return .assertion(.textStart)
        default: return literal(try escapedCharacter())
        }
    }

    /// The one character of an escape.
    private mutating func escapedCharacter() throws(RegexError) -> Unicode.Scalar {
        let start = at
        guard let letter = peek(1) else { throw syntax("a backslash at the end", at) }
        at += 2
        switch letter {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "a": return "\u{07}"
        case "x": return try hexadecimal(from: start)
        case _
        where letter.isASCII && !letter.properties.isAlphabetic && letter.value > 0x20
            && !("0"..."9").contains(letter), " ":
            return letter
        default: throw refusedEscape(letter, start)
        }
    }

    private mutating func hexadecimal(from start: Int) throws(RegexError) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<2 {
            guard let digit = peek(), digit.isASCII, let part = Character(digit).hexDigitValue
            else {
                throw unsupported("expected two hexadecimal digits after '\\x'", start)
            }
            value = value * 16 + UInt32(part)
            at += 1
        }
        return Unicode.Scalar(UInt8(value))
    }

    private func refusedEscape(_ letter: Unicode.Scalar, _ offset: Int) -> RegexError {
        switch letter {
        case "1"..."9":
            unsupported(
                "back-references are not supported: they cannot be matched in linear time", offset)
        case "0": unsupported("octal escapes are not supported; write '\\x00'", offset)
        case "z", "Z": unsupported("'\\\(letter)' is not the same everywhere; write '$'", offset)
        case "p", "P":
            unsupported("'\\\(letter)' is not known to Python; write the characters", offset)
        case "u", "U", "N":
            unsupported("'\\\(letter)' is not known to RE2; write the character itself", offset)
        case _ where letter.isASCII && letter.properties.isAlphabetic:
            unsupported("there is no escape '\\\(letter)'", offset)
        default: unsupported("only ASCII signs are escaped with a backslash", offset)
        }
    }

    private mutating func characterClass() throws(RegexError) -> CharacterSet {
        let start = at
        at += 1
        var isNegated = false
        if peek() == "^" {
            isNegated = true
            at += 1
        }
        var ranges: [ClosedRange<UInt32>] = []
        var classes: [ClosedRange<UInt32>] = []
        let first = at
        while let next = peek(), next != "]" || at == first {
            if next == "-", at > first, let after = peek(1), after != "]" {
                throw unsupported("a '-' inside a class stands first or last, or is escaped", at)
            }
            if next == "\\", let letter = peek(1), let named = Self.named(letter) {
                at += 2
                if peek() == "-", peek(1) != "]" {
                    throw syntax("'\\\(letter)' cannot begin a range", at - 2)
                }
                classes += named
            } else {
                ranges.append(try range())
            }
        }
        guard peek() == "]" else { throw syntax("'[' without ']'", start) }
        at += 1
        return CharacterSet(ranges, classes: classes, isNegated: isNegated, isFolded: isFolded)
    }

    /// One character of a class, or a range of them.
    private mutating func range() throws(RegexError) -> ClosedRange<UInt32> {
        let start = at
        let low = try member()
        guard peek() == "-", let end = peek(1), end != "]" else { return low...low }
        at += 1
        if end == "\\", let letter = peek(1), Self.named(letter) != nil {
            throw syntax("'\\\(letter)' cannot end a range", at)
        }
        let high = try member()
        guard low <= high else { throw syntax("the range is in the wrong order", start) }
        return low...high
    }

    private mutating func member() throws(RegexError) -> UInt32 {
        guard let next = peek() else { throw syntax("'[' without ']'", at) }
        if next == "[", let sign = peek(1), [":", ".", "="].contains(sign) {
            throw unsupported("'[\(sign)' is not known to Python; escape the '['", at)
        }
        guard next == "\\" else {
            at += 1
            return next.value
        }
        return try escapedCharacter().value
    }
}
