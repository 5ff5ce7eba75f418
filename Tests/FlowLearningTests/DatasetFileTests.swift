import FlowJSON
@testable import FlowLearning
import FlowSystem
import Testing

@Suite("the dataset file")
struct DatasetFileTests {
    private static let seedLine = """
        {"id": "GR-ABCD1234", "source": "skillsmith-production", "kind": "guardrail", \
        "task": "prevent_keyerror_in_sale_order", "input": {"error_pattern": \
        "KeyError.*partner_id", "component": "odoo.addons.sale", "context": \
        "pre_execution_check"}, "output": {"action": "block", "message": "Prevented"}, \
        "metrics": {"hits_7d": 10, "impact_score": 15.5, "confidence": 0.85}, "fingerprint": \
        "00000000-0000-0000-0000-abc123", "tags": ["guardrail", "odoo"], "votes": 3}
        """

    private func file(_ text: String) throws -> DatasetFile {
        try DatasetFile(reading: Array(text.utf8))
    }

    private func text(_ file: DatasetFile) -> String {
        String(decoding: file.bytes, as: UTF8.self)
    }

    @Test("a line of the seed's shape is read, with defaults for what it lacks")
    func seedShape() throws {
        let example = try #require(file(Self.seedLine).examples.first)
        #expect(example.label == "GR-ABCD1234")
        #expect(example.state == .approved)
        #expect(example.split == DatasetSplit(of: "00000000-0000-0000-0000-abc123"))
        #expect(example.metrics.hits30d == nil)
        #expect(example.metrics.impactScore == 15.5)
        #expect(example.other == ["votes": 3])
    }

