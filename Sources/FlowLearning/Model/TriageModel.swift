/// A trained model: for an error message, which label applies and how sure that is.
package struct TriageModel: Sendable {
    /// The name of the preset it was trained with.
    package let preset: String
    /// Sorted by code point.
    package let labels: [String]
    /// `TrainingSet.hash` of what it was trained from.
    package let samplesHash: String
    let terms: TermWeights
    /// One classifier; several where calibration took folds, and the probability is their mean.
    let members: [LinearWeights]
    let calibration: Calibration

    /// How many different terms the model knows.
    package var termCount: Int { terms.terms.count }

    /// The likeliest labels of a text, at most `top`, and the words that decided, at most `words`.
    ///
    /// Equal probabilities are in the order of the labels. Costs O(terms of the text × labels).
    package func predict(_ text: String, top: Int = 5, words: Int = 5) -> Prediction {
        let row = terms.row(text)
        let probabilities = probabilities(row)
        let order = probabilities.indices.sorted {
            probabilities[$0] != probabilities[$1]
                ? probabilities[$0] > probabilities[$1] : $0 < $1
        }
        return Prediction(
            guesses: order.prefix(top).map {
                Prediction.Guess(label: labels[$0], probability: probabilities[$0])
            },
            words: Array(decidingWords(row, for: order[0]).prefix(words)),
            knownTerms: row.columns.count)
    }

    /// How well the model answers these samples, each counted once; nil where there are none.
    package func evaluate(on samples: [TrainingSample]) -> Evaluation? {
        Evaluation(answers(to: samples))
    }

    /// The likeliest label of each sample, in their order.
    package func answers(to samples: [TrainingSample]) -> [Evaluation.Answer] {
        samples.map { sample in
            let probabilities = probabilities(terms.row(sample.text))
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
        calibration.probabilities(members.map { $0.decisions(row) })
    }

    private func decidingWords(_ row: SparseRow, for label: Int) -> [Prediction.Word] {
        let weighed = zip(row.columns, row.values).map { column, value in
            let sum = members.reduce(0) { $0 + $1.coefficient(Int(column), for: label) }
            return Prediction.Word(
                term: terms.terms.text(Int(column)), weight: value * sum / Double(members.count))
        }
        return weighed.filter { $0.weight > 0 }.sorted { one, other in
            one.weight != other.weight
                ? one.weight > other.weight
                : one.term.utf8.lexicographicallyPrecedes(other.term.utf8)
        }
    }
}
