package import FlowJSON

/// A training: samples in, model and figures out. Nothing is read, written or drawn by chance.
package enum ModelTraining {
    package enum Outcome: Sendable {
        /// There is too little to learn from; the sentence says what there is and what is needed.
        case tooSmall(String)
        case trained(TrainedModel)
    }

    /// Trains on the set's `train` and `val` rows and measures on its `test` rows.
    ///
    /// The bytes of the model are the same for any number of threads. `progress` is told how far it
    /// is, from any thread but one at a time. How probabilities are calibrated where a label has few
    /// texts is `CalibrationPlan`'s; what it could not do is among the warnings.
    /// - Throws: `unusableSamples` where no text has a term, a weight is none, or a fixed set has
    ///   fitted rows of one label only.
    package static func run(
        _ set: TrainingSet, preset: TrainingPreset = .standard, minSamples: Int = 20,
        threads: Int = 1, progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) throws(LearningError) -> Outcome {
        let labels = set.labels
        if set.samples.count < minSamples || labels.count < 2 {
            return .tooSmall(
                "\(counted(set.samples.count, "text")) of \(counted(labels.count, "label")):"
                    + " training needs at least \(minSamples) texts and 2 labels")
        }
        let fit = try ModelFit(
            set.fitted, preset: preset, threads: threads, progress: progress)
        let model = TriageModel(
            preset: preset.name, labels: fit.labels, samplesHash: set.hash, features: fit.features,
            weights: fit.weights, calibration: fit.calibration)
        let answers = model.answers(to: set.held)
        let unseen = zip(answers, set.repeatsLearned).filter { !$1 }.map(\.0)
        return .trained(
            TrainedModel(
                model: model, set: set, evaluation: Evaluation(answers),
                learnedRows: answers.count - unseen.count,
                warnings: fit.warnings + warnings(set) + leak(answers, unseen)))
    }

    /// What figures are worth that were measured on rows of which some were learned.
    private static func leak(_ answers: [Evaluation.Answer], _ unseen: [Evaluation.Answer])
        -> [String]
    {
        if answers.count == unseen.count { return [] }
        let learned = "\(answers.count - unseen.count) of \(counted(answers.count, "test row"))"
        guard let rest = Evaluation(unseen) else {
            return ["\(learned) have the words of learned ones: the figures say nothing"]
        }
        return [
            "\(learned) have the words of learned ones, which makes the figures too good: without "
                + "them accuracy is \(Figure.text(rest.accuracy)), macro-F1 \(Figure.text(rest.f1))"
        ]
    }

    /// Fewer test rows than this are worth a warning.
    static let fewRows = 50

    private static func warnings(_ set: TrainingSet) -> [String] {
        var warnings: [String] = []
        switch set.held.count {
        case 0: warnings.append("there are no test rows: nothing was measured")
        case ..<fewRows:
            warnings.append(
                "only \(counted(set.held.count, "test row")): the figures are rough")
        default: break
        }
        if !set.conflicts.isEmpty {
            warnings.append(
                "\(counted(set.conflicts.count, "text")) with more than one label: see conflicts")
        }
        return warnings
    }

    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

/// A model with what was measured of it.
package struct TrainedModel: Sendable {
    package let model: TriageModel
    package let set: TrainingSet
    /// On the test rows; nil where there are none.
    package let evaluation: Evaluation?
    /// Test rows with the words of a fitted one; they are measured on all the same.
    package let learnedRows: Int
    package let warnings: [String]

    /// The report: what it was trained on, how, on what it was measured and with what result. It
    /// holds no time, so the same samples give the same bytes.
    package var report: JSON {
        var object: JSONObject = [
            "preset": .string(model.preset), "samples_sha256": .string(set.hash),
            "labels": .integer(model.labels.count), "terms": .integer(model.termCount),
            "rows": .object(
                JSONObject(
                    DatasetSplit.allCases.map { ($0.rawValue, .integer(set.count($0))) })),
            "duplicates": .integer(set.duplicates), "learned_test_rows": .integer(learnedRows),
            "blanks": .integer(set.blanks),
            "calibration": CalibrationKind(model.calibration).json,
            "evaluated_on": evaluation == nil ? "nothing" : "test",
            "test_rows": .integer(set.held.count), "test_sha256": .string(set.heldHash),
            "metrics": evaluation?.json ?? .null,
            "warnings": .array(warnings.map(JSON.string)),
        ]
        object["conflicts"] = .array(
            set.conflicts.map {
                ["text": .string($0.text), "labels": .array($0.labels.map(JSON.string))]
            })
        return .object(object)
    }
}
