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
            rows.append(
                features.joined(zip(features.parts, counts).map { $0.row(of: $1.kept(text)) }))
        }
        return (features, rows)
    }

    /// The text's known terms with their weights; no known term: an empty row.
    func row(_ text: String) -> SparseRow { reading(text).row }

    /// The same with where each term stands.
    func reading(_ text: String) -> TextReading {
        let lower = LowerText(text)
        let occurrences = parts.map { $0.occurrences(lower) }
        let row = joined(
            zip(parts, occurrences).map { part, found in
                part.row(of: found.lazy.map(\.term))
            })
        return TextReading(text: lower, row: row, occurrences: occurrences)
    }

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

    /// What is given for each entry of the row, in its order, added up by the words it stands in: a
    /// term that occurs twice gives half to each place. A run of words is its own; a run of characters
    /// stands in a word, taken without the signs around it.
    func byWord(_ entries: [Double], of reading: TextReading) -> [String: Double] {
        var sums = [String: Double](minimumCapacity: 64)
        var entry = 0
        for (part, found) in zip(parts, reading.occurrences) {
            // By the number of the word; of runs of words by that of their term.
            var shares: [Double] = []
            var start = 0
            while start < found.count {
                let term = found[start].term
                let end = found[start...].firstIndex { $0.term != term } ?? found.count
                if case .words = part.analyzer {
                    sums[part.terms.text(Int(term)), default: 0] += entries[entry]
                } else {
                    let share = entries[entry] / Double(end - start)
                    for occurrence in found[start..<end] {
                        while shares.count <= occurrence.word { shares.append(0) }
                        shares[occurrence.word] += share
                    }
                }
                entry += 1
                start = end
            }
            guard !shares.isEmpty else { continue }
            let words = PaddedWords(reading.text)
            for (word, share) in shares.enumerated() { sums[words.name(word), default: 0] += share }
        }
        return sums
    }

    /// The parts' rows as one.
    private func joined(_ rows: [SparseRow]) -> SparseRow {
        var row = SparseRow()
        var first: Int32 = 0
        for (part, own) in zip(parts, rows) {
            if first == 0 {
                row = own
            } else {
                row.columns += own.columns.lazy.map { $0 + first }
                row.values += own.values
            }
            first += Int32(part.terms.count)
        }
        return row
    }
}

/// A text as a model sees it.
struct TextReading {
    fileprivate let text: LowerText
    let row: SparseRow
    /// Of each part.
    fileprivate let occurrences: [[TermOccurrence]]
}
