package import FlowJSON

/// How well answers fit the truth.
package struct Evaluation: Sendable, Hashable {
    /// One row: what it is, what was answered and how sure the answer was.
    package struct Answer: Sendable, Hashable {
        package let truth: String
        package let label: String
        /// From 0 to 1.
        package let probability: Double

        package init(truth: String, label: String, probability: Double) {
            self.truth = truth
            self.label = label
            self.probability = probability
        }
    }

    package struct Label: Sendable, Hashable {
        package let label: String
        package let precision: Double
        package let recall: Double
        package let f1: Double
        /// Rows of this label.
        package let support: Int
    }

    /// Rows of `truth` that were answered with `answer`.
    package struct Confusion: Sendable, Hashable {
        package let truth: String
        package let answer: String
        package let count: Int
    }

    package let rows: Int
    package let accuracy: Double
    /// Macro: the unweighted mean over the labels that occur as truth or answer; a quotient by zero
    /// is 0 (scikit-learn's `average='macro'`, `zero_division=0`).
    package let precision: Double
    package let recall: Double
    package let f1: Double
    /// Expected calibration error: over 15 equal bins of the probability, how far the mean
    /// probability is from the share of right answers, weighted by rows (Guo et al., ICML 2017).
    package let calibrationError: Double
    /// Sorted by code point.
    package let labels: [Label]
    /// Wrong answers only, the most frequent first.
    package let confusions: [Confusion]

    /// Nil where there is no row: nothing was measured then.
    package init?(_ answers: [Answer]) {
        guard !answers.isEmpty else { return nil }
        rows = answers.count
        accuracy = Double(answers.count { $0.truth == $0.label }) / Double(answers.count)
        labels = Self.labels(answers)
        let count = Double(labels.count)
        precision = labels.reduce(0) { $0 + $1.precision } / count
        recall = labels.reduce(0) { $0 + $1.recall } / count
        f1 = labels.reduce(0) { $0 + $1.f1 } / count
        calibrationError = Self.calibrationError(answers, bins: 15)
        confusions = Self.confusions(answers)
    }

    private static func labels(_ answers: [Answer]) -> [Label] {
        var support: [String: Int] = [:]
        var given: [String: Int] = [:]
        var right: [String: Int] = [:]
        for answer in answers {
            support[answer.truth, default: 0] += 1
            given[answer.label, default: 0] += 1
            if answer.truth == answer.label { right[answer.label, default: 0] += 1 }
        }
        func quotient(_ part: Int, _ whole: Int) -> Double {
            whole == 0 ? 0 : Double(part) / Double(whole)
        }
        return TrainingSet.sorted(Set(support.keys).union(given.keys)).map { label in
            let right = right[label] ?? 0
            let (support, given) = (support[label] ?? 0, given[label] ?? 0)
            return Label(
                label: label, precision: quotient(right, given),
                recall: quotient(right, support), f1: quotient(2 * right, support + given),
                support: support)
        }
    }

    private static func calibrationError(_ answers: [Answer], bins: Int) -> Double {
        var count = Array(repeating: 0.0, count: bins)
        var right = count
        var sure = count
        for answer in answers {
            // Bins are open on the left and closed on the right.
            let place = Int((answer.probability * Double(bins)).rounded(.up)) - 1
            let bin = min(bins - 1, max(0, place))
            count[bin] += 1
            right[bin] += answer.truth == answer.label ? 1 : 0
            sure[bin] += answer.probability
        }
        return zip(right, sure).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(answers.count)
    }

    private static func confusions(_ answers: [Answer]) -> [Confusion] {
        var counts: [[String]: Int] = [:]
        for answer in answers where answer.truth != answer.label {
            counts[[answer.truth, answer.label], default: 0] += 1
        }
        return counts.map { Confusion(truth: $0.key[0], answer: $0.key[1], count: $0.value) }
            .sorted { one, other in
                one.count != other.count
                    ? one.count > other.count
                    : [one.truth, one.answer].lexicographicallyPrecedes(
                        [other.truth, other.answer])
            }
    }
}

extension Evaluation {
    /// The figures: `rows accuracy precision_macro recall_macro f1_macro
    /// expected_calibration_error`, then `labels` and `confusions` in full.
    package var json: JSON {
        var object = summary
        object["labels"] = .array(
            labels.map {
                [
                    "label": .string($0.label), "precision": .number($0.precision),
                    "recall": .number($0.recall), "f1": .number($0.f1),
                    "support": .integer($0.support),
                ]
            })
        object["confusions"] = .array(
            confusions.map {
                [
                    "truth": .string($0.truth), "answer": .string($0.answer),
                    "count": .integer($0.count),
                ]
            })
        return .object(object)
    }

    /// The figures without the lists.
    var summary: JSONObject {
        [
            "rows": .integer(rows), "accuracy": .number(accuracy),
            "precision_macro": .number(precision), "recall_macro": .number(recall),
            "f1_macro": .number(f1), "expected_calibration_error": .number(calibrationError),
        ]
    }
}
