/// The parts of a model as they are learned from rows.
struct ModelFit {
    let labels: [String]
    let terms: TermWeights
    private(set) var members: [LinearWeights] = []
    private(set) var calibration = Calibration.softmax(sharpness: 1, isFitted: false)
    private(set) var warnings: [String] = []

    private let preset: TrainingPreset
    private let rows: [SparseRow]
    /// The number of each row's label.
    private let classes: [Int]
    private let copies: [Int]

    init(_ samples: [TrainingSample], preset: TrainingPreset) throws(LearningError) {
        self.preset = preset
        labels = TrainingSet.sorted(Set(samples.map(\.label)))
        guard labels.count > 1 else {
            throw Self.unusable("all rows for training have one label; give it rows of two")
        }
        let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        classes = samples.compactMap { numbers[$0.label] }
        copies = samples.map { max(1, Int($0.weight.rounded())) }
        terms = TermWeights(
            of: samples.map(\.text), analyzer: preset.analyzer, limit: preset.maxFeatures,
            isSublinear: preset.isSublinear)
        guard terms.terms.count > 0 else {
            throw Self.unusable("no text has a word of two letters or digits")
        }
        let terms = terms
        rows = samples.map { terms.row($0.text) }
        if (classSizes.min() ?? 0) >= 2 * preset.folds {
            calibrateBySigmoids()
        } else {
            calibrateBySoftmax()
        }
    }

    /// Rows of each label.
    private var classSizes: [Int] {
        classes.reduce(into: Array(repeating: 0, count: labels.count)) { $0[$1] += 1 }
    }

    private static func unusable(_ message: String) -> LearningError {
        LearningError(.unusableSamples, doing: "train a model", message)
    }

    private mutating func calibrateBySigmoids() {
        let folds = StratifiedFolds.assign(classes, folds: preset.folds)
        var sigmoids: [[Sigmoid]] = []
        for fold in 0..<preset.folds {
            let weights = fit { folds[$0] != fold }
            let held = rows.indices.filter { folds[$0] == fold }
            let decisions = held.map { weights.decisions(rows[$0]) }
            sigmoids.append(
                (0..<weights.columns).map { column in
                    let label = weights.columns == 1 ? 1 : column
                    return Sigmoid.fit(
                        decisions.map { $0[column] }, positive: held.map { classes[$0] == label },
                        weights: held.map { Double(copies[$0]) })
                })
            members.append(weights)
        }
        calibration = .sigmoids(sigmoids)
    }

    private mutating func calibrateBySoftmax() {
        members = [fit { _ in true }]
        let (sizes, classes) = (classSizes, classes)
        let small = ModelTraining.counted(sizes.count { $0 < 2 * preset.folds }, "label")
        // A label's rows lie in different folds, so one that has two always keeps one to learn from.
        let folds = StratifiedFolds.assign(classes, folds: preset.folds)
        var decisions: [[Double]] = []
        var truths: [Int] = []
        for fold in 0..<preset.folds {
            let held = rows.indices.filter { folds[$0] == fold && sizes[classes[$0]] > 1 }
            if held.isEmpty { continue }
            let weights = fit { folds[$0] != fold || sizes[classes[$0]] == 1 }
            decisions += held.map { Calibration.perLabel(weights.decisions(rows[$0])) }
            truths += held.map { classes[$0] }
        }
        guard !decisions.isEmpty else {
            warnings.append(
                "every label has one text only: probabilities are not calibrated, only their"
                    + " order means something")
            return
        }
        calibration = .softmax(sharpness: Softmax.fit(decisions, labels: truths), isFitted: true)
        warnings.append(
            "\(small) with fewer than \(2 * preset.folds) texts: probabilities come from one"
                + " softmax, fitted on \(ModelTraining.counted(truths.count, "held-out text"))")
    }

    private mutating func fit(where isIn: (Int) -> Bool) -> LinearWeights {
        let chosen = rows.indices.filter(isIn)
        let result = LinearSVM.fit(
            chosen.map { rows[$0] }, labels: chosen.map { classes[$0] },
            copies: chosen.map { copies[$0] }, classes: labels.count, features: terms.terms.count,
            cost: preset.cost)
        let warning = "the solver stopped at its limit of passes: weights are less exact"
        if result.reachedLimit, !warnings.contains(warning) { warnings.append(warning) }
        return result.weights
    }
}
