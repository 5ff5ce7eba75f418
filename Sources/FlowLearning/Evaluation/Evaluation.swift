package import FlowJSON

/// How well answers fit the truth.
package struct Evaluation: Sendable, Hashable {
    /// One row: what it is, what was answered and how sure the answer was.
    package struct Answer: Sendable, Hashable {
        package let text: String
        package let truth: String
        package let label: String
        /// From 0 to 1.
        package let probability: Double

        package init(text: String = "", truth: String, label: String, probability: Double) {
            self.text = text
            self.truth = truth
            self.label = label
            self.probability = probability
        }

        package var isRight: Bool { truth == label }
    }

    package struct Label: Sendable, Hashable {
        package let label: String
        package let precision: Double
        package let recall: Double
        package let f1: Double
        /// Rows of this label.
        package let support: Int
        /// Rows of this label that were answered with it.
        package let right: Int
    }

    /// Rows of `truth` that were answered with `answer`, another label.
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
    /// Answers by the probability of the label that was given, in `Calibrated.bins` bins.
    package let calibration: Calibrated
    /// Sorted by code point.
    package let labels: [Label]
    /// The most frequent first.
    package let confusions: [Confusion]
    /// Every wrong answer, the surest first.
    package let misclassified: [Answer]

    /// Expected calibration error: over 15 equal-width bins of the probability of the label that was
    /// given, how far the mean probability is from the share of right answers, weighted by rows (Guo
    /// et al., On Calibration of Modern Neural Networks, ICML 2017).
    package var calibrationError: Double { calibration.expectedError }

    /// Nil where there is no row: nothing was measured then.
    package init?(_ answers: [Answer]) {
        guard !answers.isEmpty else { return nil }
        rows = answers.count
        accuracy = Double(answers.count(where: \.isRight)) / Double(answers.count)
        labels = Self.labels(answers)
        let count = Double(labels.count)
        precision = labels.reduce(0) { $0 + $1.precision } / count
        recall = labels.reduce(0) { $0 + $1.recall } / count
        f1 = labels.reduce(0) { $0 + $1.f1 } / count
        calibration = Calibrated(answers)
        confusions = Self.confusions(answers)
        misclassified = Self.misclassified(answers)
    }

    private static func labels(_ answers: [Answer]) -> [Label] {
        var support: [String: Int] = [:]
        var given: [String: Int] = [:]
        var right: [String: Int] = [:]
        for answer in answers {
            support[answer.truth, default: 0] += 1
            given[answer.label, default: 0] += 1
            if answer.isRight { right[answer.label, default: 0] += 1 }
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
                support: support, right: right)
        }
    }

    private static func confusions(_ answers: [Answer]) -> [Confusion] {
        var counts: [[String]: Int] = [:]
        for answer in answers where !answer.isRight {
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

    private static func misclassified(_ answers: [Answer]) -> [Answer] {
        answers.filter { !$0.isRight }.sorted { one, other in
            one.probability != other.probability
                ? one.probability > other.probability
                : [one.truth, one.text].lexicographicallyPrecedes([other.truth, other.text])
        }
    }
}

extension Evaluation {
    /// Figures below which somebody should look (accuracy and macro-F1, from 0 to 1).
    package struct AlertLevels: Sendable, Hashable {
        package var accuracy: Double
        package var f1: Double

        package init(accuracy: Double = 0.7, f1: Double = 0.7) {
            self.accuracy = accuracy
            self.f1 = f1
        }

        func alerts(accuracy: Double, f1: Double) -> [String] {
            [("accuracy", accuracy, self.accuracy), ("macro-F1", f1, self.f1)]
                .filter { $0.1 < $0.2 }
                .map { "\($0.0) \(Figure.text($0.1)) is below \(Figure.text($0.2))" }
        }
    }

    /// A sentence for each figure that is below its level.
    package func alerts(_ levels: AlertLevels = AlertLevels()) -> [String] {
        levels.alerts(accuracy: accuracy, f1: f1)
    }
}

extension Evaluation {
    /// The figures: `rows accuracy macro_precision macro_recall macro_f1 ece`, then `labels` and
    /// `confusion` (both by label), `calibration` and `misclassified` in full.
    package var json: JSON {
        var object = summary
        object["labels"] = .object(
            JSONObject(
                labels.map {
                    (
                        $0.label,
                        [
                            "precision": .number($0.precision), "recall": .number($0.recall),
                            "f1": .number($0.f1), "support": .integer($0.support),
                        ]
                    )
                }))
        object["confusion"] = matrix
        object["calibration"] = calibration.json
        object["misclassified"] = .array(
            misclassified.map {
                [
                    "text": .string($0.text), "truth": .string($0.truth),
                    "answer": .string($0.label), "probability": .number($0.probability),
                ]
            })
        return .object(object)
    }

    /// The figures without the lists.
    package var summary: JSONObject {
        [
            "rows": .integer(rows), "accuracy": .number(accuracy),
            "macro_precision": .number(precision), "macro_recall": .number(recall),
            "macro_f1": .number(f1), "ece": .number(calibrationError),
        ]
    }

    /// What was never measured, under the same names.
    package static let unmeasured: JSONObject = [
        "rows": 0, "accuracy": .null, "macro_precision": .null, "macro_recall": .null,
        "macro_f1": .null, "ece": .null,
    ]

    /// `{truth: {answer: rows}}`, without zeros.
    private var matrix: JSON {
        var counts: [String: [(String, JSON)]] = [:]
        for label in labels where label.right > 0 {
            counts[label.label, default: []].append((label.label, .integer(label.right)))
        }
        for confusion in confusions {
            counts[confusion.truth, default: []].append(
                (confusion.answer, .integer(confusion.count)))
        }
        return .object(
            JSONObject(
                TrainingSet.sorted(counts.keys).map { ($0, .object(JSONObject(counts[$0] ?? []))) })
        )
    }
}
