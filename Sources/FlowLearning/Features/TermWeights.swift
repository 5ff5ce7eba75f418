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

    /// The numbers of the text's known terms, as often as they occur.
    func occurrences(_ text: String) -> [Int32] {
        var found: [Int32] = []
        analyzer.forEachTerm(of: text) { term in
            if let number = terms.number(of: term) { found.append(Int32(number)) }
        }
        return found
    }

    /// The same with the word each occurrence stands in: a run of words is its own, a run of
    /// characters stands in a word, taken without the signs around it.
    func wordOccurrences(_ text: String) -> [(word: String, term: Int32)] {
        switch analyzer {
        case .words: occurrences(text).map { (terms.text(Int($0)), $0) }
        case .charactersInWords:
            PythonText.lower(text).split(whereSeparator: PythonText.isSpace).flatMap { scalars in
                var word = String(String.UnicodeScalarView(scalars))
                let found = occurrences(word)
                if let start = scalars.firstIndex(where: PythonText.isWord),
                    let end = scalars.lastIndex(where: PythonText.isWord)
                {
                    word = String(String.UnicodeScalarView(scalars[start...end]))
                }
                return found.map { (word, $0) }
            }
        }
    }

    /// Terms with their weights; no term: an empty row.
    func row(of occurrences: [Int32]) -> SparseRow {
        let found = occurrences.sorted()
        var columns: [Int32] = []
        var values: [Double] = []
        var start = 0
        while start < found.count {
            var end = start + 1
            while end < found.count, found[end] == found[start] { end += 1 }
            columns.append(found[start])
            values.append(frequency(end - start) * inverseFrequency[Int(found[start])])
            start = end
        }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return SparseRow(columns: columns, values: values.map { Float($0 / norm * length) })
    }

    private func frequency(_ count: Int) -> Double {
        isSublinear && count > 1 ? 1 + FixedMath.log(Double(count)) : Double(count)
    }
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
        settings.analyzer.forEachTerm(of: text) { term in
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

    /// The kept terms of one text, after `weights`.
    func kept(_ text: Int) -> [Int32] {
        occurrences[(text == 0 ? 0 : ends[text - 1])..<ends[text]].filter { $0 >= 0 }
    }
}
