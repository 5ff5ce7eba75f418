package import FlowJSON
internal import FlowSystem

/// What there is in a dataset: how much, of which source and label, since when, and how clean.
package struct DatasetStats: Sendable {
    /// How much of a dataset should come from where, as a share of its lines.
    package struct Band: Sendable, Hashable {
        package let source: String
        package let low: Double
        package let high: Double

        /// Enough of what production taught, most of it from others, and some by hand.
        package static let all = [
            Band(source: TrainingExample.Source.production, low: 0.3, high: 0.5),
            Band(source: TrainingExample.Source.forum, low: 0.4, high: 0.6),
            Band(source: TrainingExample.Source.manual, low: 0.1, high: 0.2),
        ]
    }

    package struct Source: Sendable, Hashable {
        package let name: String
        package let lines: Int
        /// Of all lines, from 0 to 1; 0 where there are none.
        package let share: Double
        /// nil: any share is right.
        package let band: Band?

        package var isWithin: Bool { band.map { $0.low <= share && share <= $0.high } ?? true }
    }

    /// Seven days from a Monday on, UTC.
    package struct Week: Sendable, Hashable {
        /// The date of the Monday.
        package let start: String
        package let added: Int
        /// At the end of the week.
        package let total: Int
    }

    package struct Label: Sendable, Hashable {
        package let name: String
        package let texts: Int
    }

    package let lines: Int
    package let bytes: Int
    package let texts: Int
    /// Lines in each state, in the order of the enumeration.
    package let states: [(state: ExampleState, lines: Int)]
    /// Texts of a training on each side, in the order of the enumeration.
    package let splits: [(split: DatasetSplit, texts: Int)]
    package let sources: [Source]
    /// Every week from the first line's to the last one's, by approval, else by the time of the line.
    package let weeks: [Week]
    /// Lines without a time.
    package let undated: Int
    /// The most frequent first.
    package let labels: [Label]
    /// Texts that stand in another line too.
    package let exactDuplicates: Int
    /// The same by their words, the exact ones included.
    package let normalisedDuplicates: Int
    /// Texts under more than one label.
    package let conflicts: Int

    /// Counts in O(bytes of the file).
    /// - Parameter learned: `ModelRegistry.borrowed`.
    package init(_ dataset: DatasetFile, learned: Set<String> = []) {
        let examples = dataset.examples
        let texts = DatasetTexts(dataset.numbered)
        lines = examples.count
        bytes = dataset.bytes.count
        states = ExampleState.allCases.map { state in
            (state, examples.count { $0.state == state })
        }
        let set = TrainingSet(dataset, learned: learned)
        splits = DatasetSplit.allCases.map { ($0, set.count($0)) }
        sources = Self.sources(examples)
        (weeks, undated) = Self.weeks(examples)
        labels = Self.labels(examples)
        self.texts = labels.reduce(0) { $0 + $1.texts }
        (exactDuplicates, normalisedDuplicates) = texts.duplicates
        conflicts = texts.conflicts.count
    }

    /// The texts of the most frequent label to those of the least frequent; nil without labels.
    package var imbalance: Double? {
        guard let most = labels.first?.texts, let least = labels.last?.texts, least > 0 else {
            return nil
        }
        return Double(most) / Double(least)
    }

    private static func sources(_ examples: [TrainingExample]) -> [Source] {
        let counts = Dictionary(grouping: examples, by: \.source).mapValues(\.count)
        let known = Band.all.map(\.source)
        let others = counts.keys.filter { !known.contains($0) }.sorted()
        return (known + others).map { name in
            let count = counts[name] ?? 0
            return Source(
                name: name, lines: count,
                share: examples.isEmpty ? 0 : Double(count) / Double(examples.count),
                band: Band.all.first { $0.source == name })
        }
    }

    private static func weeks(_ examples: [TrainingExample]) -> ([Week], undated: Int) {
        let days = examples.compactMap { ($0.approvedAt ?? $0.timestamp)?.day }
        // 1970-01-05 was a Monday.
        let weeks = days.map { Int((Double($0 - 4) / 7).rounded(.down)) }
        guard let first = weeks.min(), let last = weeks.max() else { return ([], examples.count) }
        let counts = Dictionary(grouping: weeks) { $0 }.mapValues(\.count)
        var total = 0
        // A line of a wild year must not make a list of all years.
        let from = max(first, last - mostWeeks + 1)
        let list = (from...last).map { week -> Week in
            let added =
                week == from
                ? counts.filter { $0.key <= week }.values.reduce(0, +)
                : counts[week] ?? 0
            total += added
            return Week(start: Timestamp(day: week * 7 + 4).date, added: added, total: total)
        }
        return (list, examples.count - days.count)
    }

    /// Ten years; what came before them counts for the first.
    private static let mostWeeks = 520

    private static func labels(_ examples: [TrainingExample]) -> [Label] {
        var texts: [String: Set<String>] = [:]
        for example in examples where example.state != .rejected {
            texts[example.label, default: []].formUnion(example.texts)
        }
        return texts.map { Label(name: $0.key, texts: $0.value.count) }.sorted {
            $0.texts == $1.texts
                ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.texts > $1.texts
        }
    }
}

extension DatasetStats {
    package var json: JSON {
        [
            "lines": .integer(lines), "bytes": .integer(bytes), "texts": .integer(texts),
            "states": .object(
                JSONObject(states.map { ($0.state.rawValue, .integer($0.lines)) })),
            "splits": .object(
                JSONObject(splits.map { ($0.split.rawValue, .integer($0.texts)) })),
            "sources": .array(sources.map(\.json)),
            "weeks": .array(
                weeks.map {
                    [
                        "week": .string($0.start), "added": .integer($0.added),
                        "total": .integer($0.total),
                    ]
                }),
            "undated": .integer(undated),
            "labels": .array(
                labels.map { ["label": .string($0.name), "texts": .integer($0.texts)] }),
            "imbalance": imbalance.map { .number(Self.rounded($0)) } ?? .null,
            "duplicates": [
                "exact": .integer(exactDuplicates), "normalised": .integer(normalisedDuplicates),
            ],
            "conflicts": .integer(conflicts),
        ]
    }

    fileprivate static func rounded(_ value: Double) -> Double {
        (value * 10_000).rounded() / 10_000
    }
}

extension DatasetStats.Source {
    fileprivate var json: JSON {
        [
            "source": .string(name), "lines": .integer(lines),
            "share": .number(DatasetStats.rounded(share)),
            "band": band.map { [.number($0.low), .number($0.high)] } ?? .null,
            "within": .bool(isWithin),
        ]
    }
}
