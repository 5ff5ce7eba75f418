/// TF-IDF: which terms there are and how much each says, as scikit-learn's `TfidfVectorizer` has it
/// (`norm='l2'`, `smooth_idf=True`).
///
/// One thing is decided otherwise: terms that tie at the limit are taken by count, then by code
/// point, where scikit-learn's choice depends on the processor.
struct TermWeights: Sendable {
    let analyzer: TextAnalyzer
    /// Whether a count of n weighs 1 + ln n instead of n.
    let isSublinear: Bool
    /// Of every row that has a term.
    let length: Double
    /// Sorted by code point.
    let terms: TermTable
    /// ln((1 + texts) / (1 + texts with the term)) + 1.
    let inverseFrequency: [Double]

    /// The text's known terms, sorted, as often as they occur.
    func occurrences(_ text: LowerText) -> [TermOccurrence] {
        var found: [TermOccurrence] = []
        found.reserveCapacity(4 * text.bytes.count)
        analyzer.forEachTerm(of: text) { term, word in
            if let number = terms.number(of: term) {
                found.append(TermOccurrence(term: number, word: word))
            }
        }
        found.sort()
        return found
    }

    /// Terms with their weights; no term: an empty row. `terms` are sorted.
    func row(of terms: some Sequence<Int32>) -> SparseRow {
        var columns: [Int32] = []
        var values: [Double] = []
        var count = 0
        for term in terms {
            if term == columns.last {
                count += 1
            } else {
                weigh(count, columns, &values)
                columns.append(term)
                count = 1
            }
        }
        weigh(count, columns, &values)
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return SparseRow(columns: columns, values: values.map { Float($0 / norm * length) })
    }

    private func weigh(_ count: Int, _ columns: [Int32], _ values: inout [Double]) {
        guard let term = columns.last else { return }
        values.append(frequency(count) * inverseFrequency[Int(term)])
    }

    private func frequency(_ count: Int) -> Double {
        isSublinear && count > 1 ? 1 + FixedMath.log(Double(count)) : Double(count)
    }
}

/// A known term at a place of a text.
struct TermOccurrence: Comparable {
    /// Both numbers in one, so that sorting compares once.
    private let both: UInt64

    init(term: Int, word: Int) { both = UInt64(term) << 32 | UInt64(word) }

    var term: Int32 { Int32(truncatingIfNeeded: both >> 32) }
    /// As the analyser counts words.
    var word: Int { Int(both & 0xFFFF_FFFF) }

    static func < (one: TermOccurrence, other: TermOccurrence) -> Bool { one.both < other.both }
}

/// What was counted of the terms of many texts.
struct TermCounts {
    private let settings: TermSettings
    private var all = TermTable()
    /// Of each term: how often it occurs, in how many texts, and in which last.
    private var counts: [(all: Int32, texts: Int32, last: Int32)] = []
    /// The terms of all texts one after the other, and where each text's end.
    private var occurrences: [Int32] = []
    private var ends: [Int] = []

    /// One pass over the texts; 4 bytes an occurrence.
    init(_ texts: [String], _ settings: TermSettings) {
        self.settings = settings
        for (place, text) in texts.enumerated() { count(text, Int32(place)) }
    }

    private mutating func count(_ text: String, _ place: Int32) {
        settings.analyzer.forEachTerm(of: LowerText(text)) { term, _ in
            let number = all.insert(term)
            if number == counts.count { counts.append((0, 0, -1)) }
            counts[number].all += 1
            if counts[number].last != place {
                counts[number].texts += 1
                counts[number].last = place
            }
            occurrences.append(Int32(number))
        }
        ends.append(occurrences.count)
    }

    /// The terms that are kept, with their weights; the occurrences are renumbered to match.
    mutating func weights() -> TermWeights {
        var chosen = (0..<all.count).filter { counts[$0].texts >= settings.minimumTexts }
        if chosen.count > settings.limit {
            chosen.sort { one, other in
                counts[one].all != counts[other].all
                    ? counts[one].all > counts[other].all : all.precedes(one, other)
            }
            chosen.removeLast(chosen.count - settings.limit)
        }
        chosen.sort { all.precedes($0, $1) }
        var terms = TermTable()
        var numbers = [Int32](repeating: -1, count: all.count)
        for (number, old) in chosen.enumerated() {
            numbers[old] = Int32(number)
            _ = terms.insert(all.bytes.span.extracting(all.range(old)))
        }
        for place in occurrences.indices {
            occurrences[place] = numbers[Int(occurrences[place])]
        }
        let texts = ends.count
        return TermWeights(
            analyzer: settings.analyzer, isSublinear: settings.isSublinear,
            length: settings.length, terms: terms,
            inverseFrequency: chosen.map {
                FixedMath.log(Double(1 + texts) / Double(1 + Int(counts[$0].texts))) + 1
            })
    }

    /// The kept terms of one text, sorted, after `weights`.
    func kept(_ text: Int) -> [Int32] {
        occurrences[(text == 0 ? 0 : ends[text - 1])..<ends[text]].filter { $0 >= 0 }.sorted()
    }
}
