/// A text as the terms it has, by column, and their weights.
struct SparseRow: Sendable, Hashable {
    /// Ascending, each once.
    var columns: [Int32] = []
    var values: [Double] = []
}

/// TF-IDF: which terms there are and how much each says, as scikit-learn's `TfidfVectorizer` has it
/// (`norm='l2'`, `smooth_idf=True`).
///
/// One thing is decided otherwise: terms that tie at the limit are taken by count, then by code
/// point, where scikit-learn's choice depends on the processor.
struct TermWeights: Sendable {
    let analyzer: TextAnalyzer
    /// Whether a count of n weighs 1 + ln n instead of n.
    let isSublinear: Bool
    /// Sorted by code point.
    let terms: TermTable
    /// ln((1 + texts) / (1 + texts with the term)) + 1.
    let inverseFrequency: [Double]

    /// Terms and weights as they were stored.
    init(
        analyzer: TextAnalyzer, isSublinear: Bool, terms: TermTable, inverseFrequency: [Double]
    ) {
        self.analyzer = analyzer
        self.isSublinear = isSublinear
        self.terms = terms
        self.inverseFrequency = inverseFrequency
    }

    /// Learns the terms of these texts: the `limit` most frequent. Costs one pass over the texts.
    init(of texts: [String], analyzer: TextAnalyzer, limit: Int, isSublinear: Bool = false) {
        var all = TermTable()
        var counts: [Int] = []
        var documents: [Int] = []
        var lastSeen: [Int] = []
        for (place, text) in texts.enumerated() {
            analyzer.forEachTerm(of: text) { term in
                let number = all.insert(term)
                if number == counts.count {
                    counts.append(0)
                    documents.append(0)
                    lastSeen.append(-1)
                }
                counts[number] += 1
                if lastSeen[number] != place {
                    documents[number] += 1
                    lastSeen[number] = place
                }
            }
        }
        var chosen = Array(0..<all.count)
        if chosen.count > limit {
            chosen.sort { one, other in
                counts[one] != counts[other]
                    ? counts[one] > counts[other] : all.precedes(one, other)
            }
            chosen.removeLast(chosen.count - limit)
        }
        chosen.sort { all.precedes($0, $1) }
        var terms = TermTable()
        for number in chosen { _ = terms.insert(all.bytes.span.extracting(all.range(number))) }
        self.init(
            analyzer: analyzer, isSublinear: isSublinear, terms: terms,
            inverseFrequency: chosen.map {
                FixedMath.log(Double(1 + texts.count) / Double(1 + documents[$0])) + 1
            })
    }

    /// The text's known terms with their weights, of length 1; no known term: an empty row.
    func row(_ text: String) -> SparseRow {
        var found: [Int32] = []
        analyzer.forEachTerm(of: text) { term in
            if let number = terms.number(of: term) { found.append(Int32(number)) }
        }
        found.sort()
        var row = SparseRow()
        var start = 0
        while start < found.count {
            var end = start + 1
            while end < found.count, found[end] == found[start] { end += 1 }
            let count = Double(end - start)
            let frequency = isSublinear ? 1 + FixedMath.log(count) : count
            row.columns.append(found[start])
            row.values.append(frequency * inverseFrequency[Int(found[start])])
            start = end
        }
        let length = row.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if length > 0 { for place in row.values.indices { row.values[place] /= length } }
        return row
    }
}
