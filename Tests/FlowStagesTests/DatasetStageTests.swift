import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// What `dataset/sync` makes of the skills.
@Suite struct DatasetStageTests {
    private static let path = "datasets/trm/erp_tasks.jsonl"

    private static func skill(
        _ id: String, fingerprint: Int, status: String = "approved", confidence: String = "0.5",
        name: String = "KeyError in cart", hits: Int = 7
    ) -> (path: String, text: String) {
        (
            "skills/\(id)_keyerror.yaml",
            """
            id: \(id)
            name: \(name)
            kind: guardrail
            status: \(status)
            priority: medium
            match:
              component: shop.cart
              fingerprint: 0000000\(fingerprint)-0000-8000-8000-000000000000
              template: "KeyError: '<str>'"
              message_regex: "^KeyError: '[^']*'$"
            action: {type: block, message: "Prevented", suggest_fix: true}
            evaluation:
              tests: [{name: repeats less, metric: hits_7d_delta, target: "<= -50%"}]
            metadata:
              hits_7d: \(hits)
              hits_30d: 25
              impact_score: 12.4
              first_seen: 2025-10-01T08:12:44Z
              last_seen: 2025-11-07T11:58:02Z
              confidence: \(confidence)
              confidence_history: []
              deployed_at: 2025-11-01T00:00:00Z
              generated_at: 2025-10-20T12:00:00Z
              auto_generated: true
            examples: ["KeyError: 'a\(fingerprint)'"]
            owners: []
            notes: ""

            """
        )
    }

    private func sync(_ bench: StageBench, _ input: JSONObject = [:], key: String) throws
        -> StageBench.Handed
    {
        try bench.published("dataset/sync", .object(input), key: key)
    }

    private func lines(_ bench: StageBench) throws -> [JSON] {
        try JSONLines.read(Files.read(Path.join(bench.workspace, Self.path)))
    }

    @Test("a deprecated skill's line goes, and reverting the commits brings it back byte for byte")
    func deprecated() throws {
        let bench = try StageBench()
        try bench.commit([
            Self.skill("GR-00000001", fingerprint: 1), Self.skill("GR-00000002", fingerprint: 2),
        ])
        #expect(try sync(bench, key: "a").value("added") == 2)
        let before = try Files.text(Path.join(bench.workspace, Self.path))
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1, status: "deprecated")])
        let gone = try sync(bench, key: "b")
        #expect(try gone.value("removed") == 1 && gone.value("total") == 1)
        #expect(try lines(bench).map { $0["id"] } == ["GR-00000002"])

        try bench.git("revert", "--no-edit", "HEAD").checked()
        #expect(try Files.text(Path.join(bench.workspace, Self.path)) == before)
        // The skill is deprecated still, so the line goes again until that is reverted too.
        #expect(try bench.run("dataset/sync").value("removed") == 1)
        try bench.git("revert", "--no-edit", "HEAD~2").checked()
        let back = try bench.run("dataset/sync")
        #expect(try back.value("changes") == [])
        #expect(try lines(bench).count == 2)
    }

    @Test("reverting the deprecation alone lets the next sync enter the line again")
    func reverted() throws {
        let bench = try StageBench()
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1)])
        _ = try sync(bench, key: "a")
        let before = try lines(bench)
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1, status: "deprecated")])
        _ = try sync(bench, key: "b")
        #expect(try lines(bench) == [])
        try bench.git("revert", "--no-edit", "HEAD~1").checked()
        #expect(try sync(bench, key: "c").value("added") == 1)
        #expect(try lines(bench) == before)
    }

    @Test(
        "of two skills of one fingerprint the first by id has the line, and the run makes no commit"
    )
    func doubled() throws {
        let bench = try StageBench()
        try bench.commit([
            Self.skill("GR-00000002", fingerprint: 1, name: "second"),
            Self.skill("GR-00000001", fingerprint: 1, name: "first"),
        ])
        let first = try sync(bench, key: "a")
        #expect(try first.value("added") == 1)
        let message =
            "GR-00000001 has the fingerprint of GR-00000002 too, and its line in the dataset; "
            + "deprecate one of them"
        #expect(
            try first.value("problems") == [
                [
                    "file": "skills/GR-00000002_keyerror.yaml", "line": 1,
                    "message": .string(message),
                ]
            ])
        #expect(try lines(bench).map { $0["label"] } == ["GR-00000001"])
        let second = try bench.run("dataset/sync")
        #expect(try second.value("changes") == [])
        // the other has the line as soon as it is alone
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1, status: "deprecated")])
        _ = try sync(bench, key: "b")
        #expect(try lines(bench).map { $0["label"] } == ["GR-00000002"])
    }

    @Test("new counts are not an update, and lines of other sources stay whatever their ids are")
    func recounted() throws {
        let bench = try StageBench()
        let forum: JSON = [
            "id": "GR-00000001", "source": "forum", "fingerprint": "x",
            "examples": ["KeyError: 'b'"],
        ]
        try bench.commit([
            Self.skill("GR-00000001", fingerprint: 1), (Self.path, forum.text() + "\n"),
        ])
        _ = try sync(bench, key: "a")
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1, hits: 9)])
        let counted = try sync(bench, key: "b")
        #expect(try counted.value("updated") == 0 && counted.value("recounted") == 1)
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1, name: "renamed")])
        #expect(try sync(bench, key: "c").value("updated") == 1)
        try bench.commit([Self.skill("GR-00000001", fingerprint: 1, status: "deprecated")])
        _ = try sync(bench, key: "d")
        #expect(try lines(bench).map { $0["source"] } == ["forum"])
    }

    @Test("with a least confidence a skill has a line as long as it reaches it")
    func confidence() throws {
        let bench = try StageBench()
        try bench.commit([
            Self.skill("GR-00000001", fingerprint: 1, confidence: "0.59"),
            Self.skill("GR-00000002", fingerprint: 2, confidence: "0.6"),
        ])
        _ = try sync(bench, ["min-confidence": 0.6], key: "a")
        #expect(try lines(bench).map { $0["id"] } == ["GR-00000002"])
        _ = try sync(bench, key: "b")
        #expect(try lines(bench).count == 2)
        #expect(try sync(bench, ["min-confidence": 0.6], key: "c").value("removed") == 1)
    }
}
