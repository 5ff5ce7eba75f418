/// How a text becomes terms; both ways are scikit-learn's, to the term.
package enum TextAnalyzer: Sendable, Hashable {
    /// Runs of this many words (`analyzer='word'`, `ngram_range`).
    case words(ClosedRange<Int>)
    /// Runs of this many scalars inside a word with a blank on each side (`analyzer='char_wb'`).
    case charactersInWords(ClosedRange<Int>)

    /// Hands over each term of the text, as UTF-8, as often as it occurs, with the number of the word
    /// it stands in; a run of words counts as one.
    func forEachTerm(of text: LowerText, _ body: (Span<UInt8>, Int) -> Void) {
        switch self {
        case .words(let lengths): Self.words(TextWords(text), lengths, body)
        case .charactersInWords(let lengths): Self.characters(PaddedWords(text), lengths, body)
        }
    }

    private static func words(
        _ words: TextWords, _ lengths: ClosedRange<Int>, _ body: (Span<UInt8>, Int) -> Void
    ) {
        let span = words.bytes.span
        var number = 0
        for length in lengths where length <= words.ranges.count {
            for first in 0...(words.ranges.count - length) {
                let start = words.ranges[first].lowerBound
                body(
                    span.extracting(start..<words.ranges[first + length - 1].upperBound), number)
                number += 1
            }
        }
    }

    private static func characters(
        _ words: PaddedWords, _ lengths: ClosedRange<Int>, _ body: (Span<UInt8>, Int) -> Void
    ) {
        let span = words.bytes.span
        var starts: [Int] = []
        for (number, word) in words.ranges.enumerated() {
            starts.removeAll(keepingCapacity: true)
            for place in word where span[place] & 0xC0 != 0x80 { starts.append(place) }
            let count = starts.count
            starts.append(word.upperBound)
            for length in lengths {
                guard length < count else {
                    // A word no longer than this counts once, and longer runs find nothing in it.
                    body(span.extracting(word), number)
                    break
                }
                for first in 0...(count - length) {
                    body(span.extracting(starts[first]..<starts[first + length]), number)
                }
            }
        }
    }
}
