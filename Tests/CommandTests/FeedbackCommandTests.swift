import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow feedback judge`: from daily counts to findings.
@Suite struct FeedbackCommandTests {
    private let folder: TemporaryFolder
    private var flow: TestProgram { Demo.flow(in: folder.path) }

    init() throws { folder = try TemporaryFolder() }

    private func line(_ id: String, before: Int, after: Int, days: Int = 28) -> String {
        func pairs(_ hits: Int, _ days: Int) -> JSON {
            .array((0..<days).map { [.integer(hits + $0 % 2), 1] })
        }
        let series: JSON = [
            "id": .string(id), "before": pairs(before, 28), "after": pairs(after, days),
        ]
        return series.text() + "\n"
    }

    @Test("each line is judged, in the order of the file, with numbers and a reason")
    func judges() throws {
        try folder.write(
            "streams.jsonl", line("gone", before: 3, after: 0) + line("same", before: 9, after: 9))
        let judged = try flow("feedback", "judge", "streams.jsonl", "--alone").checked()
        #expect(judged.lines.count == 2)
        let first = try JSON.read(judged.lines[0])
        #expect(first["id"] == "gone" && first["finding"] == "boosted" && first["look"] == 28)
        #expect((first["confidence"]?.doubleValue ?? 0) > 0.9)
        #expect(first["interval"]?.arrayValue?.count == 2)
        let second = try JSON.read(judged.lines[1])
        #expect(second["finding"] == "unchanged" && second["rate_ratio"] == 1)
        let input = try flow.run(
            ["feedback", "judge", "-"], input: line("one", before: 3, after: 3)
        )
        .checked()
        #expect(input.lines.count == 1)
    }

    @Test("a line that cannot be read is named with file and number, and the others are judged")
    func badLines() throws {
        try folder.write(
            "bad.jsonl",
            """
            {"id": "negative", "before": [[-1, 1]], "after": [[0, 1]]}
            {"id": "no exposure", "before": [[1, 1], [2, 0]], "after": [[0, 1]]}
            {"id": "half", "before": [[1, 1]]}
            {"before": [[1, 1]], "after": []}
            [1, 2]
            {"id": "cut
            {"id": "huge", "before": [[9000000000000000000, 1]], "after": [[0, 1]]}
            {"id": "tiny", "before": [[1, 1e-300]], "after": [[0, 1e300]]}
            \(line("good", before: 3, after: 0, days: 7))
            """)
        let judged = try flow("feedback", "judge", "bad.jsonl")
        #expect(judged.exit == 1)
        #expect(judged.lines.count == 1)
        let errors = judged.errors
        #expect(
            errors.contains(
                "bad.jsonl:1: before[0] has -1 hits: give a whole number from 0 to 10^9"))
        #expect(errors.contains("bad.jsonl:2: before[1] has exposure 0: give a number above 0"))
        #expect(errors.contains("bad.jsonl:3: after is missing"))
        #expect(errors.contains("bad.jsonl:4: id is missing"))
        #expect(errors.contains("bad.jsonl:5: this is of type array: give an object"))
        #expect(errors.contains("bad.jsonl:6:"))
        #expect(errors.contains("bad.jsonl:7: before[0] has 9000000000000000000 hits"))
        #expect(errors.contains("bad.jsonl:8: before[0] has exposure 1e-300"))
    }

    @Test("an empty file has no findings; a missing one and contradicting options are errors")
    func edges() throws {
        try folder.write("empty.jsonl", "")
        #expect(try flow("feedback", "judge", "empty.jsonl").checked().output.isEmpty)
        #expect(try flow("feedback", "judge", "absent.jsonl").exit == 1)
        let both = try flow("feedback", "judge", "empty.jsonl", "--alone", "--prior", "empty.jsonl")
        #expect(both.exit == 2 && both.errors.contains("--alone learns from nobody"))
    }

    @Test("what is usual can be learned from other skills")
    func prior() throws {
        let few: JSON = [
            "id": "one", "before": .array((0..<28).map { [.integer($0 % 7 == 0 ? 1 : 0), 1] }),
            "after": .array((0..<28).map { _ in [0, 1] }),
        ]
        try folder.write("one.jsonl", few.text())
        let works = (0..<50).map { line("w\($0)", before: 3, after: 0) }.joined()
        let fails = (0..<50).map { line("f\($0)", before: 3, after: 3) }.joined()
        try folder.write("works.jsonl", works)
        try folder.write("fails.jsonl", fails)
        func confidence(_ prior: String) throws -> Double {
            let judged = try flow("feedback", "judge", "one.jsonl", "--prior", prior).checked()
            return try #require(JSON.read(judged.lines[0])["confidence"]?.doubleValue)
        }
        #expect(try confidence("works.jsonl") > 0.95)
        #expect(try confidence("fails.jsonl") < 0.6)
    }
}
