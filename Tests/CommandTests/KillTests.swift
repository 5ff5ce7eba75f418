import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// `kill -9` of flow at any moment, and `flow resume`: the end is that of a run that nobody disturbed.
///
/// A moment is a line of flow's own output and a number of turns of an empty loop after it, up to some
/// milliseconds, so that the moments fall before, into and behind every stage and publication.
/// `FLOW_SOAK=1` tries two hundred moments instead of six, another number as many as it says.
@Suite(.serialized) struct KillTests {
    private static let rounds: Int = {
        guard let soak = Environment["FLOW_SOAK"].flatMap({ Int($0) }) else { return 6 }
        return soak > 1 ? soak : 200
    }()

    private struct Moment: CustomStringConvertible {
        let line: Int
        let turns: Int

        init(lines: Range<Int>, using generator: inout SeededGenerator) {
            line = Int.random(in: lines, using: &generator)
            turns = Int.random(in: 0..<60_000, using: &generator)
        }

        var description: String { "killed after line \(line) and \(turns) turns" }

        /// Says when it has come.
        func watch() -> (String) -> Bool {
            var printed = 0
            return { _ in
                printed += 1
                guard printed == line else { return false }
                for _ in 0..<turns { sched_yield() }
                return true
            }
        }
    }

    // MARK: The loop

    /// What must not depend on whether flow was killed.
    private struct EndState: Equatable {
        let tree: String
        let subjects: [String]
        let dataset: [UInt8]
        let catalog: [UInt8]
        let proposals: [String]

        init(_ demo: Demo) throws {
            tree = try demo.head("main^{tree}")
            subjects = try demo.git("log", "--format=%s", "main").lines
            dataset = try demo.blob("datasets/trm/erp_tasks.jsonl")
            catalog = try demo.blob("docs/error-codes.yaml")
            proposals = try demo.git(
                "for-each-ref", "--format=%(refname) %(tree)", "refs/heads/proposal"
            ).lines
        }
    }

    /// A repository in which a turn of the loop has everything to do: new errors to propose, merges to
    /// take up, a dataset and a catalog to write, a model to train.
    private static let start = Result {
        let messages = (0..<6).flatMap { number in
            [
                "order \(number) of customer C\(number)7 refused",
                "disk d\(number) is full: \(number)%",
            ]
        }
        let demo = try Demo(messages: messages + Hostile.messages)
        try demo.integrate("-p", "top=9").checked()
        try demo.flow.run(["proposals", "approve"] + demo.proposals().prefix(5)).checked()
        return demo
    }

    private static let words = [
        "run", "integrate.yaml", "--now", Demo.now, "-p", "retrain_threshold=3", "-p",
        "min_samples=4",
    ]

