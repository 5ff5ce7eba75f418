package import FlowJSON
package import FlowText

/// What a team knows to be a variable of its messages, beside what the grouping finds out itself.
///
/// What a mask matches is one variable of the message and stands in nothing that is kept; in its
/// place stands `<mask:name>`. Each line is matched by itself. Where there are no masks this costs
/// nothing; else one look for the text that the pattern needs, and the machine where that is there.
package struct MessageMasks: Sendable {
    private struct Mask {
        let name: String
        let regex: LinearRegex

        var placeholder: String { "\(MessageMasks.opening)\(name)>" }
    }

    /// Matches of one mask in a line that are looked for; what follows the last is masked with it. So
    /// many searches at most read a line.
    static let mostMatches = 64
    private static let opening: StaticString = "<mask:"
    private static let longestName = 32

    private let masks: [Mask]

    /// No masks.
    package init() { masks = [] }

    /// - Parameter masks: names of small letters, digits and `-` (32 at most), each once, and
    ///   patterns.
    /// - Throws: for a pattern that is not of the dialect.
    package init(_ masks: [(name: String, pattern: String)]) throws(RegexError) {
        var read: [Mask] = []
        for mask in masks {
            read.append(Mask(name: mask.name, regex: try LinearRegex(mask.pattern)))
        }
        self.masks = read
    }

    package var isEmpty: Bool { masks.isEmpty }

    /// What tells these masks from others: messages masked by others make other groups.
    package var json: JSON {
        .array(masks.map { [.string($0.name), .string($0.regex.pattern)] })
    }

    /// The matches in a text, those of one line after those of the line before; they may overlap.
    func matches(in text: String) -> [MaskedPart] {
        if masks.isEmpty { return [] }
        let asked = masks.filter { Self.holds(text, $0.regex.requiredText) }
        if asked.isEmpty { return [] }
        var found: [MaskedPart] = []
        var start = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            for mask in asked { found += Self.matches(mask, String(Substring(line)), start) }
            start += line.count + 1
        }
        return found
    }

    private static func matches(_ mask: Mask, _ line: String, _ start: Int) -> [MaskedPart] {
        var ranges = mask.regex.matches(in: line, most: mostMatches)
        if ranges.count == mostMatches, let last = ranges.popLast() {
            ranges.append(last.lowerBound..<line.utf8.count)
        }
        return ranges.map {
            MaskedPart(
                start: start + $0.lowerBound, end: start + $0.upperBound,
                placeholder: mask.placeholder)
        }
    }

    /// A text with what the masks match replaced, and nothing else; nil where they match nothing.
    func masked(_ text: String) -> String? {
        let matches = matches(in: text)
        if matches.isEmpty { return nil }
        var text = text
        return text.withUTF8 {
            MaskedPart.spliced($0, MaskedPart.joined(MaskedPart.placed(in: $0) + matches))
        }
    }

    private static func holds(_ text: String, _ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first else { return true }
        var text = text
        return text.withUTF8 { bytes in
            var at = 0
            while at + wanted.count <= bytes.count {
                if bytes[at] == first,
                    bytes[at..<(at + wanted.count)].elementsEqual(wanted)
                {
                    return true
                }
                at += 1
            }
            return false
        }
    }

    /// Where the placeholder of a mask ends that begins at `at`, whatever its name; `at` itself where
    /// none does.
    static func placeholderEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        guard ASCII.matches(opening, in: bytes, at) else { return at }
        let name = at + opening.utf8CodeUnitCount
        var end = name
        while end < bytes.count, end <= name + longestName, isNameByte(bytes[end]) { end += 1 }
        let isWhole = end > name && end < bytes.count && bytes[end] == UInt8(ascii: ">")
        return isWhole ? end + 1 : at
    }

    /// Whether a text is the placeholder of a mask and nothing else.
    static func isPlaceholder(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { !$0.isEmpty && placeholderEnd($0, 0) == $0.count }
    }

    /// The mask's name in its placeholder.
    static func name(of placeholder: String) -> Substring {
        placeholder.dropFirst(opening.utf8CodeUnitCount).dropLast()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte &- 0x61 < 26 || MessagePieces.isDigit(byte) || byte == UInt8(ascii: "-")
    }
}
