import FlowJSON
import FlowSystem
import Testing

@testable import FlowLearning

@Suite("training")
struct ModelTrainingTests {
    private func trained(_ set: TrainingSet, preset: TrainingPreset = .standard) throws
        -> TrainedModel
    {
        guard
            case .trained(let trained) = try ModelTraining.run(
                set, preset: preset, minSamples: 2)
        else {
            throw LearningError(.unusableSamples, doing: "train", "too small")
        }
        return trained
    }

    @Test("four skills of a first review are enough: new messages find their skill")
    func firstReview() throws {
        let trained = try trained(Samples.skillSet)
        let unseen = [
            ("KeyError: 'warehouse_id' in /srv/app/stock/models/move.py", "GR-00000001"),
            ("KeyError: 'date' in /srv/app/account/models/invoice.py", "GR-00000001"),
            ("KeyError: ('x', 3) in lib/cache.py", "GR-00000001"),
            (
                "connection to server at \"10.9.8.7\", port 6432 failed: Connection refused",
                "FX-00000002"
            ),
            (
                "psycopg2.OperationalError: connection to server at \"x\" failed: refused",
                "FX-00000002"
            ),
            ("ValueError: invalid literal for int() with base 10: 'abc'", "GR-00000003"),
            ("ValueError: invalid literal for int() with base 16: 'zz'", "GR-00000003"),
            (
                "fatal: unable to access 'http://a.b/c/': Could not resolve host: a.b",
                "FX-00000004"
            ),
            ("curl: (6) Could not resolve host: proxy", "FX-00000004"),
            ("error: unable to access 'https://host9/x.git/'", "FX-00000004"),
        ]
        let right = unseen.count { trained.model.predict($0.0).guesses.first?.label == $0.1 }
        #expect(right == 10)
        let report = try #require(trained.report.objectValue)
        #expect(report["evaluated_on"] == "test")
        #expect(report["test_rows"] == .integer(trained.set.held.count))
        #expect(trained.evaluation?.rows == trained.set.held.count)
        #expect(
            trained.warnings.contains {
                $0.contains("test row") && $0.hasSuffix("the figures are rough")
            })
    }

    @Test("a prediction sums to 1 and names the words that decided")
    func prediction() throws {
        let model = try trained(Samples.skillSet).model
        let prediction = model.predict(
            "KeyError: 'uom_id' in /srv/app/sale/models/order.py", top: 9, words: 3)
        #expect(prediction.guesses.count == 4)
        #expect(abs(prediction.guesses.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
        #expect(prediction.guesses[0].probability > 0.5)
        #expect(prediction.words.count == 3)
        #expect(prediction.words.contains { $0.term.contains("keyerror") })
        #expect(prediction.words.allSatisfy { $0.weight > 0 })
        // Runs of their characters are known, and they are no words.
        #expect(model.predict("xkeyx orderx").knownTerms == 0)
        #expect(model.predict("order").knownTerms > 0)
        let nothing = model.predict("")
        #expect(nothing.knownTerms == 0)
        #expect(nothing.words.isEmpty)
        #expect(abs(nothing.guesses.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
    }

    @Test("a message of other words is further out of scope than any that was learned")
    func outOfScope() throws {
        for preset in TrainingPreset.all {
            let set = try Samples.skillSet
            let model = try trained(set, preset: preset).model
            let known = set.fitted.map { model.predict($0.text).outOfScope }.max() ?? 0
            #expect(model.predict("the printer is out of paper").outOfScope > known)
        }
    }

    @Test(
        "a set that is too small says what there is and what is needed",
        arguments: [
            ([(text: "one", label: "A")], 20, "1 text of 1 label"),
            (
                (10..<40).map { (text: "text number \($0)", label: "A") }, 20,
                "30 texts of 1 label"
            ),
            ([], 0, "0 texts of 0 labels"),
        ])
    func tooSmall(_ texts: [(text: String, label: String)], _ minimum: Int, _ has: String) throws {
        let outcome = try ModelTraining.run(TrainingSet(examples: texts), minSamples: minimum)
        guard case .tooSmall(let sentence) = outcome else {
            Issue.record("it was trained")
            return
        }
        #expect(sentence == "\(has): training needs at least \(minimum) texts and 2 labels")
    }

    @Test("a weight that is none is refused with its label", arguments: [.nan, 0, -1, .infinity])
    func noWeight(_ weight: Double) {
        var samples = TrainingSet(examples: Samples.generated(labels: 2, perLabel: 20, seed: 8))
            .samples
        samples[0].weight = weight
        samples[0].split = .train
        let error = #expect(throws: LearningError.self) {
            try ModelTraining.run(TrainingSet(fixed: samples))
        }
        #expect(
            error?.description
                == "cannot train a model: a text of 'label0' weighs \(weight); a weight is a number"
                + " above zero")
    }

    @Test("progress begins at nothing and ends with every label", arguments: [1, 3])
    func progress(_ threads: Int) throws {
        let seen = PosixMutex<[TrainingProgress]>([])
        let set = TrainingSet(examples: Samples.generated(labels: 11, perLabel: 20, seed: 9))
        _ = try ModelTraining.run(set, threads: threads) { step in
            seen.withLock { $0.append(step) }
        }
        let steps = seen.withLock { $0 }
        #expect(steps.first?.step == .terms)
        let done = steps.filter { $0.step == .labels }.map(\.done)
        // Four columns at a time; which end first is open.
        #expect(done.first == 0)
        #expect(zip(done, done.dropFirst()).map { $1 - $0 }.sorted() == [3, 4, 4])
    }

    @Test("texts without a word are refused")
    func noWords() {
        let texts = (0..<26).map {
            (text: "\(Unicode.Scalar(97 + $0) ?? "a")", label: "L\($0 % 2)")
        }
        let error = #expect(throws: LearningError.self) {
            try ModelTraining.run(TrainingSet(templates: texts, examples: []), preset: .seed)
        }
        #expect(
            error?.description
                == "cannot train a model: no text has a word of two letters or digits")
    }

    @Test("without test rows nothing is measured, and the report says so")
    func noTestRows() throws {
        let texts = Samples.generated(labels: 3, perLabel: 10, seed: 1)
        let trained = try trained(TrainingSet(templates: texts, examples: []))
        #expect(trained.evaluation == nil)
        #expect(trained.report["evaluated_on"] == "nothing")
        #expect(trained.report["test_rows"] == 0)
        #expect(trained.report["metrics"] == .null)
        #expect(trained.warnings == ["there are no test rows: nothing was measured"])
    }

    @Test("no row that is measured on is learned from")
    func noLeak() throws {
        let texts = Samples.generated(labels: 4, perLabel: 20, seed: 2)
        let base = TrainingSet(examples: texts)
        let changed = TrainingSet(
            fixed: base.samples.map { sample in
                guard sample.split == .test else { return sample }
                var other = sample
                other.text = "entirely different"
                return other
            })
        let (one, other) = (try trained(base).model, try trained(changed).model)
        #expect(one.weights == other.weights)
        #expect(one.calibration == other.calibration)
    }

    @Test(
        "the calibration follows the smallest label",
        arguments: [
            (.seed, 25, 10, "5 sigmoids", []),
            (
                .seed, 25, 9, "4 sigmoids",
                ["a label with only 9 texts: probabilities come from 4 folds instead of 5"]
            ),
            (
                .seed, 25, 4, "2 sigmoids",
                ["a label with only 4 texts: probabilities come from 2 folds instead of 5"]
            ),
            (
                .seed, 25, 3, "softmax",
                [
                    "1 label with fewer than 4 texts: probabilities come from one softmax, fitted on"
                        + " 53 held-out texts"
                ]
            ),
            (
                .seed, 4, 1, "softmax",
                [
                    "1 label with fewer than 4 texts: probabilities come from one softmax, fitted on"
                        + " 8 held-out texts",
                    "1 label with one text only: nothing of it could be held out, its probability is"
                        + " not calibrated",
                ]
            ),
            (
                .seed, 1, 1, "plain",
                [
                    "every label has one text only: probabilities are not calibrated, only their"
                        + " order means something"
                ]
            ),
            (.standard, 25, 2, "softmax", []),
            (
                .standard, 25, 1, "softmax",
                [
                    "1 label with one text only: nothing of it could be held out, its probability is"
                        + " not calibrated"
                ]
            ),
        ] as [(TrainingPreset, Int, Int, String, [String])])
    func calibration(
        _ preset: TrainingPreset, _ most: Int, _ smallest: Int, _ method: String,
        _ warnings: [String]
    ) throws {
        var texts = Samples.generated(labels: 3, perLabel: most, seed: 3)
        texts.removeLast(most - smallest)
        let outcome = try ModelTraining.run(
            TrainingSet(templates: texts, examples: []), preset: preset, minSamples: 2)
        guard case .trained(let trained) = outcome else {
            Issue.record("it was not trained")
            return
        }
        switch trained.model.calibration {
        case .sigmoids(let members): #expect(method == "\(members.count) sigmoids")
        case .softmax(_, let isFitted): #expect(method == (isFitted ? "softmax" : "plain"))
        }
        #expect(trained.warnings.dropLast() == warnings[...])
    }

    @Test("two labels share one column, in both presets", arguments: TrainingPreset.all, [6, 20])
    func twoLabels(_ preset: TrainingPreset, _ perLabel: Int) throws {
        let texts = Samples.generated(labels: 2, perLabel: perLabel, seed: 4)
        let trained = try trained(TrainingSet(templates: texts, examples: []), preset: preset).model
        let right = texts.count { trained.predict($0.text).guesses[0].label == $0.label }
        #expect(right == texts.count)
        #expect(trained.weights.columns == 1)
    }

    @Test("a weight of 2 is the same as the row twice, after terms and folds are fixed")
    func weights() throws {
        var samples = TrainingSet(
            templates: Samples.generated(labels: 3, perLabel: 12, seed: 6), examples: []
        ).samples
        let plain = try trained(TrainingSet(fixed: samples)).model
        for place in stride(from: 0, to: samples.count, by: 5) { samples[place].weight = 2 }
        let weighted = try trained(TrainingSet(fixed: samples)).model
        #expect(
            weighted.features.parts[0].inverseFrequency == plain.features.parts[0].inverseFrequency)
        #expect(weighted.weights != plain.weights)
    }

    @Test("a label of 10,000 characters is a label")
    func longLabel() throws {
        let long = String(repeating: "x", count: 10_000)
        var texts = Samples.generated(labels: 2, perLabel: 12, seed: 7)
        for place in 12..<24 { texts[place].label = long }
        let trained = try trained(TrainingSet(templates: texts, examples: []))
        #expect(trained.model.labels == ["label0", long])
    }

    @Test("test rows with the words of learned ones are counted, and a warning says what they hide")
    func learnedRows() throws {
        let rows = Samples.generated(labels: 3, perLabel: 20, seed: 41)
        let fitted = rows.map { TrainingSample(text: $0.text, label: $0.label, split: .train) }
        let seen = rows.prefix(4).map {
            TrainingSample(text: $0.text.uppercased() + "!", label: $0.label, split: .test)
        }
        let wrong = TrainingSample(text: "quagga zebra", label: "label1", split: .test)
        let mixed = try trained(TrainingSet(fixed: fitted + seen + [wrong]))
        #expect(mixed.learnedRows == 4 && mixed.evaluation?.rows == 5)
        #expect(mixed.report["learned_test_rows"] == 4)
        let warning = try #require(mixed.warnings.first { $0.contains("learned ones") })
        #expect(
            warning.hasPrefix(
                "4 of 5 test rows have the words of learned ones, which makes the figures too good:"
                    + " without them accuracy is "), "\(warning)")
        let same = try trained(TrainingSet(fixed: fitted + seen))
        #expect(
            same.warnings.contains(
                "4 of 4 test rows have the words of learned ones: the figures say nothing"))
        let clean = try trained(TrainingSet(fixed: fitted + [wrong]))
        #expect(clean.learnedRows == 0 && !clean.warnings.contains { $0.contains("learned ones") })
    }
}
