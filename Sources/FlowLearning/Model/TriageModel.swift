/// A trained model: for an error message, which label applies and how sure that is.
package struct TriageModel: Sendable {
    /// The name of the preset it was trained with.
    package let preset: String
    /// Sorted by code point.
    package let labels: [String]
    /// `TrainingSet.hash` of what it was trained from.
    package let samplesHash: String
    let features: TextFeatures
    /// One classifier; several where calibration took folds, and the probability is their mean.
    let weights: LinearWeights
    let calibration: Calibration

    /// How many different terms the model knows.
    package var termCount: Int { features.count }

    /// The likeliest labels of a text, at most `top`, and the words that decided, at most `words`.
    ///
    /// Equal probabilities are in the order of the labels. Costs O(terms of the text × labels).
    package func predict(_ text: String, top: Int = 5, words: Int = 5) -> Prediction {
        let reading = features.reading(text)
        let row = reading.row
        let decisions = weights.decisions(row)
        let probabilities = calibration.probabilities(decisions)
        let best = Self.highest(probabilities, top)
        return Prediction(
            guesses: best.prefix(top).map {
                Prediction.Guess(label: labels[$0], probability: probabilities[$0])
            },
            words: words > 0
                ? Array(decidingWords(reading, for: best[0]).prefix(words)) : [],
            knownTerms: features.words(in: row), outOfScope: outOfScope(decisions))
    }

    /// The places of the `count` highest values, at least one, the highest first; of equal ones the
    /// first comes first.
    private static func highest(_ values: [Double], _ count: Int) -> [Int] {
        var best: [Int] = []
        for place in values.indices {
            if best.count >= max(1, count) {
                guard let last = best.last, values[place] > values[last] else { continue }
                best.removeLast()
            }
            let rank = best.lastIndex { values[$0] >= values[place] }.map { $0 + 1 } ?? 0
            best.insert(place, at: rank)
        }
        return best
    }

    /// How well the model answers these samples, each counted once; nil where there are none.
    package func evaluate(on samples: [TrainingSample]) -> Evaluation? {
        Evaluation(answers(to: samples))
    }

    /// The likeliest label of each sample, in their order.
    package func answers(to samples: [TrainingSample]) -> [Evaluation.Answer] {
        samples.map { sample in
            let probabilities = probabilities(features.row(sample.text))
            var best = 0
            for place in probabilities.indices
            where probabilities[place] > probabilities[best] { best = place }
            return Evaluation.Answer(
                text: sample.text, truth: sample.label, label: labels[best],
                probability: probabilities[best])
        }
    }

    /// One probability a label, in the labels' order.
    func probabilities(_ row: SparseRow) -> [Double] {
        calibration.probabilities(weights.decisions(row))
    }

    /// How little the likeliest label stands out: the mean of the next four decisions less the
    /// highest, of the members' means.
    private func outOfScope(_ decisions: [Double]) -> Double {
        let means = (0..<weights.columns).map { column in
            stride(from: column, to: decisions.count, by: weights.columns)
                .reduce(0) { $0 + decisions[$1] } / Double(weights.members)
        }
        let labels = Calibration.perLabel(means)
        let best = Self.highest(labels, 5).map { labels[$0] }
        return best.dropFirst().reduce(0, +) / Double(best.count - 1) - best[0]
    }

    /// What each word adds to the decision for a label, the strongest first.
    private func decidingWords(_ reading: TextReading, for label: Int) -> [Prediction.Word] {
        let row = reading.row
        let added = zip(row.columns, row.values).map { column, value in
            Double(value) * weights.coefficient(Int(column), for: label)
        }
        return features.byWord(added, of: reading).filter { $0.value > 0 }
            .map { Prediction.Word(term: $0.key, weight: $0.value) }
            .sorted { one, other in
                one.weight != other.weight
                    ? one.weight > other.weight
                    : one.term.utf8.lexicographicallyPrecedes(other.term.utf8)
            }
    }
}
