internal import FlowSystem

/// Which fits a calibration needs, and what it makes of them.
///
/// Sigmoids need two held-out rows of each label a fold: through one positive row a sigmoid may lean
/// the wrong way. So there are fewer folds where a label has fewer rows, and below four rows one
/// softmax takes their place. The softmax is shared by all labels and needs no row of each: a label
/// of one row is learned from in every fold and held out in none.
struct CalibrationPlan {
    let parts: [LinearSVM.Part]
    /// The fold of each row; -1: held out in none.
    let folds: [Int]
    let warnings: [String]
    private let isBySigmoids: Bool

    /// At this, decisions are right to about 1e-7.
    private static let exact = 1e-8
    /// For decisions that only serve to find one number.
    private static let rough = 1e-2

    init(_ svm: LinearSVM, _ preset: TrainingPreset) {
        let sizes = svm.labels.reduce(into: Array(repeating: 0, count: svm.classes)) {
            $0[$1] += 1
        }
        let smallest = sizes.min() ?? 0
        let count = min(preset.folds, smallest / 2)
        isBySigmoids = preset.method == .sigmoids && count > 1
        var warnings: [String] = []
        if isBySigmoids {
            folds = StratifiedFolds.assign(svm.labels, folds: count)
            parts = (0..<count).map { .init(heldOut: $0, tolerance: Self.exact, isKept: true) }
            if count < preset.folds {
                warnings.append(
                    "a label with only \(ModelTraining.counted(smallest, "text")): probabilities"
                        + " come from \(count) folds instead of \(preset.folds)")
            }
        } else {
            // A label's rows lie in different folds, so one that has two keeps one to learn from.
            let assigned = StratifiedFolds.assign(svm.labels, folds: preset.folds)
            folds = zip(assigned, svm.labels).map { sizes[$1] > 1 ? $0 : -1 }
            let used = Set(folds).subtracting([-1]).sorted()
            parts =
                [.init(heldOut: nil, tolerance: Self.exact, isKept: true)]
                + used.map { .init(heldOut: $0, tolerance: Self.rough, isKept: false) }
            warnings = Self.warnings(sizes, isReplacement: preset.method == .sigmoids)
        }
        self.warnings = warnings
    }

    private static func warnings(_ sizes: [Int], isReplacement: Bool) -> [String] {
        let single = sizes.count { $0 == 1 }
        if single == sizes.count {
            return [
                "every label has one text only: probabilities are not calibrated, only their"
                    + " order means something"
            ]
        }
        var warnings: [String] = []
        if isReplacement {
            let held = sizes.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }
            warnings.append(
                "\(ModelTraining.counted(sizes.count { $0 < 4 }, "label")) with fewer than 4 texts:"
                    + " probabilities come from one softmax, fitted on"
                    + " \(ModelTraining.counted(held, "held-out text"))")
        }
        if single > 0 {
            warnings.append(
                "\(ModelTraining.counted(single, "label")) with one text only: nothing of it could"
                    + " be held out, its probability is not calibrated")
        }
        return warnings
    }

    func calibration(_ svm: LinearSVM, _ result: LinearSVM.Result, threads: Int) -> Calibration {
        isBySigmoids
            ? sigmoids(svm, result.held, threads)
            : softmax(svm, result.held, threads)
    }

    private func sigmoids(_ svm: LinearSVM, _ held: [Float], _ threads: Int) -> Calibration {
        let columns = svm.columns
        let rows = parts.map { part in folds.indices.filter { folds[$0] == part.heldOut } }
        let found = PosixMutex(
            Array(
                repeating: Array(repeating: Sigmoid(slope: 0, offset: 0), count: columns),
                count: parts.count))
        Thread.forEach(parts.count * columns, threads: threads) { task in
            let (part, column) = (task / columns, task % columns)
            let target = columns == 1 ? 1 : column
            let sigmoid = Sigmoid.fit(
                rows[part].map { Double(held[$0 * columns + column]) },
                positive: rows[part].map { svm.labels[$0] == target },
                weights: rows[part].map { svm.weights[$0] })
            found.withLock { $0[part][column] = sigmoid }
        }
        return .sigmoids(found.withLock { $0 })
    }

    private func softmax(_ svm: LinearSVM, _ held: [Float], _ threads: Int) -> Calibration {
        let columns = svm.columns
        let rows = folds.indices.filter { folds[$0] >= 0 }
        let sharpness = Softmax.fit(rows.count, threads: threads) { place in
            let start = rows[place] * columns
            let row = held[start..<(start + columns)].map { Double($0) }
            return (
                Calibration.perLabel(row), svm.labels[rows[place]], svm.weights[rows[place]]
            )
        }
        return .softmax(sharpness: sharpness, isFitted: !rows.isEmpty)
    }
}
