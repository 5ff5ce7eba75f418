import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow cancel`, with the built program.
@Suite struct CancelTests {
    /// A folder with one workflow and a named pipe that nothing is written to.
    static func folder(_ nodes: String, head: String = "") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nname: w\n\(head)nodes:\n\(nodes)\n")
        try TestProgram("mkfifo", in: folder.path)("fifo").checked()
        return folder
    }

    /// Runs the workflow, and something else as soon as the run has begun.
    static func run(
        _ flow: TestProgram, _ words: [String] = ["run", "w.yaml"],
        meanwhile other: @escaping () throws -> TestResult
    ) throws -> (run: TestResult, other: TestResult) {
        var answer: Result<TestResult, any Error>?
        let result = try flow.run(words) { line in
            if answer == nil, line.hasPrefix("run ") { answer = Result { try other() } }
            return false
        }
        return (result, try #require(answer).get())
    }

    @Test("a run is cancelled from another terminal; what ran is ended, cleanup runs")
    func running() throws {
        let folder = try Self.folder(
            """
              a: {run: exec cat fifo}
              b: {needs: a, run: echo}
              cleanup: {needs: [a, b], if: always(), run: echo cleaned}
            """)
        let flow = Demo.flow(in: folder.path)
        let (run, cancel) = try Self.run(flow) { try flow("cancel", "last", "--as", "Ada") }
        #expect(cancel.exit == 0 && cancel.text.hasSuffix("to end"), "\(cancel)")
        #expect(run.exit == 130, "\(run)")
        let events = try flow("events", "last").jsonLines
        #expect(events.ofType("run.cancelling").map { $0["data"]?["by"] } == ["Ada"])
        #expect(events.last?["data"]?["status"] == "cancelled")
        #expect(events.result(of: "b") == "skipped")
        #expect(events.result(of: "cleanup") == "success")
    }

    @Test("it does not wait for a flow that is stopped, which ends once it goes on")
    func stopped() throws {
        let folder = try Self.folder(
            """
              a:
                run: |
                  # Once this is seen flow has written all it had to say, and holds no lock.
                  until \(BuiltPrograms.flow) events last | grep -q attempt.started; do :; done
                  echo $PPID > pid; kill -STOP $PPID; exec cat fifo
            """)
        let flow = Demo.flow(in: folder.path)
        let (run, cancel) = try Self.run(flow) {
            let shell = TestProgram("sh", in: folder.path, prefix: ["-c"])
            try shell("until grep -qs '^State:.T' /proc/$(cat pid)/status; do :; done").checked()
            let cancel = try flow("cancel", "last")
            try shell("kill -CONT $(cat pid)").checked()
            return cancel
        }
        #expect(cancel.exit == 0 && cancel.errors.contains("does not answer"), "\(cancel)")
        #expect(run.exit == 130, "\(run)")
    }

    @Test("with --wait it returns when the run has ended, and says how")
    func waiting() throws {
        let folder = try Self.folder("  a: {run: exec cat fifo}")
        let flow = Demo.flow(in: folder.path)
        let (run, cancel) = try Self.run(flow) {
            try flow("cancel", "last", "--wait", "--json")
        }
        #expect(run.exit == 130)
        #expect(cancel.exit == 0)
        #expect(try cancel.json["status"] == "cancelled")
    }

    @Test("a run that nobody is at is ended by cancel itself, cleanup included")
    func abandoned() throws {
        let folder = try Self.folder(
            """
              gate: {approve: {via: [cli]}}
              b: {needs: gate, run: echo}
              cleanup: {needs: [b], if: always(), run: echo cleaned > cleaned}
            """)
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 3)
        let cancel = try flow("cancel", "last", "--as", "Ada <ada@example.org>")
        #expect(cancel.exit == 0 && cancel.text.hasSuffix("is cancelled"), "\(cancel)")
        let events = try flow("events", "last").jsonLines
        #expect(events.last?["data"]?["status"] == "cancelled")
        #expect(events.result(of: "gate") == "cancelled")
        #expect(Files.exists(folder.at("cleaned")))
        #expect(
            events.ofType("run.cancelling").map { $0["data"]?["by"] } == ["Ada <ada@example.org>"])
    }

    @Test("a run that has ended cannot be cancelled")
    func ended() throws {
        let folder = try Self.folder("  a: {run: echo}")
        let flow = Demo.flow(in: folder.path)
        try flow("run", "w.yaml").checked()
        let cancel = try flow("cancel", "last")
        #expect(cancel.exit == 1)
        #expect(cancel.errors.hasSuffix("has ended: success\n"), "\(cancel)")
        #expect(try flow("cancel", "nothing").exit == 2)
    }
}

/// Groups of runs, with the built program.
@Suite struct ConcurrencyTests {
    @Test(
        "a second run of a group fails at once and creates nothing, waits, or cancels the first",
        arguments: ["fail", "queue", "cancel"])
    func conflict(_ onConflict: String) throws {
        let folder = try CancelTests.folder(
            """
              a: {run: 'if [ "$FIRST" = yes ]; then exec cat fifo; fi', env: {FIRST: "${{ params.first }}"}}
            """,
            head: """
                params: {first: {type: string, default: "no"}}
                concurrency: {group: "g-${{ flow.workflow }}", on-conflict: \(onConflict)}

                """)
        let flow = Demo.flow(in: folder.path)
        let (first, second) = try CancelTests.run(flow, ["run", "w.yaml", "-p", "first=yes"]) {
            switch onConflict {
            case "queue":
                // The second waits; the first is let go on once the second has said so.
                return try TestProgram("sh", in: folder.path, prefix: ["-c"])(
                    """
                    \(BuiltPrograms.flow) run w.yaml 2>said & while ! grep -qs waits said; do :; done
                    echo > fifo; wait; cat said
                    """)
            case "fail":
                let second = try flow("run", "w.yaml")
                try TestProgram("sh", in: folder.path)("-c", "echo > fifo").checked()
                return second
            default: return try flow("run", "w.yaml")
            }
        }
        let runs = try flow("runs", "--json").jsonLines
        let statuses = runs.map { $0["status"]?.stringValue ?? "" }
        let id = runs.last?["run"]?.stringValue ?? ""
        switch onConflict {
        case "fail":
            #expect(first.exit == 0 && second.exit == 1, "\(first) \(second)")
            #expect(
                second.errors.hasPrefix("flow: the run \(id) has the group g-w"), "\(second)")
            #expect(statuses == ["success"])
        case "queue":
            #expect(second.output.contains("waits for the run \(id), which has the group g-w"))
            #expect(statuses == ["success", "success"])
        default:
            #expect(first.exit == 130 && second.exit == 0, "\(first) \(second)")
            #expect(statuses == ["success", "cancelled"])
        }
    }
}