    @Test("a line is written with its keys in the documented order, on one line")
    func order() throws {
        let (made, _) = DatasetFile().upserting([
            Samples.example("GR-1", examples: ["a\nb\u{1B}[31m\u{85}", "\0"])
        ])
        let written = text(made)
        #expect(written.count { $0 == "\n" } == 1)
        #expect(written.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
        let object = try #require(JSON.read(Array(made.bytes.dropLast())).objectValue)
        #expect(
            object.keys == [
                "id", "source", "kind", "task", "input", "output", "metrics", "fingerprint",
                "tags", "timestamp", "approved_at", "description", "examples", "split", "label",
                "state",
            ])
        #expect(try file(written).examples == made.examples)
        #expect(made.examples[0].examples == ["a\nb\u{1B}[31m\u{85}", "\0"])
    }

    @Test(
        "a line that cannot be read is an error with its number",
        arguments: [
            ("\n{\"id\": 1\n", "line 2: column 9: expected ',' or '}'"),
            ("[]\n", "line 1: an object is expected, not an array"),
            ("{\"id\": 7}", "line 1: 'id' should be a string, not an integer"),
            ("{\"id\": \"\"}", "line 1: 'id' is missing or empty"),
            (
                seedLine.replacing("\"votes\": 3", with: "\"state\": \"done\""),
                "line 1: 'state' should be one of pending, reviewed, approved, rejected,"
                    + " used_in_training"
            ),
            (
                seedLine.replacing("\"hits_7d\": 10", with: "\"hits_7d\": -1"),
                "line 1: 'metrics.hits_7d' should be a whole number from 0, not an integer"
            ),
            (
                seedLine.replacing("\"votes\": 3", with: "\"approved_at\": \"soon\""),
                "line 1: 'approved_at' should be a time such as 2026-11-20T02:00:00Z, not a string"
            ),
        ])
    func unreadable(_ text: String, _ message: String) {
        let error = #expect(throws: LearningError.self) { try file(text) }
        #expect(
            error?.description == "cannot read the dataset: \(message); mend the line or remove it")
    }

    @Test("two lines of one fingerprint and source are an error that names both")
    func repeated() {
        let error = #expect(throws: LearningError.self) {
            try file(Self.seedLine + "\n\n" + Self.seedLine + "\n")
        }
        #expect(
            error?.description == "cannot read the dataset: line 3: it has the fingerprint and "
                + "source of line 1; keep one of them")
    }

    @Test("what was read is written back byte for byte, blank lines and line ends too")
    func verbatim() throws {
        for text in ["", "\n", Self.seedLine, Self.seedLine + "\r\n\n  \n"] {
            #expect(try self.text(file(text)) == text)
        }
    }

    @Test("what is unknown is null and comes back as unknown")
    func unknown() throws {
        var example = Samples.example("A", approvedAt: nil)
        example.metrics = .init()
        example.timestamp = nil
        let (made, _) = DatasetFile().upserting([example])
        #expect(try file(text(made)).examples == [example])
    }

    @Test("upserting changes the changed line only, appends the new, and leaves order and bytes")
    func upsert() throws {
        let (first, added) = DatasetFile().upserting([
            Samples.example("A"), Samples.example("B"), Samples.example("C"),
        ])
        #expect(added == DatasetChange(added: ["A", "B", "C"]))
        let before = Self.seedLine + "\n" + text(first).dropLast()
        let (second, change) = try file(before).upserting([
            Samples.example("D"), Samples.example("B", hits: 11), Samples.example("A"),
        ])
        #expect(change == DatasetChange(added: ["D"], recounted: ["B"], unchanged: ["A"]))
        let old = before.split(separator: "\n")
        let new = text(second).split(separator: "\n")
        #expect(new.count == 5)
        #expect([0, 1, 3].allSatisfy { new[$0] == old[$0] })
        #expect(second.examples.map(\.id) == ["GR-ABCD1234", "A", "B", "C", "D"])
        #expect(second.examples[2].metrics.hits7d == 11)
    }

    @Test("the same content again gives the same bytes, whatever the time of the sync")
    func idempotent() throws {
        let (first, _) = DatasetFile().upserting([Samples.example("A")])
        let (again, change) = try file(text(first)).upserting([
            Samples.example("A", timestamp: "2027-01-01T00:00:00Z")
        ])
        #expect(again.bytes == first.bytes)
        #expect(change.isEmpty)
    }

    @Test("a replaced line keeps its split, unknown members, approval time and a rejection")
    func kept() throws {
        let line = text(
            DatasetFile().upserting([Samples.example("A", state: .rejected)]).0)
        let edited =
            line
            .replacing(try Regex("\"split\": \"\\w+\""), with: "\"split\": \"val\"")
            .replacing("\"state\":", with: "\"by\": \"ana\", \"state\":")
        let (result, change) = try file(edited).upserting([
            Samples.example("A", hits: 99, approvedAt: nil)
        ])
        #expect(change.recounted == ["A"])
        let example = result.examples[0]
        #expect(example.split == .val)
        #expect(example.state == .rejected)
        #expect(example.other == ["by": "ana"])
        #expect(example.approvedAt == Timestamp("2026-11-18T09:00:00Z"))
    }

    @Test("used_in_training stays until what the line teaches changes")
    func used() throws {
        let (first, _) = DatasetFile().upserting([Samples.example("A")])
        let trained = first.markingUsed()
        #expect(trained.examples[0].state == .usedInTraining)
        #expect(trained.upserting([Samples.example("A")]).0.bytes == trained.bytes)
        let counted = trained.upserting([Samples.example("A", hits: 3)]).0
        #expect(counted.examples[0].state == .usedInTraining)
        let taught = trained.upserting([Samples.example("A", examples: ["other"])]).0
        #expect(taught.examples[0].state == .approved)
    }

    @Test("a skill whose fingerprint was regrouped keeps its line")
    func regrouped() throws {
        let (first, _) = DatasetFile().upserting([Samples.example("A"), Samples.example("B")])
        let (second, change) = first.upserting([Samples.example("A", fingerprint: "new")])
        #expect(change.replaced == ["A"])
        #expect(second.examples.map(\.fingerprint) == ["new", "f-B"])
        #expect(second.examples[0].split == first.examples[0].split)
    }

    @Test("one fingerprint has a line for each source")
    func sources() {
        let (file, change) = DatasetFile().upserting([
            Samples.example("A", fingerprint: "f"),
            Samples.example("B", fingerprint: "f", source: "forum"),
        ])
        #expect(change.added == ["A", "B"])
        #expect(file.examples.count == 2)
    }

    @Test("removing takes the lines of one source that are gone and nothing else")
    func removal() throws {
        let (file, _) = DatasetFile().upserting([
            Samples.example("A"), Samples.example("B"), Samples.example("A", source: "forum"),
        ])
        let lines = text(file).split(separator: "\n")
        let (left, removed) = file.removing(source: "skillsmith-production") { $0.id == "A" }
        #expect(text(left) == lines[1] + "\n" + lines[2] + "\n")
        #expect(removed == ["A"])
    }

    @Test("a training marks the approved lines that it took and leaves the bytes of the others")
    func marked() throws {
        var sure = Samples.example("A")
        sure.metrics.confidence = 0.9
        var unknown = Samples.example("B")
        unknown.metrics.confidence = nil
        let (file, _) = DatasetFile().upserting([
            sure, unknown, Samples.example("C", state: .pending),
            Samples.example("D", state: .rejected),
        ])
        let before = text(file).split(separator: "\n")
        let some = file.markingUsed(DatasetFilter(minConfidence: 0.6))
        #expect(some.examples.map(\.state) == [.usedInTraining, .approved, .pending, .rejected])
        #expect(text(some).split(separator: "\n").dropFirst() == before.dropFirst())
        let all = file.markingUsed()
        #expect(
            all.examples.map(\.state) == [.usedInTraining, .usedInTraining, .pending, .rejected])
        #expect(all.markingUsed().bytes == all.bytes)
    }

    @Test("approvals after a time count until a training uses them; rejected, undated ones never")
    func approvals() throws {
        let times = ["2026-11-13T00:00:00Z", "2026-11-13T00:00:01Z", "2026-11-20T00:00:00Z"]
        var lines = times.enumerated().map { Samples.example("A\($0)", approvedAt: $1) }
        lines.append(Samples.example("B", approvedAt: nil))
        lines.append(
            Samples.example("C", approvedAt: "2026-11-19T00:00:00Z", state: .rejected))
        let start = try #require(Timestamp("2026-11-13T00:00:00Z"))
        let (file, _) = DatasetFile().upserting(lines)
        #expect(file.additions(after: start) == 2)
        #expect(file.newTexts == 8)
        #expect(file.hasNews(DatasetFilter()))
        let used = file.markingUsed()
        #expect(used.additions(after: start) == 0)
        #expect(used.newTexts == 0)
        #expect(!used.hasNews(DatasetFilter()))
    }
}
