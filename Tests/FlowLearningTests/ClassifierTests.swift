import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("classifier and calibration")
struct ClassifierTests {
    private func row(_ values: [Double]) -> SparseRow {
        SparseRow(columns: Array(0..<Int32(values.count)), values: values)
    }

    @Test("two points: the optimum that can be found by hand")
    func byHand() {
        // min w²/2 + b²/2 + (1 - w - b)² + (1 - w + b)²: b = 0, w = 4 / 5.
        let result = LinearSVM.fit(
            [row([1]), row([-1])], labels: [1, 0], copies: [1, 1], classes: 2, features: 1, cost: 1)
        #expect(abs(result.weights.coefficients[0] - 0.8) < 1e-9)
        #expect(abs(result.weights.intercepts[0]) < 1e-9)
        #expect(!result.reachedLimit)
        let turned = LinearSVM.fit(
            [row([1]), row([-1])], labels: [0, 1], copies: [1, 1], classes: 2, features: 1, cost: 1)
        #expect(abs(turned.weights.coefficients[0] + 0.8) < 1e-9)
    }

    @Test("columns are in the order of the labels, whatever the order of the rows")
    func order() {
        let rows = [row([0, 0, 1]), row([1, 0, 0]), row([0, 1, 0])]
        let result = LinearSVM.fit(
            rows, labels: [2, 0, 1], copies: [1, 1, 1], classes: 3, features: 3, cost: 1)
        for (row, label) in zip(rows, [2, 0, 1]) {
            let decisions = result.weights.decisions(row)
            #expect(decisions.indices.max { decisions[$0] < decisions[$1] } == label)
        }
    }

    @Test("balanced weights: rows / (labels × rows of the label), copies counted")
    func balance() {
        #expect(
            LinearSVM.balance([0, 0, 0, 1], copies: [1, 1, 1, 1], classes: 2)
                == [4.0 / 6.0, 2])
        #expect(LinearSVM.balance([0, 1], copies: [1, 3], classes: 2) == [2, 4.0 / 6.0])
    }

    @Test("training twice at once gives the bytes of training alone")
    func concurrent() async {
        let texts = Samples.generated(labels: 6, perLabel: 12, seed: 5)
        let terms = TermWeights(of: texts.map(\.text), analyzer: .words(1...2), limit: 500)
        let labels = texts.map { Int($0.label.dropFirst(5)) ?? 0 }
        let rows = texts.map { terms.row($0.text) }
        @Sendable func fit() -> LinearWeights {
            LinearSVM.fit(
                rows, labels: labels, copies: labels.map { _ in 1 }, classes: 6,
                features: terms.terms.count, cost: 1
            ).weights
        }
        let alone = fit()
        await withTaskGroup(of: LinearWeights.self) { group in
            for _ in 0..<4 { group.addTask { fit() } }
            for await weights in group { #expect(weights == alone) }
        }
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
        let sharpness = Softmax.fit(
            Array(repeating: [1, -1], count: 8), labels: Array(repeating: 0, count: 8))
        #expect(abs(sharpness - 2.1972245773362196 / 2) < 1e-9)
        // Decisions that say nothing: as flat as allowed.
        #expect(Softmax.fit([[1, -1], [1, -1]], labels: [0, 1]) < 0.02)
        #expect(Softmax.fit([], labels: []) == 1)
    }

    @Test("a softmax does not overflow and sums to 1")
    func softmaxRange() {
        let probabilities = Softmax.probabilities([1e5, 0, -1e5], sharpness: 100)
        #expect(probabilities == [1, 0, 0])
    }
}
