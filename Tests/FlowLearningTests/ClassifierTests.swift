import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("classifier and calibration")
struct ClassifierTests {
    private func row(_ values: [Float]) -> SparseRow {
        SparseRow(columns: Array(0..<Int32(values.count)), values: values)
    }

    private func fit(
        _ rows: [SparseRow], _ labels: [Int], weights: [Double]? = nil, features: Int,
        tolerance: Double = 1e-10, threads: Int = 1
    ) -> LinearSVM.Result {
        LinearSVM(
            SparseRows(rows), labels: labels, weights: weights ?? labels.map { _ in 1 },
            classes: (labels.max() ?? 0) + 1, features: features, cost: 1
        ).fit(
            [.init(heldOut: nil, tolerance: tolerance, isKept: true)],
            folds: labels.map { _ in 0 }, threads: threads)
    }

    /// Generated texts as rows, with the number of each one's label.
    private func problem(labels: Int, perLabel: Int, seed: UInt64) -> (
        rows: [SparseRow], labels: [Int], features: Int
    ) {
        let texts = Samples.generated(labels: labels, perLabel: perLabel, seed: seed)
        let (features, _) = TextFeatures.learn(
            texts.map(\.text), [TermSettings(.words(1...2), limit: 500)])
        return (
            texts.map { features.row($0.text) }, texts.map { Int($0.label.dropFirst(5)) ?? 0 },
            features.count
        )
    }

    @Test("two points: the optimum that can be found by hand")
    func byHand() {
        // min w²/2 + b²/2 + (1 - w - b)² + (1 - w + b)²: b = 0, w = 4 / 5.
        let result = fit([row([1]), row([-1])], [1, 0], features: 1)
        #expect(abs(result.weights.coefficients[0] - 0.8) < 1e-7)
        #expect(abs(result.weights.intercepts[0]) < 1e-9)
        #expect(!result.reachedLimit)
        let turned = fit([row([1]), row([-1])], [0, 1], features: 1)
        #expect(abs(turned.weights.coefficients[0] + 0.8) < 1e-7)
    }

    @Test("columns are in the order of the labels, whatever the order of the rows")
    func order() {
        let rows = [row([0, 0, 1]), row([1, 0, 0]), row([0, 1, 0])]
        let result = fit(rows, [2, 0, 1], features: 3)
        for (row, label) in zip(rows, [2, 0, 1]) {
            let decisions = result.weights.decisions(row)
            #expect(decisions.indices.max { decisions[$0] < decisions[$1] } == label)
        }
    }

    @Test("balanced weights: rows / (labels × rows of the label), rows counted by their weights")
    func balance() {
        func balance(_ labels: [Int], _ weights: [Double]) -> [Double] {
            LinearSVM(
                SparseRows(labels.map { _ in SparseRow() }), labels: labels, weights: weights,
                classes: 2, features: 1, cost: 1
            ).factors(labels.indices.map { Int32($0) })
        }
        #expect(balance([0, 0, 0, 1], [1, 1, 1, 1]) == [4.0 / 6.0, 2])
        #expect(balance([0, 1], [1, 3]) == [2, 4.0 / 6.0])
        #expect(balance([0, 1], [1.2, 2.4]) == [1.5, 0.75])
    }

    @Test(
        "the weights are LIBLINEAR's to single precision, with rows that count once and twice",
        .serialized,
        arguments: [3, 8], [false, true])
    func liblinear(_ count: Int, _ isWeighted: Bool) {
        let (rows, labels, features) = problem(labels: count, perLabel: 30, seed: 31)
        let weights = labels.indices.map { isWeighted && $0 % 10 == 0 ? 2.0 : 1 }
        let ours = fit(rows, labels, weights: weights, features: features).weights
        let copies = labels.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
        for column in 0..<count {
            let own = labels.indices.reduce(0) { $0 + (labels[$1] == column ? weights[$1] : 0) }
            let theirs = Liblinear.weights(
                copies.map { rows[$0] }, isPositive: copies.map { labels[$0] == column },
                positiveCost: weights.reduce(0, +) / (Double(count) * own), features: features,
                tolerance: 1e-10)
            let worst = (0..<features).reduce(abs(ours.intercepts[column] - theirs[features])) {
                max($0, abs(Double(ours.coefficients[$1 * count + column]) - theirs[$1]))
            }
            // Half a unit of single precision, where weights are below 4.
            #expect(worst < 1.3e-7)
        }
    }

