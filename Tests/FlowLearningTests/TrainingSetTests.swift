import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("the training set")
struct TrainingSetTests {
    @Test("only approved and used lines teach; template and examples carry the skill's id")
    func texts() {
        let lines = ExampleState.allCases.map { state in
            Samples.example(
                state.rawValue, template: "template of \(state)",
                examples: ["example of \(state)"], state: state)
        }
        let set = TrainingSet(DatasetFile().upserting(lines).0)
        #expect(set.labels == ["approved", "used_in_training"])
        #expect(set.samples.count == 4)
        #expect(set.samples.filter { $0.text.hasPrefix("template") }.count == 2)
    }

    @Test("every label has a text to learn from, whatever the hashes say")
    func everyLabel() {
        let texts = (0..<400).map { (text: "message number \($0 + 10)", label: "label \($0 / 2)") }
        let set = TrainingSet(examples: texts)
        #expect(Set(set.fitted.map(\.label)).count == 200)
        #expect(set.held.count > 30)
        #expect(set.samples.count == 400)
    }

    @Test("templates are learned from, and so are texts with the same words")
    func templates() {
        let texts = (0..<60).map { (text: "message number \($0)", label: "L") }
        let templates = texts.map { (text: $0.text.uppercased() + "!", label: "L") }
        #expect(TrainingSet(templates: templates, examples: texts).held.isEmpty)
        #expect(!TrainingSet(examples: texts).held.isEmpty)
    }

    @Test("texts with the same words are on one side, also under different labels")
    func groups() {
        let texts = (100..<200).flatMap { number in
            [
                (text: "message number \(number)", label: "A"),
                (text: "MESSAGE: number-\(number).", label: "B"),
                (text: "other text \(number)", label: "A"),
                (text: "yet another \(number)", label: "B"),
            ]
        }
        let set = TrainingSet(examples: texts)
        let sides = Dictionary(
            grouping: set.samples, by: { TextWords($0.text).joined }
        ).mapValues { Set($0.map(\.split)).count }
        #expect(sides.values.allSatisfy { $0 == 1 })
        #expect(set.conflicts.count == 100)
        #expect(set.conflicts[0].labels == ["A", "B"])
    }

    @Test("a text never changes sides when others come, and the order of lines changes nothing")
    func stable() {
        let texts = (0..<100).map { (text: "message number \($0)", label: "L\($0 % 3)") }
        let all = TrainingSet(examples: texts)
        let some = TrainingSet(examples: Array(texts[20..<60]))
        #expect(some.samples.allSatisfy(all.samples.contains))
        let turned = TrainingSet(examples: texts.reversed())
        #expect(turned == all)
        #expect(turned.hash == all.hash)
        #expect(some.hash != all.hash)
    }

    /// A text that the hash of its words puts into `test`, and one that it does not.
    private func texts(_ word: String) -> (test: String, train: String) {
        let all = (0..<200).map { "\(word) number \($0)" }
        return (
            all.first { TrainingSet.side(of: $0) == .test } ?? "",
            all.first { TrainingSet.side(of: $0) == .train } ?? ""
        )
    }

    private func side(_ text: String, _ set: TrainingSet) -> DatasetSplit? {
        set.samples.first { $0.text == text }?.split
    }

    @Test("the only text of a label, once learned, is no test row when a second one comes")
    func onlyText() {
        let (only, second) = texts("alone")
        let others = (0..<20).map { (text: "other number \($0)", label: "M") }
        let first = TrainingSet(examples: [(only, "L")] + others)
        #expect(side(only, first) == .train && first.borrowed.count == 1)
        let more = [(only, "L"), (second, "L")] + others
        let next = TrainingSet(examples: more, learned: Set(first.borrowed))
        #expect(side(only, next) == .train && side(second, next) == .train)
        #expect(next.borrowed.isEmpty, "it is remembered already")
        // A repository whose models have never learned it measures on it.
        #expect(side(only, TrainingSet(examples: more)) == .test)
    }

    @Test("a message that was learned as a template is no test row when the template changes")
    func onceTemplate() {
        let (message, other) = texts("order")
        let before = TrainingSet(examples: [(message, "L"), (other, "L")])
        #expect(side(message, before) == .test && before.borrowed.isEmpty)
        let first = TrainingSet(
            templates: [(message.uppercased(), "L")], examples: [(message, "L"), (other, "L")])
        #expect(first.held.isEmpty && first.borrowed.count == 1)
        let next = TrainingSet(
            templates: [("order <*>", "L")], examples: [(message, "L"), (other, "L")],
            learned: Set(first.borrowed))
        #expect(side(message, next) == .train && next.borrowed.isEmpty)
    }

