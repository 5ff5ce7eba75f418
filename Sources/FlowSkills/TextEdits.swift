internal import FlowYAML

/// Replacements in one text, collected first and made in one pass, so that many cost no more than
/// one and every byte outside them stays.
struct TextEdits {
    let bytes: [UInt8]
    /// How the text ends its lines.
    let newline: String
    private var changes: [(range: Range<Int>, text: String)] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let first = bytes.firstIndex(of: 0x0A) ?? 0
        newline = first > 0 && bytes[first - 1] == 0x0D ? "\r\n" : "\n"
    }

    var isEmpty: Bool { changes.isEmpty }
    var count: Int { changes.count }

    /// Puts `text`, whose lines end with LF, in the place of some bytes; ranges may not overlap.
    mutating func replace(_ range: Range<Int>, with text: String) {
        let lines =
            newline == "\n"
            ? text
            : text.split(
                separator: "\n", omittingEmptySubsequences: false
            ).joined(separator: newline)
        changes.append((range, lines))
    }

    /// The text with all replacements made; those at one place stand in the order they came in.
    func applied() -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + changes.reduce(0) { $0 + $1.text.utf8.count })
        var at = 0
        let ordered = changes.enumerated().sorted {
            ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
        }
        for (_, change) in ordered {
            result += bytes[at..<change.range.lowerBound]
            result += change.text.utf8
            at = change.range.upperBound
        }
        return result + bytes[at...]
    }

    /// The first byte at or after `offset` that ends its line, or the text's end.
    func lineEnd(after offset: Int) -> Int {
        var at = offset
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        return at > offset && bytes[at - 1] == 0x0D ? at - 1 : at
    }

    func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }
}