    @Test("others cost less than the own rows of a label of few texts, and at least as much in all")
    func columnBalance() {
        func factors(_ sizes: [Double]) -> [Double] {
            LinearSVM(
                SparseRows(sizes.map { _ in SparseRow() }), labels: Array(sizes.indices),
                weights: sizes, classes: sizes.count, features: 1, cost: 1, balance: .columns
            ).factors(sizes.indices.map { Int32($0) })
        }
        // 10 of 30: together as much as the own 10. 1000 of 100,000: half. Most of all: no more.
        #expect(factors([10, 10, 10]) == [0.5, 0.5, 0.5])
        #expect(factors([1000, 49_000, 50_000])[0] == 0.5)
        #expect(factors([5000, 10, 10])[0] == 1)
        #expect(factors([1, 3]) == [2, 2.0 / 3])
    }

    @Test("rows that count 1.2 times lie between those that count once and twice")
    func fractions() {
        let (rows, labels, features) = problem(labels: 3, perLabel: 20, seed: 32)
        let decisions = [1, 1.2, 2].map { weight in
            fit(
                rows, labels, weights: labels.indices.map { $0 == 0 ? weight : 1 },
                features: features
            ).weights.decisions(rows[0])[0]
        }
        #expect(decisions[0] < decisions[1])
        #expect(decisions[1] < decisions[2])
    }

    @Test("a part that starts from another's end finds what it finds from zero")
    func warm() {
        let (rows, labels, features) = problem(labels: 4, perLabel: 25, seed: 33)
        let svm = LinearSVM(
            SparseRows(rows), labels: labels, weights: labels.map { _ in 1 }, classes: 4,
            features: features, cost: 1)
        let folds = StratifiedFolds.assign(labels, folds: 3)
        let parts = (0..<3).map { LinearSVM.Part(heldOut: $0, tolerance: 1e-10, isKept: true) }
        let all = svm.fit(parts, folds: folds)
        for fold in 0..<3 {
            let alone = svm.fit([parts[fold]], folds: folds)
            let theirs = alone.weights
            let worst = theirs.coefficients.indices.reduce(Float(0)) { worst, place in
                // By feature, then by fold, then by column.
                let ours = all.weights.coefficients[place / 4 * 12 + fold * 4 + place % 4]
                return max(worst, abs(ours - theirs.coefficients[place]))
            }
            #expect(worst < 1e-7)
            // What a part left out is decided by that part.
            for row in rows.indices where folds[row] == fold {
                let decisions = theirs.decisions(rows[row])
                for column in 0..<4 {
                    let held = Double(Array(all.held.row(row))[column])
                    #expect(abs(held - decisions[column]) < 1e-6)
                }
            }
        }
    }

    @Test("a term that no row at the margin has weighs nothing at all")
    func zeros() {
        // Row 2 is so far on its side that it does not count.
        let rows = [
            SparseRow(columns: [0], values: [1]), SparseRow(columns: [1], values: [1]),
            SparseRow(columns: [1, 2], values: [9, 1]),
        ]
        let weights = fit(rows, [0, 1, 1], features: 3).weights
        #expect(weights.coefficients[1] != 0)
        #expect(weights.coefficients[2] == 0)
    }

