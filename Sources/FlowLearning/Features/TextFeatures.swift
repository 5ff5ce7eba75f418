/// The columns of a model: the terms of one or more analysers side by side, each part of a row of
/// a length of its own, as scikit-learn's `FeatureUnion` of `TfidfVectorizer`s has it.
struct TextFeatures: Sendable {
    let parts: [TermWeights]

    /// All columns.
    var count: Int { parts.reduce(0) { $0 + $1.terms.count } }

    init(_ parts: [TermWeights]) { self.parts = parts }

    /// Learns the terms of these texts, and gives the texts' rows. Costs one pass over the texts for
    /// each part.
    static func learn(_ texts: [String], _ settings: [TermSettings]) -> (TextFeatures, SparseRows) {
        var counts = settings.map { TermCounts(texts, $0) }
        var parts: [TermWeights] = []
        for place in counts.indices { parts.append(counts[place].weights()) }
        let features = TextFeatures(parts)
        var rows = SparseRows()
        for text in texts.indices {
            rows.append(features.row(counts.map { $0.kept(text) }))
        }
        return (features, rows)
    }

    /// The text's known terms with their weights; no known term: an empty row.
    func row(_ text: String) -> SparseRow { row(parts.map { $0.occurrences(text) }) }

    /// How many columns of a row are words, or words in a row.
    func words(in row: SparseRow) -> Int {
        var first = 0
        var count = 0
        for part in parts {
            let columns = first..<(first + part.terms.count)
            if case .words = part.analyzer {
                count += row.columns.count { columns.contains(Int($0)) }
            }
            first = columns.upperBound
        }
        return count
    }

    /// Each known column of the text as often as it occurs, with the word it stands in and the share
    /// of the column that this one occurrence is.
    func wordOccurrences(_ text: String) -> [(word: String, column: Int32, share: Double)] {
        var result: [(word: String, column: Int32, share: Double)] = []
        var first: Int32 = 0
        for part in parts {
            let found = part.wordOccurrences(text)
            let counts = found.reduce(into: [Int32: Double]()) { $0[$1.term, default: 0] += 1 }
            result += found.map { ($0.word, $0.term + first, 1 / (counts[$0.term] ?? 1)) }
            first += Int32(part.terms.count)
        }
        return result
    }

    private func row(_ occurrences: [[Int32]]) -> SparseRow {
        var row = SparseRow()
        var first: Int32 = 0
        for (part, found) in zip(parts, occurrences) {
            let own = part.row(of: found)
            row.columns += first == 0 ? own.columns : own.columns.map { $0 + first }
            row.values += own.values
            first += Int32(part.terms.count)
        }
        return row
    }
}