    @Test("whatever comes and goes, no row that a model has learned is ever measured on")
    func neverBoth() {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let all = (0..<60).map { (text: "text number \($0)", label: "label \($0 % 25)") }
        var memory: Set<String> = []
        var learned: Set<String> = []
        var measured = 0
        for round in 0..<60 {
            let examples = all.filter { _ in Bool.random(using: &generator) }
            let templates = all.filter { _ in Int.random(in: 0..<10, using: &generator) == 0 }
            let set = TrainingSet(templates: templates, examples: examples, learned: memory)
            memory.formUnion(set.borrowed)
            learned.formUnion(set.fitted.map(\.text))
            measured += set.held.count
            #expect(learned.isDisjoint(with: set.held.map(\.text)), "round \(round), seed \(seed)")
            #expect(Set(set.fitted.map(\.label)) == Set(set.labels), "round \(round), seed \(seed)")
        }
        #expect(measured > 0 && !memory.isEmpty, "seed \(seed)")
    }

    @Test("of rows whose sides are given, what stands twice is counted and stays")
    func givenRows() {
        let rows = [("aa", "L"), ("aa", "L"), ("AA!", "L"), ("aa", "M")].map {
            TrainingSample(text: $0.0, label: $0.1, split: .train)
        }
        for set in [TrainingSet(unordered: rows), TrainingSet(fixed: rows)] {
            #expect(set.samples.count == 4)
            #expect(set.exactDuplicates == 1 && set.normalisedDuplicates == 1)
            #expect(set.conflicts.map(\.labels) == [["L", "M"]])
        }
    }

    @Test("a corrected line counts twice, a sure one a fifth more, a given weight is what counts")
    func weights() throws {
        var lines = (1...4).map { number in
            Samples.example(
                "GR-0000000\(number)", template: "template t\(number)", examples: ["m\(number)"])
        }
        lines[1].isCorrected = true
        lines[2].metrics.confidence = 0.8
        lines[3].isCorrected = true
        lines[3].givenWeight = 3
        let set = TrainingSet(DatasetFile().upserting(lines).0)
        let weights = Dictionary(grouping: set.samples, by: \.label).mapValues {
            Set($0.map(\.weight))
        }
        #expect(
            weights == [
                "GR-00000001": [1], "GR-00000002": [2], "GR-00000003": [1.2], "GR-00000004": [3],
            ])
    }

    @Test("what a person has corrected takes the place of what other lines say of that error")
    func corrected() throws {
        var manual = Samples.example("MANUAL-1", fingerprint: "f-GR-00000001", source: "manual")
        manual.label = "GR-00000002"
        manual.isCorrected = true
        let lines = [Samples.example("GR-00000001"), manual]
        #expect(TrainingSet(DatasetFile().upserting(lines).0).labels == ["GR-00000002"])
    }

    @Test("rows of a file stay as they are, and their order changes nothing")
    func rows() {
        let rows = (0..<40).map { number in
            TrainingSample(
                text: "message \(number % 30)", label: "L\(number % 2)",
                weight: number % 3 == 0 ? 2 : 1, split: number % 10 == 0 ? .test : .train)
        }
        let set = TrainingSet(unordered: rows)
        var generator = SeededGenerator(seed: 5)
        let other = TrainingSet(unordered: rows.shuffled(using: &generator))
        #expect(set.samples.count == 40)
        #expect(set.held.count == 4)
        #expect(set == other)
        #expect(set.hash == other.hash)
    }

    @Test("exact repeats, repeats by the words, and blank texts are left out and counted")
    func cleaning() {
        let set = TrainingSet(examples: [
            ("aa", "L"), ("aa", "L"), ("aa", "M"), (" \t\u{85}", "L"), ("", "M"), ("aa!", "M"),
        ])
        #expect(set.samples.map(\.label) == ["L", "M"])
        #expect(set.exactDuplicates == 1)
        #expect(set.normalisedDuplicates == 1)
        #expect(set.duplicates == 2)
        #expect(set.blanks == 2)
    }
}
