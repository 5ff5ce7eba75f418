internal import FlowText

/// The parts of a model as they are learned from rows.
struct ModelFit {
    let labels: [String]
    let features: TextFeatures
    let weights: LinearWeights
    let calibration: Calibration
    private(set) var warnings: [String] = []

    init(
        _ samples: [TrainingSample], preset: TrainingPreset, threads: Int,
        progress: @escaping @Sendable (TrainingProgress) -> Void
    ) throws(LearningError) {
        let labels = TrainingSet.sorted(Set(samples.map(\.label)))
        guard labels.count > 1 else {
            throw Self.unusable("all rows for training have one label; give it rows of two")
        }
        for sample in samples where !(sample.weight > 0 && sample.weight.isFinite) {
            throw Self.unusable(
                "a text of '\(VisibleText.safe(sample.label))' weighs \(sample.weight); a weight is"
                    + " a number above zero")
        }
        progress(TrainingProgress(.terms, done: 0, of: samples.count))
        let (features, rows) = TextFeatures.learn(samples.map(\.text), preset.terms)
        guard features.count > 0 else {
            throw Self.unusable("no text has a word of two letters or digits")
        }
        let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        let svm = LinearSVM(
            rows, labels: samples.compactMap { numbers[$0.label] }, weights: samples.map(\.weight),
            classes: labels.count, features: features.count, cost: preset.cost,
            balance: preset.balance)
        progress(TrainingProgress(.labels, done: 0, of: svm.columns))
        let plan = CalibrationPlan(svm, preset)
        let result = svm.fit(plan.parts, folds: plan.folds, threads: threads) {
            progress(TrainingProgress(.labels, done: $0, of: svm.columns))
        }
        (self.labels, self.features, weights) = (labels, features, result.weights)
        calibration = plan.calibration(svm, result, threads: threads)
        warnings = plan.warnings
        if result.reachedLimit {
            warnings.append("the solver stopped at its limit of passes: weights are less exact")
        }
    }

    private static func unusable(_ message: String) -> LearningError {
        LearningError(.unusableSamples, doing: "train a model", message)
    }
}

/// How far a training is.
package struct TrainingProgress: Sendable, Hashable {
    package enum Step: String, Sendable {
        /// Finding the terms of the texts.
        case terms
        /// Fitting a classifier for each label.
        case labels
    }

    package let step: Step
    package let done: Int
    package let all: Int

    init(_ step: Step, done: Int, of all: Int) {
        (self.step, self.done, self.all) = (step, done, all)
    }
}
