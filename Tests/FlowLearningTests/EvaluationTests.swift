import FlowJSON
import Testing

@testable import FlowLearning

@Suite("evaluation")
struct EvaluationTests {
    private func answers(_ triples: [(String, String, Double)]) -> [Evaluation.Answer] {
        triples.map { Evaluation.Answer(truth: $0.0, label: $0.1, probability: $0.2) }
    }

    @Test("accuracy, macro figures and confusions: by hand")
    func byHand() throws {
        // a: 2 of 3 right, 1 false alarm; b: 1 of 1, 1 false alarm; c: never answered right;
        // d: answered once, never true.
        let evaluation = try #require(
            Evaluation(
                answers([
                    ("a", "a", 0.9), ("a", "a", 0.8), ("a", "b", 0.6), ("b", "b", 0.7),
                    ("c", "a", 0.5), ("c", "d", 0.4),
                ])))
        #expect(evaluation.rows == 6)
        #expect(evaluation.accuracy == 0.5)
        #expect(evaluation.labels.map(\.label) == ["a", "b", "c", "d"])
        #expect(evaluation.labels.map(\.support) == [3, 1, 2, 0])
        let precisions = [2.0 / 3, 1.0 / 2, 0, 0]
        let recalls = [2.0 / 3, 1, 0, 0]
        let f1s = [4.0 / 6, 2.0 / 3, 0, 0]
        #expect(evaluation.labels.map(\.precision) == precisions)
        #expect(evaluation.labels.map(\.recall) == recalls)
        #expect(evaluation.labels.map(\.f1) == f1s)
        #expect(evaluation.precision == precisions.reduce(0, +) / 4)
        #expect(evaluation.recall == recalls.reduce(0, +) / 4)
        #expect(evaluation.f1 == f1s.reduce(0, +) / 4)
        #expect(
            evaluation.confusions.map { "\($0.truth)>\($0.answer) \($0.count)" } == [
                "a>b 1", "c>a 1", "c>d 1",
            ])
    }

    @Test("the most frequent confusion comes first")
    func confusions() throws {
        let evaluation = try #require(
            Evaluation(answers([("a", "b", 1), ("c", "b", 1), ("c", "b", 1)])))
        #expect(evaluation.confusions.map(\.truth) == ["c", "a"])
    }

    @Test("calibration error: the distance of sureness and success, weighted by rows")
    func calibration() throws {
        let sure = try #require(Evaluation(answers([("a", "a", 1), ("a", "b", 1)])))
        #expect(sure.calibrationError == 0.5)
        let mixed = try #require(
            Evaluation(
                answers([("a", "a", 0.95), ("a", "a", 0.95), ("a", "b", 0.5), ("a", "a", 0.5)])))
        // Bins (0.93, 1] and (0.47, 0.53]: |2 - 1.9| + |1 - 1| over 4 rows.
        #expect(abs(mixed.calibrationError - 0.025) < 1e-12)
    }

    @Test("every bin tells what was said in it and how often it was right")
    func bins() throws {
        let evaluation = try #require(
            Evaluation(answers([("a", "a", 0.5), ("a", "b", 0.5), ("a", "a", 1), ("a", "a", 0)])))
        let bins = evaluation.calibration.bins
        #expect(bins.count == 15)
        #expect(bins.map(\.rows) == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1])
        #expect(bins[7].probability == 0.5)
        #expect(bins[7].accuracy == 0.5)
        #expect(bins[14].accuracy == 1)
    }

    @Test(
        "wrong answers are named, the surest first, and the matrix counts them and the right ones")
    func wrong() throws {
        let evaluation = try #require(
            Evaluation([
                .init(text: "one", truth: "a", label: "b", probability: 0.4),
                .init(text: "two", truth: "a", label: "b", probability: 0.9),
                .init(text: "three", truth: "a", label: "a", probability: 0.9),
                .init(text: "four", truth: "b", label: "b", probability: 0.9),
            ]))
        #expect(evaluation.misclassified.map(\.text) == ["two", "one"])
        #expect(evaluation.json["confusion"] == ["a": ["a": 1, "b": 2], "b": ["b": 1]])
        #expect(evaluation.json["macro_f1"] == .number(evaluation.f1))
        #expect(evaluation.json["ece"] == .number(evaluation.calibrationError))
        #expect(evaluation.json["labels"]?["a"]?["support"] == 3)
    }

    @Test(
        "an accuracy or macro-F1 below its level is an alert",
        arguments: [(0.5, 0.5, 0), (0.76, 0.5, 1), (0.76, 0.8, 2)])
    func alerts(_ accuracy: Double, _ f1: Double, _ count: Int) throws {
        let evaluation = try #require(
            Evaluation(answers([("a", "a", 1), ("a", "a", 1), ("b", "b", 1), ("b", "a", 1)])))
        let alerts = evaluation.alerts(.init(accuracy: accuracy, f1: f1))
        #expect(alerts.count == count)
        if count == 1 { #expect(alerts == ["accuracy 0.7500 is below 0.7600"]) }
    }

    /// Exact p of McNemar's test, from the binomial distribution by hand.
    @Test(
        "McNemar's exact p",
        arguments: [
            (0, 0, 1), (1, 0, 1), (5, 0, 0.0625), (0, 5, 0.0625), (6, 2, 0.2890625), (3, 3, 1),
            (10, 1, 0.01171875),
        ])
    func comparison(_ better: Int, _ worse: Int, _ p: Double) {
        let comparison = ModelComparison(rows: 60, better: better, worse: worse)
        #expect(abs(comparison.p - p) < 1e-12)
    }

    @Test("without rows nothing is measured")
    func none() { #expect(Evaluation([]) == nil) }
}
