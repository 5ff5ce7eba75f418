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

    @Test("without rows nothing is measured")
    func none() { #expect(Evaluation([]) == nil) }
}
