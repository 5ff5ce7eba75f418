package import FlowJSON

/// What people's corrections say of the model's answers.
package struct CorrectionCounts: Sendable, Hashable {
    /// An answer that people changed into another label.
    package struct Pair: Sendable, Hashable {
        package let predicted: String
        package let label: String
        package let count: Int
    }

    /// Answers of a model that people looked at.
    package let reviewed: Int
    /// Those of them that they changed.
    package let changed: Int
    /// The most frequent first.
    package let pairs: [Pair]

    package init(_ corrections: [LedgerEntry.CorrectionLine]) {
        let answered = corrections.compactMap { line in
            line.predicted.map { [$0.label, line.label] }
        }
        reviewed = answered.count
        let wrong = answered.filter { $0[0] != $0[1] }
        changed = wrong.count
        pairs = Dictionary(grouping: wrong) { $0 }
            .map { Pair(predicted: $0.key[0], label: $0.key[1], count: $0.value.count) }
            .sorted { ($1.count, $0.predicted, $0.label) < ($0.count, $1.predicted, $1.label) }
    }

    /// The share that was changed; nil where nothing was looked at.
    package var rate: Double? {
        reviewed == 0 ? nil : Double(changed) / Double(reviewed)
    }

    package var json: JSON {
        [
            "reviewed": .integer(reviewed), "changed": .integer(changed),
            "rate": rate.map { .number(($0 * 10_000).rounded() / 10_000) } ?? .null,
            "confused": .array(
                pairs.map {
                    [
                        "predicted": .string($0.predicted), "label": .string($0.label),
                        "count": .integer($0.count),
                    ]
                }),
        ]
    }
}