    @Test("killed at any line of its output and resumed, a turn of the loop ends as if undisturbed")
    func loop() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let start = try Self.start.get()
        let undisturbed = try Demo(copying: start)
        let lines = try undisturbed.flow.run(Self.words).checked().lines.count
        let end = try EndState(undisturbed)
        for round in 0..<Self.rounds {
            let moment = Moment(lines: 1..<lines, using: &generator)
            try killAndResume(start, at: moment, end, "seed \(seed), round \(round)")
        }
    }

    private func killAndResume(_ start: Demo, at moment: Moment, _ end: EndState, _ hint: String)
        throws
    {
        let demo = try Demo(copying: start)
        let killed = try demo.flow.run(Self.words, killedAfter: moment.watch())
        let before = try demo.flow("show", "last", "--json").checked().json
        if killed.exit == nil, before["status"] != "success" {
            #expect(before["status"] == "interrupted", "\(hint)")
            let resumed = try demo.flow("resume", "last")
            #expect(resumed.exit == 0, "\(hint): \(resumed)")
            try expectKept(before, demo, hint)
        }
        #expect(try EndState(demo) == end, "\(hint): \(moment)")
        try demo.expectSound()
        let keys = try demo.git("log", "--format=%(trailers:key=Flow-Key,valueonly)", "main").lines
            .filter { !$0.isEmpty }
        #expect(Set(keys).count == keys.count, "\(hint)")
        let again = try demo.flow("resume", "last")
        #expect(again.exit == 2)
    }

    /// The nodes that had finished have no further attempt.
    private func expectKept(_ before: JSON, _ demo: Demo, _ hint: String) throws {
        let after = try demo.flow("show", "last", "--json").checked().json
        #expect(after["status"] == "success")
        let attempts = Dictionary(
            uniqueKeysWithValues: (after["nodes"]?.arrayValue ?? []).map {
                ($0["node"]?.stringValue ?? "", $0["attempts"])
            })
        for node in before["nodes"]?.arrayValue ?? [] where node["result"] != nil {
            let id = node["node"]?.stringValue ?? ""
            if node["result"] != .null {
                #expect(attempts[id] == node["attempts"], "\(hint) \(id)")
            }
        }
        try EventLog(demo.events()).expectWhole(hint)
    }

    // MARK: Commands of any kind

    @Test("killed while it begins, a run is not there or can be resumed")
    func beginning() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for round in 0..<(3 * Self.rounds) {
            let folder = try TemporaryFolder()
            try folder.write(
                "w.yaml", "flow: 1\nname: w\nnodes: {a: {run: echo}, b: {needs: a, run: echo}}\n")
            let turns = Int.random(in: 0..<30_000, using: &generator)
            let script = """
                '\(BuiltPrograms.flow)' run w.yaml & flow=$!
                i=0; while [ $i -lt \(turns) ]; do i=$((i+1)); done
                kill -9 $flow; wait $flow || true
                """
            try TestProgram("sh", in: folder.path)("-c", script).checked()
            let flow = Demo.flow(in: folder.path)
            let hint: Comment = "seed \(seed), round \(round), \(turns) turns"
            let runs = try flow("runs", "--json").checked().jsonLines
            #expect(runs.count <= 1, hint)
            guard let run = runs.first, run["status"] != "success" else { continue }
            let resumed = try flow("resume", "last")
            #expect(resumed.exit == 0, "\(hint) \(resumed)")
            EventLog(try flow("events", "last").jsonLines).expectWhole("\(hint)")
        }
    }

    @Test("what a killed flow had started ends with it, grandchildren included")
    func group() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            nodes:
              first: {run: "true"}
              long:
                needs: first
                run: |
                  sh -c 'echo $$ > grandchild; exec sleep 1000' &
                  echo $$ > child
                  while [ ! -s grandchild ]; do :; done
                  mkfifo held
                  exec cat held
              watch:
                needs: first
                run: |
                  while [ ! -p held ]; do :; done
              last: {needs: watch, run: "true"}

            """)
        let killed = try Demo.flow(in: folder.path).run(["run", "w.yaml", "--max-parallel", "3"]) {
            $0.contains("last ")
        }
        #expect(killed.exit == nil)
        for name in ["child", "grandchild"] {
            let text = try Files.text(folder.at(name)).split(separator: "\n").first
            let number = try #require(text.flatMap { Int32($0) })
            #expect(Self.hasEnded(number), "\(name)")
        }
    }

    /// Waits for a process to be gone or a zombie; the guard ends it at flow's end, which takes it
    /// a moment.
    private static func hasEnded(_ process: Int32) -> Bool {
        for _ in 0..<100_000 {
            guard let text = try? Files.text("/proc/\(process)/stat") else { return true }
            let state = text.split(separator: ")").last?.split(separator: " ").first
            if state == "Z" || state == "X" { return true }
            sched_yield()
        }
        return false
    }
}

/// The events of a run, looked at as a whole.
struct EventLog {
    let events: [JSON]

    init(_ events: [JSON]) { self.events = events }

    /// What each leg writes when it runs: the node's name, and for a matrix its number.
    var finished: [String] {
        events.ofType("attempt.finished").filter { $0["data"]?["lost"] != true }.compactMap {
            guard let node = $0["node"]?.stringValue else { return nil }
            return node + ($0["leg"]?.intValue.map { "\($0 + 1)" } ?? "")
        }
    }

    /// Checks that the log begins and ends as a run does.
    func expectBeginsAndEnds(
        _ hint: String = "", _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(
            events.first?["type"] == "run.created" && events.last?["type"] == "run.finished",
            "\(hint)", sourceLocation: location)
    }

    /// Checks that the log begins and ends as a run does, has every attempt's beginning and end with
    /// what it cost, and no gap.
    func expectWhole(_ hint: String = "", _ location: SourceLocation = #_sourceLocation) {
        expectBeginsAndEnds(hint, location)
        #expect(
            events.map { $0["seq"]?.intValue } == Array(1...max(1, events.count)), "\(hint)",
            sourceLocation: location)
        let times = events.compactMap { $0["time"]?.stringValue }
        #expect(times == times.sorted() && times.count == events.count, sourceLocation: location)
        func attempt(_ event: JSON) -> String {
            ["node", "leg", "attempt"].map { event[$0]?.text() ?? "" }.joined(separator: " ")
        }
        let started = events.ofType("attempt.started").map(attempt)
        let finished = events.ofType("attempt.finished")
        #expect(Set(started).count == started.count, "\(hint)", sourceLocation: location)
        #expect(
            started.sorted() == finished.map(attempt).sorted(), "\(hint)",
            sourceLocation: location)
        // A node that calls a workflow has no process to be measured.
        let calls = Set(
            events.ofType("attempt.started").filter { $0["data"]?["pid"] == .null }.map(attempt))
        for event in finished
        where event["data"]?["lost"] != true && !calls.contains(attempt(event)) {
            for key in ["exit", "duration_ms", "cpu_ms", "max_rss_kb"] {
                #expect(
                    event["data"]?[key]?.intValue != nil, "\(hint) \(key) in \(event.text())",
                    sourceLocation: location)
            }
        }
    }
}
