internal import FlowSystem

/// Which fits a calibration needs, and what it makes of them.
///
/// Sigmoids need two held-out rows of each label a fold: through one positive row a sigmoid may lean
/// the wrong way. So there are fewer folds where a label has fewer rows, and below four rows one
/// softmax takes their place. The softmax is shared by all labels and needs no row of each: a label
/// of one row is learned from in every fold and held out in none. It is one number, so of many rows
/// a part is held out only.
struct CalibrationPlan {
    let parts: [LinearSVM.Part]
    /// The fold of each row; -1: held out in none.
    let folds: [Int]
    let warnings: [String]
    private let isBySigmoids: Bool

    /// For decisions that only serve to find one number.
    private static let rough = 0.1
    /// From so many rows one number is found as well as from more: cross-validated on Banking77, the
    /// calibration error is the same as with all.
    private static let mostHeld = 4_000

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
            parts = (0..<count).map {
                .init(heldOut: $0, tolerance: preset.tolerance, isKept: true)
            }
            if count < preset.folds {
                warnings.append(
                    "a label with only \(ModelTraining.counted(smallest, "text")): probabilities"
                        + " come from \(count) folds instead of \(preset.folds)")
            }
        } else {
            // A label's rows lie in different folds, so one that has two keeps one to learn from.
            let assigned = StratifiedFolds.assign(
                svm.labels, folds: max(preset.folds, svm.labels.count / Self.mostHeld))
            let used = Self.used(zip(assigned, svm.labels).filter { sizes[$0.1] > 1 }.map(\.0))
            folds = zip(assigned, svm.labels).map {
                sizes[$1] > 1 && used.contains($0) ? $0 : -1
            }
            parts =
                [.init(heldOut: nil, tolerance: preset.tolerance, isKept: true)]
                + used.map { .init(heldOut: $0, tolerance: Self.rough, isKept: false) }
            warnings = Self.warnings(
                sizes, held: folds.count { $0 >= 0 }, isReplacement: preset.method == .sigmoids)
        }
        self.warnings = warnings
    }

    /// The first folds, until `mostHeld` rows are held out or all are.
    private static func used(_ folds: [Int]) -> [Int] {
        var sizes: [Int: Int] = [:]
        for fold in folds { sizes[fold, default: 0] += 1 }
        var held = 0
        return sizes.keys.sorted().prefix { fold in
            defer { held += sizes[fold] ?? 0 }
            return held < mostHeld
        }
    }

    private static func warnings(_ sizes: [Int], held: Int, isReplacement: Bool)
        -> [String]
    {
        let single = sizes.count { $0 == 1 }
        if single == sizes.count {
            return [
                "every label has one text only: probabilities are not calibrated, only their"
                    + " order means something"
            ]
        }
        var warnings: [String] = []
        if isReplacement {
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

    private func sigmoids(_ svm: LinearSVM, _ held: HeldDecisions, _ threads: Int) -> Calibration {
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
                rows[part].map { row in
                    let decisions = held.row(row)
                    return Double(decisions[decisions.startIndex + column])
                },
                positive: rows[part].map { svm.labels[$0] == target },
                weights: rows[part].map { svm.weights[$0] })
            found.withLock { $0[part][column] = sigmoid }
        }
        return .sigmoids(found.withLock { $0 })
    }

    private func softmax(_ svm: LinearSVM, _ held: HeldDecisions, _ threads: Int) -> Calibration {
        let rows = folds.indices.filter { folds[$0] >= 0 }
        let sharpness = Softmax.fit(rows.count, threads: threads) { place in
            let row = rows[place]
            return (
                Calibration.perLabel(held.row(row).map { Double($0) }), svm.labels[row],
                svm.weights[row]
            )
        }
        return .softmax(sharpness: sharpness, isFitted: !rows.isEmpty)
    }
}