    @Test(
        "any number of threads, and trainings at once, give the same bits", arguments: [2, 3, 16])
    func concurrent(_ threads: Int) async {
        let (rows, labels, features) = problem(labels: 6, perLabel: 12, seed: 5)
        let alone = fit(rows, labels, features: features).weights
        let (one, other) = await withTaskGroup(of: LinearWeights.self) { group in
            for _ in 0..<2 {
                group.addTask { fit(rows, labels, features: features, threads: threads).weights }
            }
            return (await group.next(), await group.next())
        }
        #expect(one == alone)
        #expect(other == alone)
    }

    @Test(
        "folds are scikit-learn's StratifiedKFold without shuffling",
        arguments: [
            // [f for f, (_, t) in enumerate(StratifiedKFold(k).split(y, y)) …]
            ([0, 0, 0, 1, 1, 1, 1, 0], 2, [0, 0, 1, 0, 0, 1, 1, 1]),
            ([1, 1, 1, 0, 0, 1, 1, 0, 2, 2, 2], 3, [0, 0, 1, 0, 1, 1, 2, 2, 0, 1, 2]),
        ])
    func folds(_ labels: [Int], _ count: Int, _ folds: [Int]) {
        #expect(StratifiedFolds.assign(labels, folds: count) == folds)
    }

    @Test("a sigmoid fits Platt's targets where they can be met exactly")
    func sigmoid() {
        // Decisions ±1 only: p(1) = 3/4 and p(-1) = 1/4 with Platt's targets for 2 and 2 rows.
        let sigmoid = Sigmoid.fit(
            [1, 1, -1, -1], positive: [true, true, false, false], weights: [1, 1, 1, 1])
        #expect(abs(sigmoid.slope + 1.0986122886681098) < 1e-9)
        #expect(abs(sigmoid.offset) < 1e-9)
        #expect(abs(sigmoid.probability(1) - 0.75) < 1e-9)
        #expect(sigmoid.probability(1e6) == 1)
        #expect(sigmoid.probability(-1e6) == 0)
    }

    @Test("a sigmoid counts a row of weight 2 as two rows")
    func weightedSigmoid() {
        let once = Sigmoid.fit(
            [1, 1, 0.2, -1], positive: [true, true, false, false], weights: [1, 1, 1, 1])
        let twice = Sigmoid.fit(
            [1, 0.2, -1], positive: [true, false, false], weights: [2, 1, 1])
        #expect(abs(once.slope - twice.slope) < 1e-9)
        #expect(abs(once.offset - twice.offset) < 1e-9)
    }

    @Test("equal decisions give the share of the positives")
    func flatSigmoid() {
        let sigmoid = Sigmoid.fit(
            [0, 0, 0, 0], positive: [true, false, false, false], weights: [1, 1, 1, 1])
        // (2/3 + 3 · 1/5) / 4
        #expect(abs(sigmoid.probability(0) - 0.31666666666666665) < 1e-9)
    }

    @Test("the softmax' sharpness meets the smoothed targets where it can")
    func softmax() {
        // 8 rows right by the same margin 2: softmax(s · (1, -1)) = (9/10, 1/10).
        func fit(_ rows: [[Double]], _ labels: [Int], threads: Int = 1) -> Double {
            Softmax.fit(rows.count, threads: threads) { (rows[$0], labels[$0], 1) }
        }
        let sharpness = fit(Array(repeating: [1, -1], count: 8), Array(repeating: 0, count: 8))
        #expect(abs(sharpness - 2.1972245773362196 / 2) < 1e-9)
        // Decisions that say nothing: as flat as allowed.
        #expect(fit([[1, -1], [1, -1]], [0, 1]) < 0.02)
        #expect(fit([], []) == 1)
        // More rows than a block holds.
        let rows = (0..<3000).map { [Double($0 % 7), Double($0 % 5), 1] }
        let labels = (0..<3000).map { $0 % 3 }
        #expect(fit(rows, labels) == fit(rows, labels, threads: 3))
    }

    @Test("a softmax does not overflow and sums to 1")
    func softmaxRange() {
        let probabilities = Softmax.probabilities([1e5, 0, -1e5], sharpness: 100)
        #expect(probabilities == [1, 0, 0])
    }
}
