import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow events import`: logs of others in the history of this repository.
@Suite struct EventsImportTests {
    private let folder: TemporaryFolder
    private var flow: TestProgram { Demo.flow(in: folder.path) }

    init() throws { folder = try TemporaryFolder() }

    private func line(_ run: Int, _ seq: Int, _ name: String, _ more: JSONObject = [:]) -> JSON {
        var line: JSONObject = [
            "run": .string("r\(run)"), "seq": .integer(seq), "type": "tool.called",
            "time": .integer(1_767_225_600 + run * 60 + seq), "name": .string(name),
            "duration_ms": .number(1200.1),
        ]
        for (key, value) in more.members { line[key] = value }
        return .object(line)
    }

    private func end(_ run: Int, _ status: String) -> JSON {
        ["run": .string("r\(run)"), "type": "run.finished", "status": .string(status)]
    }

    /// A run that fetches a page, reads it and answers; each fifth fails in the end.
    private func run(_ number: Int) -> [JSON] {
        let (page, text) = (JSON.string("page-\(number)"), JSON.string("t\(number * 7919)"))
        let hasFailed = number % 5 == 4
        return [
            line(
                number, 1, "fetch",
                ["arguments": ["url": page, "tries": 3], "output": ["text": text]]),
            line(number, 2, "read", ["arguments": ["text": text], "node": "reading"]),
            line(number, 3, "answer", hasFailed ? ["error": "too long"] : ["agent": "writer"]),
            end(number, hasFailed ? "failure" : "success"),
        ]
    }

    private func write(_ name: String, _ lines: [JSON]) throws {
        try folder.write(name, lines.map { $0.text() + "\n" }.joined())
    }

    private func runs() throws -> [JSON] {
        try flow("runs", "--limit", "5000", "--json").checked().jsonLines
    }

    /// Without what names runs differently.
    private func procedures(_ words: String...) throws -> [JSON] {
        try flow.run(["skills", "extract", "--json"] + words).checked().jsonLines.map { procedure in
            var object = procedure.objectValue ?? [:]
            var evidence = object["evidence"]?.objectValue ?? [:]
            evidence["runs"] = nil
            object["evidence"] = .object(evidence)
            return .object(object)
        }
    }

    @Test("imported runs are listed, shown, printed and mined as those of the file are")
    func history() throws {
        try write("calls.jsonl", (0..<20).flatMap(run))
        try TestProgram("/bin/gzip", in: folder.path)("calls.jsonl").checked()
        let done = try flow("events", "import", "calls.jsonl.gz", "--json").checked().json
        #expect(
            done == [
                "log": "calls", "added": 20, "updated": 0, "known": 0, "differing": 0, "steps": 60,
            ])
        let runs = try runs()
        #expect(runs.count == 20 && runs.allSatisfy { $0["workflow"] == "imported:calls" })
        // the newest first
        let created = runs.compactMap { $0["created"]?.stringValue }
        #expect(
            created == created.sorted(by: >))
        #expect(runs.count { $0["status"] == "failure" } == 4)
        let id = try #require(runs[0]["run"]?.stringValue)
        let shown = try flow("show", id).checked().lines
        #expect(
            shown == [
                "run \(id) of imported:calls: failure", "  r19 in its log, 3 steps",
                "✓ fetch  1.2 s", "✓ read  1.2 s", "✗ answer  1.2 s",
            ])
        let story = try flow("show", id, "--json").checked().json
        #expect(story["imported"] == ["log": "calls", "run": "r19"])
        #expect(story["steps"]?.arrayValue?[1]["node"] == "reading")
        let events = try flow("events", id).checked().jsonLines
        #expect(events.map { $0["seq"] } == [1, 2, 3, 4, 5])
        #expect(events[1]["data"]?["arguments"] == ["url": "page-19", "tries": 3])
        #expect(events[1]["data"]?["duration_ms"] == 1200.1)
        #expect(try flow("doctor").output.contains("begin as a run does") == false)
        let own = try procedures()
        #expect(try own.count == 1 && own == procedures("--events", "calls.jsonl.gz"))
    }

    @Test("what is there is not added again, a run that has gone on is taken further")
    func again() throws {
        let lines = (0..<6).flatMap(run)
        // the last run has no end yet
        try write("calls.jsonl", lines.dropLast(2))
        try flow("events", "import", "calls.jsonl").checked()
        let before = try runs()
        #expect(before.count { $0["status"] == "unknown" } == 1)
        #expect(
            try flow("events", "import", "calls.jsonl").checked().output
                == "calls: 0 runs imported, 6 there already; 0 steps\n")
        #expect(try runs() == before)
        try write("calls.jsonl", lines + run(6))
        #expect(
            try flow("events", "import", "calls.jsonl").checked().output
                == "calls: 1 runs imported, 1 taken further, 5 there already; 6 steps\n")
        #expect(try runs().map { $0["status"] }.contains("unknown") == false)
        // one with another beginning is another run: it stays as it was
        try write("calls.jsonl", [line(0, 1, "else"), end(0, "success")])
        let other = try flow("events", "import", "calls.jsonl")
        #expect(other.exit == 1)
        #expect(
            other.errors
                == "flow: run r0 of the log calls is there with other steps and stays as it "
                + "is; import this one under another --name\n")
        try flow("events", "import", "calls.jsonl", "--name", "others").checked()
        #expect(try runs().count == 8)
    }

    @Test("files under one name are one log; standard input needs a name")
    func pieces() throws {
        let lines = run(1)
        try write("a.jsonl", Array(lines.prefix(2)))
        try write("b.jsonl", Array(lines.suffix(2)))
        try flow("events", "import", "a.jsonl", "b.jsonl", "--name", "both").checked()
        #expect(try runs().count == 1)
        #expect(try flow("events", "import", "-").exit == 2)
        let text = lines.map { $0.text() + "\n" }.joined()
        let again = try flow("events", "import", "-", "--name", "both", input: text).checked()
        #expect(again.output.contains("1 there already"))
        let missing = try flow("events", "import", "none.jsonl")
        #expect(missing.exit == 1 && missing.errors.contains("none.jsonl"))
    }

    @Test("secrets are kept nowhere, and what was masked is no literal of a procedure")
    func secrets() throws {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        let lines = (0..<8).flatMap { number in
            [
                line(
                    number, 1, "login",
                    [
                        "arguments": [
                            "user": .string("u\(number)@example.org"), "password": "x y z!",
                        ]
                    ]),
                line(number, 2, "call", ["arguments": ["header": .string("token \(token)")]]),
                line(number, 3, "store", ["arguments": ["pin": 1]]),
            ]
        }
        try write("calls.jsonl", lines)
        try flow("events", "import", "calls.jsonl").checked()
        let kept = try Files.list(folder.at(".flow")).filter { $0.hasPrefix("runs.db") }
            .flatMap { try Files.read(folder.at(".flow/\($0)"), limit: 1 << 26) }
        let text = String(decoding: kept, as: UTF8.self)
        for secret in [token, "x y z!", "u3@example.org"] {
            #expect(!text.contains(secret), "\(secret)")
        }
        let procedure = try #require(try procedures().first)
        let steps = procedure["steps"]?.arrayValue ?? []
        #expect(steps[0]["arguments"]?["password"]?["parameter"] == "password")
        #expect(steps[0]["arguments"]?["user"]?["parameter"] == "user")
        #expect(steps[1]["arguments"]?["header"]?["parameter"] == "header")
        #expect(steps[2]["arguments"]?["pin"] == ["value": 1])
        let named = procedure["parameters"]?.arrayValue ?? []
        #expect(named.allSatisfy { $0["default"] == nil })
        // a file is mined without being kept: its secrets do not get into the procedure either
        let direct = try flow("skills", "extract", "--events", "calls.jsonl", "--json").checked()
        for secret in [token, "x y z!", "u3@example.org"] {
            #expect(!direct.output.contains(secret), "\(secret)")
        }
    }

    @Test(
        "an imported run has no workflow: it cannot go on, run again, be drawn or asked why",
        arguments: [
            ["resume"], ["retry"], ["graph"], ["cancel"], ["approve", "", "gate"],
            ["why", "", "fetch"],
        ])
    func refused(_ words: [String]) throws {
        try write("calls.jsonl", run(4))
        try flow("events", "import", "calls.jsonl").checked()
        let id = try #require(try runs().first?["run"]?.stringValue)
        let all = words.count == 1 ? words + [id] : [words[0], id, words[2]]
        let done = try flow.run(all)
        #expect(done.exit == 1, "\(done)")
        #expect(done.errors.contains("imported") || words == ["cancel"], "\(done)")
        #expect(!Files.exists(folder.at(".flow/runs/\(id)")))
    }

    @Test("the repository's own runs stand first, and pruning counts from the import")
    func own() throws {
        try folder.write("w.yaml", "flow: 1\nname: w\nnodes:\n  one: {run: 'true'}\n")
        try write("calls.jsonl", (0..<3).flatMap(run))
        try flow("events", "import", "calls.jsonl").checked()
        try flow("run", "w.yaml").checked()
        try flow("events", "import", "calls.jsonl", "--name", "more").checked()
        let listed = try runs()
        #expect(listed.map { $0["workflow"] == "w" } == [true] + Array(repeating: false, count: 6))
        #expect(try flow("show", "last").checked().output.contains(" of w: success"))
        // they were done long ago, and came today
        #expect(try flow("runs", "prune", "--json").checked().json["runs"] == [])
        let pruned = try flow("runs", "prune", "--keep-days", "0", "--json").checked().json
        #expect(pruned["runs"]?.arrayValue?.count == 7)
        #expect(try runs().isEmpty)
        try flow("run", "w.yaml").checked()
        try flow("events", "import", "calls.jsonl").checked()
        #expect(try runs().count == 4)
    }

    @Test("spans and XES are imported too; a log without times stays without")
    func forms() throws {
        try folder.write("otel.json", Self.spans)
        try folder.write(
            "cases.xes",
            "<log><trace><string key=\"concept:name\" value=\"c 1\"/>"
                + "<event><string key=\"concept:name\" value=\"Ask\"/></event>"
                + "<event><string key=\"concept:name\" value=\"Pay\"/></event></trace></log>")
        let spans = try flow("events", "import", "otel.json")
        #expect(spans.exit == 1 && spans.errors.contains("is its own ancestor"), "\(spans)")
        try flow("events", "import", "cases.xes").checked()
        let listed = try runs()
        #expect(
            Set(listed.map { $0["workflow"] }) == ["imported:cases", "imported:otel"]
                && listed.allSatisfy { $0["status"] == "unknown" })
        let untimed = try #require(listed.first { $0["workflow"] == "imported:cases" })
        #expect(untimed["created"] == "1970-01-01T00:00:00Z")
        let found = try flow(
            "skills", "extract", "--run", try #require(untimed["run"]?.stringValue), "--json"
        ).checked().json
        #expect(found["steps"]?.arrayValue?.map { $0["name"] } == ["Ask", "Pay"])
        #expect(found["evidence"]?["first"] == nil && found["evidence"]?["seconds"] == nil)
    }

    /// Two tools, the one its own parent, the other and a third each other's.
    private static let spans = """
        {"resourceSpans": [{"scopeSpans": [{"spans": [\(span("01", "01")), \(span("02", "03")), \
        \(span("03", "02"))]}]}]}
        """

    private static func span(_ id: String, _ parent: String) -> String {
        """
        {"traceId": "t1", "spanId": "\(id)", "parentSpanId": "\(parent)", \
        "startTimeUnixNano": "17672256\(id)000000000", "endTimeUnixNano": "1767225604000000000", \
        "attributes": [{"key": "gen_ai.tool.name", "value": {"stringValue": "tool \(id)"}}]}
        """
    }

    // MARK: Bad input

    /// What is wrong with a log, and what is said of it.
    private static let bad: [(lines: [String], said: String, exit: Int32, steps: Int)] = [
        (
            ["{\"run\": \"x\", \"seq\": 1, \"type\": \"tool.called\", \"name\": \"a\"}"],
            "1 of 4 runs have no end: whether they succeeded is not known", 0, 10
        ),
        (
            [
                "{\"run\": \"x\", \"seq\": 1, \"time\": 9, \"type\": \"tool.called\", \"name\": \"a\"}",
                "{\"run\": \"x\", \"seq\": 2, \"time\": 5, \"type\": \"tool.called\", \"name\": \"b\"}",
            ],
            "in 1 runs clocks go back: their events are in the order of their numbers, and times "
                + "between them are not believed", 0, 11
        ),
        (
            ["{\"run\": \"r0\", \"seq\": 2, \"type\": \"tool.called\", \"name\": \"a\"}"],
            "flow: run r0 has number 2 twice: the first event is kept", 1, 9
        ),
        (
            [
                "{\"run\": \"x\", \"seq\": 1, \"type\": \"tool.called\", \"name\": \"a\", \"arguments\": \""
                    + String(repeating: "x", count: 10_000_000) + "\"}"
            ],
            "flow: bad.jsonl:13: arguments of 10000002 bytes are not compared; the step counts", 1,
            10
        ),
        (["{\"run\": \"x\", "], "flow: bad.jsonl:13, byte 14: expected a key in quotes", 1, 9),
        (["{\"resourceSpans\": 1}"], "flow: bad.jsonl:13: the value has no resourceSpans", 1, 9),
        (
            ["{\"run\": \"x\", \"seq\": 1.5, \"type\": \"a.b\"}"],
            "flow: bad.jsonl:13: its seq is no whole number", 1, 9
        ),
    ]

    @Test(
        "what is wrong with a log is named, all else is mined and imported",
        arguments: bad.indices)
    func badInput(_ place: Int) throws {
        let (lines, said, exit, steps) = Self.bad[place]
        let good = (0..<3).flatMap(run).map { $0.text() }
        try folder.write("bad.jsonl", (good + lines).joined(separator: "\n") + "\n")
        let mined = try flow("skills", "extract", "--events", "bad.jsonl", "--json")
        #expect(mined.exit == exit && mined.errors.contains(said), "\(mined.errors)")
        #expect(try mined.jsonLines.first?["evidence"]?["support"] == 3)
        let imported = try flow("events", "import", "bad.jsonl", "--json")
        #expect(imported.exit == exit && imported.errors.contains(said), "\(imported.errors)")
        #expect(try imported.json["steps"] == .integer(steps))
        // the same once more, and nothing new
        let again = try flow("events", "import", "bad.jsonl", "--json")
        #expect(try again.exit == exit && again.json["steps"] == 0)
    }

    @Test("an import that is killed at any moment has added all runs or none")
    func killed() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var draw = SeededGenerator(seed: seed)
        try write("calls.jsonl", (0..<2000).flatMap(run))
        var killed = 0
        for _ in 0..<8 {
            // as long as some thousand empty turns of a shell
            let turns = Int.random(in: 0...60_000, using: &draw)
            let script = """
                '\(BuiltPrograms.flow)' events import calls.jsonl > /dev/null 2>&1 & import=$!
                turn=0; while [ $turn -lt \(turns) ]; do turn=$((turn + 1)); done
                kill -9 $import 2> /dev/null; wait $import; [ $? != 137 ] || echo killed
                """
            killed += try TestProgram("sh", in: folder.path)("-c", script).lines.count
            let count = Files.exists(folder.at(".flow/runs.db")) ? try runs().count : 0
            #expect(count == 0 || count == 2000, "seed \(seed): \(count)")
            if count > 0 { try flow("runs", "prune", "--keep-days", "0").checked() }
        }
        print("killed \(killed) imports")
        try flow("events", "import", "calls.jsonl").checked()
        #expect(try runs().count == 2000)
    }
}
