import FlowJSON
import FlowSkills
import FlowSystem
import Testing

@Suite("corrections of the model's answers")
struct CorrectionTests {
    private static let start = Timestamp(seconds: 1_795_176_000)

    private func line(
        _ number: Int, _ predicted: String?, _ label: String, at seconds: Double = 0
    ) -> LedgerEntry.CorrectionLine {
        LedgerEntry.CorrectionLine(
            fingerprint: "f\(number)", label: label,
            predicted: predicted.map { .init(label: $0, probability: 0.4062, model: "m") },
            by: "Ada", note: number == 1 ? "why" : "", time: Self.start.adding(seconds: seconds))
    }

    @Test("what is written is read back, once, in whatever order, and none is a problem")
    func roundTrip() {
        let lines = [line(1, "A", "B"), line(2, nil, "B", at: 1), line(3, "B", "B", at: 2)]
        var ledger = Ledger([])
        let files = ledger.add(lines.map { .correction($0) })
        #expect(files.count == 1)
        #expect(ledger.add(lines.map { .correction($0) }).isEmpty)
        for bytes in [files[0].bytes, files[0].bytes + files[0].bytes] {
            let read = Ledger([SkillFile(path: files[0].path, bytes: bytes)])
            #expect(read.problems.isEmpty)
            #expect(read.state.corrections == lines)
        }
    }

    @Test(
        "a line that is no correction is a problem with its number",
        arguments: [
            "{\"type\": \"correction\", \"label\": \"A\", \"time\": \"2026-11-20T00:00:00Z\"}",
            "{\"type\": \"correction\", \"fingerprint\": \"f\", \"label\": \"A\"}",
            "{\"type\": \"correction\", \"fingerprint\": \"f\", \"label\": \"A\", \"predicted\": \"B\", "
                + "\"probability\": 2, \"time\": \"2026-11-20T00:00:00Z\"}",
        ])
    func bad(_ text: String) {
        let ledger = Ledger([
            SkillFile(path: "skills/ledger/2026-11.jsonl", bytes: Array(text.utf8))
        ])
        #expect(ledger.problems.map(\.line) == [1])
        #expect(ledger.state.corrections.isEmpty)
    }

    @Test("the rate is the share of answers that people changed; the commonest change comes first")
    func counts() {
        let counts = CorrectionCounts([
            line(1, "A", "B"), line(2, "A", "B"), line(3, "C", "A"), line(4, "A", "A"),
            line(5, nil, "A"),
        ])
        #expect(counts.reviewed == 4)
        #expect(counts.changed == 3)
        #expect(counts.rate == 0.75)
        let pairs = counts.pairs.map { "\($0.predicted)>\($0.label) \($0.count)" }
        #expect(pairs == ["A>B 2", "C>A 1"])
        #expect(CorrectionCounts([]).rate == nil)
    }
}
