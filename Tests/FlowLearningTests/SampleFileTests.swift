import FlowSystem
import Testing

@testable import FlowLearning

@Suite("files of samples")
struct SampleFileTests {
    private func read(_ text: String) throws -> [TrainingSample] {
        try SampleFile.read(Array(text.utf8), name: "data")
    }

    @Test("JSONL and CSV say the same")
    func formats() throws {
        let lines = try read(
            """
            {"text": "one, two", "label": "L", "weight": 2.5, "split": "test"}

            {"text": "three", "label": "M", "corrected": true, "intent": "x"}
            {"text": "four", "label": "M", "confidence": 0.9}
            """)
        let rows = try read(
            """
            text,label,weight,split,corrected,confidence
            "one, two",L,2.5,test,,
            three,M,,,true,
            four,M,,,,0.9
            """)
        #expect(lines == rows)
        #expect(lines.map(\.weight) == [2.5, 2, 1.2])
        #expect(lines.map(\.split) == [.test, .train, .train])
        #expect(try read(String(decoding: SampleFile.write(lines), as: UTF8.self)) == lines)
    }

    @Test(
        "what cannot be learned from is an error with its line",
        arguments: [
            ("{\"text\": \"\", \"label\": \"L\"}", "line 1: 'text' is missing or empty"),
            ("{\"text\": \" \\t\", \"label\": \"L\"}", "line 1: 'text' is missing or empty"),
            ("{\"text\": \"a\"}", "line 1: 'label' is missing or empty"),
            (
                "{\"text\": \"a\", \"label\": \"LONG\"}",
                "line 1: 'label' has 10000 characters; at most 256 make a name"
            ),
            (
                "{\"text\": \"a\", \"label\": \"L\", \"weight\": \"NaN\"}",
                "line 1: 'weight' should be a number, not a string"
            ),
            (
                "{\"text\": \"a\", \"label\": \"L\"}\n{\"text\": \"a\", \"label\": \"L\", \"weight\": NaN}",
                "line 2: column 39: "
            ),
            (
                "{\"text\": \"a\", \"label\": \"L\", \"weight\": 0}",
                "line 1: 'weight' should be above 0 and at most 1000000"
            ),
            (
                "text,label,weight\na,L,nan", "line 2: 'weight' should be a number, not a string"
            ),
            (
                "text,label,weight\na,L,-1",
                "line 2: 'weight' should be above 0 and at most 1000000"
            ),
            ("text,label\na", "line 2: the row has 1 fields and the first has 2"),
            ("a,b\n1,2", "line 1: it is neither JSONL nor a table"),
            ("", "there is no sample in it"),
            (
                "{\"text\": \"a\", \"label\": \"L\", \"confidence\": 80}",
                "line 1: 'confidence' should be from 0 to 1: 85 % is 0.85"
            ),
        ])
    func bad(_ text: String, _ message: String) throws {
        let text = text.replacing("LONG", with: String(repeating: "x", count: 10_000))
        let error = #expect(throws: LearningError.self) { try read(text) }
        let said = error?.description ?? ""
        #expect(said.hasPrefix("cannot read the samples of data: \(message)"), "\(said)")
    }
}
