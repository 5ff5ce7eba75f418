import FlowJSON
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// When a training is due, and what it does with too little.
@Suite struct ModelStageTests {
    private static let path = "datasets/trm/erp_tasks.jsonl"

    private func line(_ number: Int, approved: String, texts: [String]) -> JSON {
        let id = "GR-0000000\(number)"
        return [
            "id": .string(id), "source": "skillsmith-production", "kind": "guardrail",
            "task": "t", "input": ["error_pattern": .string("pattern \(number) word\(number)")],
            "output": [:], "metrics": [:], "tags": [],
            "fingerprint": .string("0000000\(number)-0000-8000-8000-000000000000"),
            "timestamp": .string(StageBench.now), "approved_at": .string(approved),
            "description": "d", "examples": .array(texts.map(JSON.string)), "split": "train",
            "label": .string(id), "state": "approved",
        ]
    }

    private func bench(_ lines: [JSON]) throws -> StageBench {
        let bench = try StageBench()
        try bench.commit([
            (Self.path, String(decoding: JSONLines.write(lines), as: UTF8.self))
        ])
        return bench
    }

    @Test(
        "approvals within the window count, and the threshold makes a training due",
        arguments: [(1, true), (2, true), (3, false)])
    func check(_ threshold: Int, _ isDue: Bool) throws {
        let bench = try bench([
            line(1, approved: "2025-11-07T00:00:00Z", texts: ["a"]),
            line(2, approved: "2025-11-02T00:00:00Z", texts: ["b"]),
            line(3, approved: "2025-10-01T00:00:00Z", texts: ["c"]),
        ])
        let checked = try bench.run(
            "model/check", ["threshold": .integer(threshold), "window": 604_800])
        #expect(try checked.value("count") == 2)
        #expect(try checked.value("due") == .bool(isDue))
    }

    @Test("without a dataset nothing is due, and nothing is trained")
    func none() throws {
        let bench = try StageBench()
        #expect(try bench.run("model/check").value("due") == false)
        let trained = try bench.run("model/train")
        #expect(try trained.value("trained") == false)
        #expect(try trained.value("promoted") == false)
        #expect(try trained.value("changes") == [])
        #expect(!Files.exists(Path.join(bench.workspace, "models")))
    }

    @Test(
        "the same dataset trains the same model; its line and the marks of what it used come once")
    func train() throws {
        let bench = try bench(
            (1...4).map { number in
                line(
                    number, approved: "2025-11-07T00:00:00Z",
                    texts: (0..<4).map { "case \($0) of word\(number) and thing\(number)" })
            })
        let first = try bench.run("model/train")
        #expect(try first.value("trained") == true)
        #expect(try first.value("promoted") == true)
        let changes = try #require(try first.value("changes")?.arrayValue)
        #expect(changes.map { $0["path"] } == [.string(Self.path), "models/registry.jsonl"])
        _ = try bench.run("git/commit", ["changes": .array(changes), "message": "model"])
        let used = try JSONLines.read(Files.read(Path.join(bench.workspace, Self.path)))
        #expect(used.map { $0["state"] } == Array(repeating: "used_in_training", count: 4))
        let second = try bench.run("model/train")
        #expect(try second.value("changes") == [])
        #expect(try second.value("promoted") == true)
    }

    @Test("with a least confidence only lines that reach it train, and only they are marked")
    func confidence() throws {
        let lines = (1...5).map { number -> JSON in
            var object =
                line(
                    number, approved: "2025-11-07T00:00:00Z",
                    texts: (0..<4).map { "case \($0) of word\(number) and thing\(number)" }
                ).objectValue ?? [:]
            if number < 5 { object["metrics"] = ["confidence": number == 1 ? 0.4 : 0.8] }
            return .object(object)
        }
        let bench = try bench(lines)
        let trained = try bench.run("model/train", ["min-confidence": 0.5])
        let changes = try #require(try trained.value("changes"))
        _ = try bench.run("git/commit", ["changes": changes, "message": "model"])
        let states = try JSONLines.read(Files.read(Path.join(bench.workspace, Self.path)))
            .compactMap { $0["state"]?.stringValue }
        let used = "used_in_training"
        #expect(states == ["approved", used, used, used, "approved"])
    }
}
