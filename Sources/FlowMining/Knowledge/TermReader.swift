/// Cuts text into the terms by which solved cases are found.
///
/// A name of a program is found by itself and by its parts: `org.apache.FSImage` gives
/// `org.apache.fsimage`, `org`, `apache`, `fsimage`, `fs` and `image`; `max_retries` gives
/// `max_retries`, `max` and `retry`. Terms are in lower case and lose their ending (`TermStem`). A
/// term of one byte tells nothing; one of more than 64 bytes is a value, of which only the parts
/// count.
struct TermReader {
    private static let shortest = 2
    private static let longest = 64

    /// A term: where it stands in `bytes`, and where it stood in the text.
    struct Term {
        let range: Range<Int>
        let source: Range<Int>
    }

    /// The terms' bytes, one term after the other.
    private(set) var bytes: [UInt8] = []
    private(set) var terms: [Term] = []

    /// Reads a part of a text that `TermText` has prepared; what was read before is forgotten.
    mutating func read(_ text: [UInt8], _ part: Range<Int>) {
        bytes.removeAll(keepingCapacity: true)
        terms.removeAll(keepingCapacity: true)
        var at = part.lowerBound
        while at < part.upperBound {
            if Kind(text[at]) == .other {
                at += 1
            } else {
                at = name(text, from: at, to: part.upperBound)
            }
        }
    }

    /// Words with a dot or a dollar sign between them; gives the end.
    private mutating func name(_ text: [UInt8], from start: Int, to limit: Int) -> Int {
        var at = start
        var words = 0
        while true {
            let wordStart = at
            while at < limit, Kind(text[at]) != .other { at += 1 }
            words += 1
            word(text, wordStart..<at)
            guard at + 1 < limit, text[at] == UInt8(ascii: ".") || text[at] == UInt8(ascii: "$"),
                Kind(text[at + 1]) != .other
            else { break }
            at += 1
        }
        if words > 1 { add(text, start..<at) }
        return at
    }

    /// One word: itself and, where it has several, its parts.
    private mutating func word(_ text: [UInt8], _ word: Range<Int>) {
        var start = word.lowerBound
        for at in word {
            if Kind(text[at]) == .underscore {
                add(text, start..<at)
                start = at + 1
            } else if at > start, Self.isCut(text, at, word.upperBound) {
                add(text, start..<at)
                start = at
            }
        }
        add(text, start..<word.upperBound)
        if start > word.lowerBound { add(text, word) }
    }

    /// Whether a new part begins at `at`.
    private static func isCut(_ text: [UInt8], _ at: Int, _ end: Int) -> Bool {
        switch (Kind(text[at - 1]), Kind(text[at])) {
        case (.digit, .lower), (.digit, .upper), (.lower, .digit), (.upper, .digit),
            (.lower, .upper):
            true
        case (.upper, .upper): at + 1 < end && Kind(text[at + 1]) == .lower
        default: false
        }
    }

    private mutating func add(_ text: [UInt8], _ source: Range<Int>) {
        guard source.count >= Self.shortest, source.count <= Self.longest else { return }
        let start = bytes.count
        for at in source { bytes.append(ASCII.lower(text[at])) }
        TermStem.cut(&bytes, from: start)
        terms.append(Term(range: start..<bytes.count, source: source))
    }

    /// What a byte is in a name; the bytes of letters beyond ASCII are lower case.
    private enum Kind {
        case other, lower, upper, digit, underscore

        init(_ byte: UInt8) {
            switch byte {
            case 0x61...0x7A, 0x80...: self = .lower
            case 0x41...0x5A: self = .upper
            case 0x30...0x39: self = .digit
            case 0x5F: self = .underscore
            default: self = .other
            }
        }
    }
}

/// Text as `TermReader` takes it.
enum TermText {
    /// The bytes, in which every scalar beyond ASCII is a letter in lower case or a blank.
    static func prepared(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                result.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if isLetter(scalar) {
                result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
            } else {
                result.append(UInt8(ascii: " "))
            }
        }
        return result
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}

/// Takes the endings off English words that say the same in another form: plural, past, `-ing`, and
/// the silent `e` that comes and goes with them (`caches`, `cached`, `caching`, `cache`).
///
/// Lighter than Porter's stemmer, which also joins words of different meaning; the rules for the
/// plural are those of Harman's S-stemmer ("How effective is suffixing?", JASIS 42, 1991).
enum TermStem {
    /// Cuts the word that begins at `start` and reaches to the end.
    static func cut(_ bytes: inout [UInt8], from start: Int) {
        func length() -> Int { bytes.count - start }
        func ends(_ ending: StaticString) -> Bool {
            let count = ending.utf8CodeUnitCount
            guard length() >= count else { return false }
            return ending.withUTF8Buffer { letters in
                for place in 0..<count where letters[place] != bytes[bytes.count - count + place] {
                    return false
                }
                return true
            }
        }
        guard length() > 3, let last = bytes.last, last & 0xE0 == 0x60 else { return }
        if ends("ies") {
            bytes.removeLast(3)
            bytes.append(UInt8(ascii: "y"))
        } else if ends("s"), !ends("ss"), !ends("us"), !ends("is") {
            bytes.removeLast()
        }
        for ending: StaticString in ["ing", "ed"]
        where length() > ending.utf8CodeUnitCount + 3 && ends(ending) {
            bytes.removeLast(ending.utf8CodeUnitCount)
            uncouple(&bytes)
            break
        }
        if length() > 3, ends("e") { bytes.removeLast() }
    }

    /// `mapp` of `mapping` to `map`; `call`, `miss` and `buzz` stay.
    private static func uncouple(_ bytes: inout [UInt8]) {
        let count = bytes.count
        guard count > 2, bytes[count - 1] == bytes[count - 2],
            !"lsz".utf8.contains(bytes[count - 1])
        else { return }
        bytes.removeLast()
    }
}
