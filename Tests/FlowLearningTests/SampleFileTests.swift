import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("files of samples")
struct SampleFileTests {
    private func read(_ text: String, isCSV: Bool = false) throws -> [TrainingSample] {
        try SampleFile.read(Array(text.utf8), name: "a file", isCSV: isCSV)
    }

    @Test("lines and rows say the same")
    func formats() throws {
        let lines = try read(
            """
            {"text": "one, two", "label": "A"}
            {"text": "two", "label": "B", "weight": 3, "split": "test"}

            {"text": "three", "label": "A", "corrected": true, "confidence": 0.8}
            {"text": "four", "label": "A", "corrected": false, "confidence": 0.79}
            """)
        let rows = try read(
            """
            label,text,weight,split,corrected,confidence
            A,"one, two",,,,
            B,two,3,test,,
            A,three,,,true,0.8
            A,four,,,false,0.79

            """, isCSV: true)
        #expect(lines == rows)
        #expect(lines.map(\.weight) == [1, 3, 2.4, 1])
        #expect(lines.map(\.split) == [.train, .test, .train, .train])
    }

    @Test(
        "what is no sample is refused with its line",
        arguments: [
            ("{\"text\": \"a\"}", false, "line 1: 'label' is missing or empty"),
            ("{\"text\": \"a\", \"label\": \"A\"}\n[]", false, "line 2: an object is expected"),
            (
                "{\"text\": \"a\", \"label\": \"A\", \"weight\": 0}", false,
                "line 1: 'weight' must be"
            ),
            ("{\"text\": \"a\", \"label\": \"A\", \"weight\": NaN}", false, "line 1: "),
            ("text,label,weight\na,A,nan", true, "line 2: 'weight' should be a number"),
            ("text,label\na", true, "line 2: 1 fields where the head has 2"),
            ("text,label\n\"a", true, "line 2: a field begins with a quote that nothing closes"),
            ("text,label,corrected\na,A,maybe", true, "line 2: 'corrected' is true or false"),
        ] as [(String, Bool, String)])
    func mistakes(_ text: String, _ isCSV: Bool, _ message: String) {
        let error = #expect(throws: LearningError.self) { try read(text, isCSV: isCSV) }
        #expect(
            error?.description.hasPrefix("cannot read a file: " + message) == true,
            "\(error?.description ?? "")")
    }

    @Test("the order of lines changes nothing; a line that stands twice counts twice")
    func order() throws {
        let seed: UInt64 = 17
        var generator = SeededGenerator(seed: seed)
        let samples = Samples.generated(labels: 3, perLabel: 9, seed: seed).enumerated().map {
            TrainingSample(
                text: $1.text, label: $1.label, weight: $0 % 4 == 0 ? 2 : 1, split: .train)
        }
        let twice = samples + samples.prefix(5)
        let set = TrainingSet(unordered: twice)
        #expect(set.samples.count == samples.count + 5)
        for _ in 0..<5 {
            #expect(TrainingSet(unordered: twice.shuffled(using: &generator)) == set)
        }
    }
}
