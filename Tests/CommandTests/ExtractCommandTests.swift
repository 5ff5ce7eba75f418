import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow skills extract`: from events to procedures.
@Suite struct ExtractCommandTests {
    private let folder: TemporaryFolder
    private var flow: TestProgram { Demo.flow(in: folder.path) }

    init() throws { folder = try TemporaryFolder() }

    /// Two nodes that say what tools they call; a third only works, and fails at times.
    private static let workflow = """
        flow: 1
        name: release
        params:
          branch: {type: string}
          broken: {type: boolean, default: false}
        nodes:
          fetch:
            run: |
              printf '{"type":"tool.called","name":"checkout","arguments":{"branch":"%s","depth":1},"output":{"sha":"c-%s"},"status":"success"}\\n' "$BRANCH" "$BRANCH" >> "$FLOW_EVENTS"
            env: {BRANCH: "${{ params.branch }}"}
          make:
            needs: fetch
            run: |
              printf '{"type":"tool.called","name":"build","arguments":{"sha":"c-%s"},"status":"success"}\\n' "$BRANCH" >> "$FLOW_EVENTS"
              printf '{"type":"tool.called","name":"publish","arguments":{"to":"%s"},"status":"success"}\\n' "$BRANCH" >> "$FLOW_EVENTS"
            env: {BRANCH: "${{ params.branch }}"}
          tell:
            needs: make
            run: "[ \\"$BROKEN\\" = false ]"
            env: {BROKEN: "${{ params.broken }}"}

        """

    private func runAll(_ count: Int) throws {
        try folder.write("release.yaml", Self.workflow)
        for number in 0..<count {
            let isBroken = number % 5 == 4
            let done = try flow(
                "run", "release.yaml", "-p", "branch=b\(number)", "-p", "broken=\(isBroken)")
            #expect(done.exit == (isBroken ? 1 : 0), "\(done)")
        }
    }

    @Test("runs of a workflow give the procedure of their calls, with its parameter and data flow")
    func ownRuns() throws {
        try runAll(10)
        let lines = try flow("skills", "extract", "--json").checked().jsonLines
        #expect(lines.count == 1)
        let procedure = try #require(lines.first)
        let steps = procedure["steps"]?.arrayValue ?? []
        // the node that fails at times is none of those that succeed in every run
        #expect(
            steps.filter { $0["optional"] == false }.prefix(3).map { $0["name"] }
                == ["checkout", "build", "publish"])
        #expect(procedure["parameters"]?.arrayValue?.map { $0["name"] } == ["branch"])
        #expect(
            steps[1]["arguments"]?["sha"]?["from"] == "${{ steps.checkout.outputs.sha }}")
        #expect(steps[2]["arguments"]?["to"]?["from"] == "${{ params.branch }}")
        #expect(procedure["evidence"]?["success"]?["runs"] == 10)
        #expect(procedure["evidence"]?["success"]?["succeeded"] == 8)
        let table = try flow("skills", "extract").checked()
        #expect(table.lines.first?.contains("asks for branch") == true, "\(table)")
    }

    @Test("by hand: some nodes of one run, with what all runs say of them")
    func byHand() throws {
        try runAll(5)
        let found = try flow(
            "skills", "extract", "--run", "last", "--nodes", "make", "--name", "Ship it!", "--json"
        ).checked().jsonLines
        #expect(found.count == 1 && found.first?["name"] == "ship-it")
        #expect(found.first?["steps"]?.arrayValue?.map { $0["name"] } == ["build", "publish"])
        #expect(found.first?["evidence"]?["support"] == 5)
        let wrong = try flow("skills", "extract", "--run", "last", "--nodes", "mkae")
        #expect(wrong.exit == 1)
        #expect(wrong.errors.contains("no step of it is of node mkae; there are fetch, make, tell"))
    }

    @Test("what is taken by hand becomes a proposal, once, and is reviewed as others are")
    func proposed() throws {
        let demo = try Demo()
        try demo.write("release.yaml", Self.workflow)
        try demo.commitAll()
        for number in 0..<3 {
            try demo.flow("run", "release.yaml", "-p", "branch=b\(number)").checked()
        }
        let taken = [
            "skills", "extract", "--run", "last", "--nodes", "make", "--name", "ship", "--propose",
        ]
        let made = try demo.flow.run(taken + ["--json"]).checked().json
        let id = try #require(made["id"]?.stringValue)
        #expect(made["branch"] == .string("proposal/\(id)"))
        #expect(try demo.flow("proposals", "show", id).checked().output.contains("build"))
        let again = try demo.flow.run(taken).checked().output
        #expect(again == "\(id) not proposed: version 1.0.0 is proposed\n")
        try demo.flow("proposals", "approve", id).checked()
        try demo.flow("run", "extract.yaml").checked()
        #expect(try demo.skills()[id]?["name"] == "ship")
        for words in [["--held-out"], ["--groups"]] {
            #expect(try demo.flow.run(["skills", "extract", "--propose"] + words).exit == 2)
        }
    }

    private func write(_ name: String, bad: [String] = []) throws {
        let good = (0..<6).flatMap { run in
            ["ask", "plan", "do"].enumerated().map { seq, name in
                #"{"run": "r\#(run)", "seq": \#(seq), "type": "tool.called", "name": "\#(name)"}"#
            }
        }
        try folder.write(name, (good + bad).joined(separator: "\n") + "\n")
    }

    @Test("what cannot be read is named, the rest is mined, and the exit code is 1")
    func badLines() throws {
        try write(
            "log.jsonl",
            bad: ["{", #"{"run": "r0", "seq": 1, "type": "tool.called", "name": "x"}"#])
        let found = try flow("skills", "extract", "--events", "log.jsonl", "--json")
        #expect(try found.jsonLines.count == 1 && found.exit == 1)
        #expect(
            found.errors.contains("flow: log.jsonl:19, byte 2: expected a key in quotes"),
            "\(found)")
        #expect(found.errors.contains("flow: run r0 has number 1 twice: the first event is kept"))
        let missing = try flow("skills", "extract", "--events", "none.jsonl")
        #expect(missing.exit == 1 && missing.errors.contains("none.jsonl"), "\(missing)")
        #expect(try flow("skills", "extract", "--nodes", "a").exit == 2)
    }

    @Test("a packed log, what holds in later runs, and runs that are alike")
    func others() throws {
        try write("log.jsonl")
        try TestProgram("/bin/gzip", in: folder.path)("log.jsonl").checked()
        let held = try flow("skills", "extract", "--events", "log.jsonl.gz", "--held-out", "--json")
            .checked().json
        #expect(held["held_out_runs"] == 2 && held["precision"] == 1)
        let groups = try flow("skills", "extract", "--events", "log.jsonl.gz", "--groups", "--json")
            .checked().jsonLines
        #expect(groups.count == 1 && groups.first?["runs"] == 6)
    }
}
