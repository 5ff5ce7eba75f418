import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowLearning

/// The seed preset beside scikit-learn's pipeline, with one vocabulary.
@Suite("parity with scikit-learn", .enabled(if: Oracle.hasScikitLearn, Oracle.absent))
struct ScikitLearnParityTests {
    /// Prints the predicted label of each test text, then all probabilities.
    private static let script = """
        import json, sys
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
        from sklearn.calibration import CalibratedClassifierCV
        d = json.load(open('PATH'))
        v = TfidfVectorizer(ngram_range=(1, 3), vocabulary=d['terms'])
        X = v.fit_transform(d['texts'])
        svm = LinearSVC(C=1.0, class_weight='balanced', tol=1e-10, max_iter=100000)
        m = CalibratedClassifierCV(svm, cv=5).fit(X, d['labels'], sample_weight=d['weights'])
        p = m.predict_proba(v.transform(d['tests']))
        for row in p: print(m.classes_[row.argmax()])
        for row in p:
            for x in row: print(repr(float(x)))
        """

    private func compare(_ samples: [TrainingSample]) throws -> (worst: Double, different: Int) {
        let set = TrainingSet(fixed: samples)
        guard case .trained(let trained) = try ModelTraining.run(set, preset: .seed, threads: 2)
        else {
            throw LearningError(.unusableSamples, doing: "train", "too small")
        }
        let model = trained.model
        let fitted = set.fitted
        let tests = set.held.map(\.text)
        let terms = model.features.parts[0].terms
        let folder = try TemporaryFolder()
        let input: JSON = [
            "texts": .array(fitted.map { .string($0.text) }),
            "labels": .array(fitted.map { .string($0.label) }),
            "weights": .array(fitted.map { .number($0.weight) }),
            "tests": .array(tests.map(JSON.string)),
            "terms": .array((0..<model.termCount).map { .string(terms.text($0)) }),
        ]
        try folder.write("input.json", input.text())
        let output = try #require(
            Python.run(
                Self.script.replacing("PATH", with: folder.at("input.json")), by: Oracle.python))
        let expected = output[tests.count...].compactMap { Double($0) }
        let rows = tests.map { model.probabilities(model.features.row($0)) }
        #expect(expected.count == rows.count * model.labels.count)
        let worst = zip(rows.joined(), expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        let different = zip(tests, output).count {
            model.predict($0, top: 1).guesses[0].label != $1
        }
        return (worst, different)
    }

    /// Every fourth text of each label to the test side; every `stride`th row counts twice.
    private func fixed(_ texts: [(text: String, label: String)], doubled stride: Int?)
        -> [TrainingSample]
    {
        texts.enumerated().map { place, sample in
            TrainingSample(
                text: sample.text, label: sample.label,
                weight: stride.map { place % $0 == 0 ? 2 : 1 } ?? 1,
                split: place % 4 == 3 ? .test : .train)
        }
    }

    @Test(
        "probabilities within 1e-6 and no label different, also with rows that count twice",
        arguments: [2, 3, 12], [nil, 10])
    func generated(_ labels: Int, _ doubled: Int?) throws {
        let texts = Samples.generated(labels: labels, perLabel: 24, seed: 21)
        let (worst, different) = try compare(fixed(texts, doubled: doubled))
        #expect(worst < 1e-6)
        #expect(different == 0)
    }

    /// All 77 labels where `FLOW_SOAK` is set, for a build for release; else 12 of them.
    @Test(
        "the same on Banking77, its own split",
        .enabled(if: Banking77.isThere, "skipped: no Banking77"), arguments: [nil, 10])
    func banking(_ doubled: Int?) throws {
        let names = TrainingSet.sorted(Set(Banking77.train.map(\.label)))
        let chosen = Set(names.prefix(Environment["FLOW_SOAK"] == nil ? 12 : names.count))
        let train = Banking77.train.filter { chosen.contains($0.label) }.enumerated().map {
            place, sample in
            TrainingSample(
                text: sample.text, label: sample.label,
                weight: doubled.map { place % $0 == 0 ? 2 : 1 } ?? 1, split: .train)
        }
        let tests = Banking77.test.filter { chosen.contains($0.label) }.map {
            TrainingSample(text: $0.text, label: $0.label, split: .test)
        }
        let (worst, different) = try compare(train + tests)
        print("Banking77: greatest difference of a probability \(worst), labels \(different)")
        #expect(worst < 1e-6)
        #expect(different == 0)
    }

    @Test("the same on errors of programs, as datasets/samples has them", arguments: [nil, 10])
    func errors(_ doubled: Int?) throws {
        let texts = try SampleErrors.read([
            "bash", "curl", "git", "make", "pip", "ssh", "tar",
        ])
        #expect(texts.count == 1096)
        let (worst, different) = try compare(fixed(texts, doubled: doubled))
        print("errors: greatest difference of a probability \(worst), labels \(different)")
        #expect(worst < 1e-6)
        #expect(different == 0)
    }
}
