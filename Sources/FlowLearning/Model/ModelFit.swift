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
        copies = samples.map(\.weight)
        terms = TermWeights(
            of: samples.map(\.text), analyzer: preset.analyzer, limit: preset.maxFeatures,
            isSublinear: preset.isSublinear)
        guard terms.terms.count > 0 else {
            throw Self.unusable("no text has a word of two letters or digits")
        }
        let terms = terms
        rows = samples.map { terms.row($0.text) }
        let smallest = Dictionary(grouping: classes, by: \.self).values.map(\.count).min() ?? 0
        if smallest >= 2 * preset.folds {
            calibrateBySigmoids()
        } else {
            calibrateBySoftmax(folds: min(preset.folds, smallest))
        }
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

    private mutating func calibrateBySoftmax(folds count: Int) {
        members = [fit { _ in true }]
        guard count > 1 else {
            warnings.append(
                "a label has one text only: probabilities are not calibrated, only their order"
                    + " means something")
            return
        }
        let folds = StratifiedFolds.assign(classes, folds: count)
        var decisions: [[Double]] = []
        var truths: [Int] = []
        for fold in 0..<count {
            let weights = fit { folds[$0] != fold }
            for place in rows.indices where folds[place] == fold {
                decisions.append(Calibration.perLabel(weights.decisions(rows[place])))
                truths.append(classes[place])
            }
        }
        calibration = .softmax(
            sharpness: Softmax.fit(decisions, labels: truths), isFitted: true)
        warnings.append(
            "a label has fewer than \(2 * preset.folds) texts: probabilities come from one softmax"
                + " fitted on \(count) folds")
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
