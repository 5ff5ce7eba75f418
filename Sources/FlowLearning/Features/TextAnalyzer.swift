/// How a text becomes terms; both ways are scikit-learn's, to the term.
package enum TextAnalyzer: Sendable, Hashable {
    /// Runs of this many words (`analyzer='word'`, `ngram_range`).
    case words(ClosedRange<Int>)
    /// Runs of this many scalars inside a word with a blank on each side (`analyzer='char_wb'`).
    case charactersInWords(ClosedRange<Int>)

    /// Hands over each term of the text, as UTF-8, as often as it occurs.
    func forEachTerm(of text: String, _ body: (Span<UInt8>) -> Void) {
        switch self {
        case .words(let lengths): Self.words(text, lengths, body)
        case .charactersInWords(let lengths): Self.characters(text, lengths, body)
        }
    }

    private static func words(
        _ text: String, _ lengths: ClosedRange<Int>, _ body: (Span<UInt8>) -> Void
    ) {
        let words = TextWords(text)
        let span = words.bytes.span
        for length in lengths where length <= words.ranges.count {
            for first in 0...(words.ranges.count - length) {
                let start = words.ranges[first].lowerBound
                body(span.extracting(start..<words.ranges[first + length - 1].upperBound))
            }
        }
    }

    private static func characters(
        _ text: String, _ lengths: ClosedRange<Int>, _ body: (Span<UInt8>) -> Void
    ) {
        let scalars = PythonText.lower(text)
        for word in scalars.split(whereSeparator: PythonText.isSpace) {
            var bytes: [UInt8] = [0x20]
            var starts = [0]
            for scalar in word {
                starts.append(bytes.count)
                bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
            }
            starts.append(bytes.count)
            bytes.append(0x20)
            starts.append(bytes.count)
            let count = starts.count - 1
            let span = bytes.span
            for length in lengths {
                guard length < count else {
                    // A word no longer than this counts once, and longer runs find nothing in it.
                    body(span)
                    break
                }
                for first in 0...(count - length) {
                    body(span.extracting(starts[first]..<starts[first + length]))
                }
            }
        }
    }
}
