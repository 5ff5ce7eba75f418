import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// `flow run` and what looks at a run, with the built program.
@Suite struct RunTests {
    @Test("the log of a run is whole: its beginning, its end, what every attempt cost, no gap")
    func log() throws {
        let demo = try Demo(messages: ["a b c"])
        try demo.integrate().checked()
        let events = try demo.events()
        EventLog(events).expectWhole()
        #expect(events.count > 50)
        for event in events.ofType("attempt.finished") {
            #expect((event["data"]?["max_rss_kb"]?.intValue ?? 0) > 0)
            #expect(event["data"]?["exit"] == 0)
        }
    }

    @Test("the log is whole where nodes fail, are tried again, time out, or are no programs at all")
    func failing() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            nodes:
              fails: {run: exit 3}
              again: {run: '[ "$FLOW_ATTEMPT" = 3 ]', retry: {max-attempts: 3, delay: 0s}}
              slow: {run: exec cat fifo, timeout: 50ms, grace: 50ms}
              none: {run: [no-such-program]}
              legs: {strategy: {matrix: {n: [1, 2]}, fail-fast: false}, env: {N: "${{ matrix.n }}"}, run: 'exit "$N"'}
              after: {needs: fails, run: echo}
              cleanup: {needs: [fails, again, slow, none, legs], if: always(), run: echo}

            """)
        try TestProgram("mkfifo", in: folder.path)("fifo").checked()
        let flow = Demo.flow(in: folder.path)
        let run = try flow("run", "w.yaml")
        #expect(run.exit == 1)
        let events = try flow("events", "last").checked().jsonLines
        let log = EventLog(events)
        #expect(events.first?["type"] == "run.created" && events.last?["type"] == "run.finished")
        #expect(events.map { $0["seq"]?.intValue } == Array(1...events.count))
        #expect(
            events.ofType("attempt.started").count == events.ofType("attempt.finished").count)
        #expect(
            log.finished.sorted() == [
                "again", "again", "again", "cleanup", "fails", "legs1", "legs2", "none", "slow",
            ])
        let results = Dictionary(
            uniqueKeysWithValues: events.ofType("node.finished").map {
                ($0["node"]?.stringValue ?? "", $0["data"]?["result"]?.stringValue)
            })
        #expect(
            results == [
                "fails": "failure", "again": "success", "slow": "failure", "none": "failure",
                "legs": "failure", "after": "skipped", "cleanup": "success",
            ])
        let shown = try flow("show", "last").output
        #expect(shown.contains("no such program"), "\(shown)")
        #expect(shown.contains("ran longer than its timeout"), "\(shown)")
    }

    @Test("a failed run goes on where it failed, and what had succeeded is kept")
    func resumeFailed() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            nodes:
              a: {run: 'echo a >> ran; echo x=7 >> "$FLOW_OUTPUT"'}
              b: {needs: a, run: 'echo b >> ran; test -e mended'}
              c: {needs: [a, b], env: {X: "${{ needs.a.outputs.x }}"}, run: 'echo "c$X" >> ran'}
              legs: {needs: a, strategy: {matrix: {n: [1, 2, 3]}, fail-fast: false}, env: {N: "${{ matrix.n }}"}, run: 'echo "leg$N" >> ran; test "$N" != 2 -o -e mended'}

            """)
        let flow = Demo.flow(in: folder.path)
        let failed = try flow("run", "w.yaml")
        #expect(failed.exit == 1)
        #expect(failed.errors.contains("flow resume"))
        let again = try flow("resume", "last")
        #expect(again.exit == 1)
        try folder.write("mended", "")
        try flow("resume", "last").checked()
        let ran = try Files.text(folder.at("ran")).split(separator: "\n").map(String.init)
        #expect(ran.count { $0 == "a" } == 1 && ran.count { $0 == "b" } == 3)
        #expect(ran.last { $0.hasPrefix("c") } == "c7")
        #expect(try flow("show", "last", "--json").json["status"] == "success")
        let events = try flow("events", "last").jsonLines
        EventLog(events).expectWhole()
        let done = try flow("resume", "last")
        #expect(done.exit == 2)
        #expect(done.errors.contains("has succeeded"), "\(done)")
    }

    @Test("a run goes on with the workflows and actions of its nodes as they were when it began")
    func keptParts() throws {
        let folder = try TemporaryFolder()
        try folder.write("act/action.yaml", "outputs: [x]\nrun: [sh, step]\n")
        try folder.write("step", "echo \"x=$FLOW_NODE\" >> \"$FLOW_OUTPUT\"; test -e mended\n")
        try folder.write(
            "part.yaml",
            """
            flow: 1
            nodes: {one: {uses: ./act}}
            outputs: {x: "${{ needs.one.outputs.x }}"}

            """)
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              a: {uses: ./part.yaml}
              b: {needs: a, env: {X: "${{ needs.a.outputs.x }}"}, run: 'echo "$X" > ran'}

            """)
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 1)
        try folder.write("part.yaml", "flow: 1\nnodes: {two: {run: 'false'}}\n")
        try folder.write("act/action.yaml", "run: ['false']\n")
        try folder.write("mended", "")
        try flow("resume", "last").checked()
        #expect(try Files.text(folder.at("ran")) == "a/one\n")
    }

    @Test("Ctrl-C ends what runs, skips the rest, exits 130, and the run can go on")
    func cancelled() throws {
        let folder = try TemporaryFolder()
        try TestProgram("mkfifo", in: folder.path)("held").checked()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            nodes:
              a: {run: echo a >> ran}
              b: {needs: a, run: '[ -e free ] || exec cat held'}
              c: {needs: b, run: echo c >> ran}
              cleanup: {needs: b, if: always(), run: echo cleanup >> ran}

            """)
        let flow = Demo.flow(in: folder.path)
        let run = try flow.run(["run", "w.yaml"], signal: SIGINT) { $0.hasPrefix("  a ") }
        #expect(run.exit == 130, "\(run)")
        #expect(try flow("show", "last", "--json").json["status"] == "cancelled")
        let events = try flow("events", "last").jsonLines
        EventLog(events).expectBeginsAndEnds()
        try folder.write("free", "")
        try flow("resume", "last").checked()
        let ran = try Files.text(folder.at("ran")).split(separator: "\n")
        #expect(ran.count { $0 == "a" } == 1 && ran.count { $0 == "c" } == 1)
    }

    @Test("a reader that goes away ends the view, not the run")
    func closedPipe() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml", "flow: 1\nname: w\nnodes: {a: {run: echo}, b: {needs: a, run: touch made}}\n")
        try TestProgram("sh", in: folder.path)("-c", "'\(BuiltPrograms.flow)' run w.yaml | true")
            .checked()
        // The shell waits for the reader only; the run's lock says when it is over.
        let flow = Demo.flow(in: folder.path)
        var status: String?
        repeat {
            status = try flow("runs", "--json").jsonLines.first?["status"]?.stringValue
        } while status == nil || status == "running"
        #expect(status == "success")
        #expect(Files.exists(folder.at("made")))
    }

    @Test(
        "on a terminal there is a line a node and a bar, and nothing of others' moves it",
        .enabled(
            if: Files.isExecutable("/usr/bin/script") && Files.exists("/dev/pts/ptmx"),
            "there is no script(1) or no pseudo-terminal"))
    func terminal() throws {
        let folder = try TemporaryFolder()
        try folder.write("text", Hostile.messages.joined(separator: "\n"))
        try folder.write(
            "w.yaml",
            "flow: 1\nname: w\nnodes: {say: {run: cat text}, fails: {run: cat text; exit 3}}\n")
        var script = TestProgram("script", in: folder.path)
        script.environment["TERM"] = "xterm"
        let shown = try script(
            "-qec", "stty cols 90 rows 30; '\(BuiltPrograms.flow)' run w.yaml", "/dev/null")
        #expect(shown.exit == 1)
        #expect(shown.output.contains("█"), "\(shown)")
        #expect(shown.output.contains("say") && shown.output.contains("fails"))
        // What flow itself writes: colours, up, clear; a terminal's newline is CR LF.
        func foreign(_ result: TestResult) throws -> String {
            let text = result.output.unicodeScalars.filter { $0 != "\r" }
            let own = try Regex("\u{1B}\\[(\\?7[lh]|[0-9;]*[mAKJ])")
            return String(String.UnicodeScalarView(text)).replacing(own, with: "")
        }
        #expect(try Hostile.effect(in: foreign(shown)) == nil)
        let story = try script("-qec", "'\(BuiltPrograms.flow)' show last", "/dev/null")
        #expect(try Hostile.effect(in: foreign(story)) == nil)
        let plain = try script(
            "-qec", "NO_COLOR=1 '\(BuiltPrograms.flow)' show last", "/dev/null")
        #expect(!plain.output.contains("\u{1B}"))
    }

    @Test("flow run needs no git repository")
    func outside() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml", "flow: 1\nname: w\nnodes: {a: {run: 'echo hello > made; echo hello'}}\n")
        let flow = Demo.flow(in: folder.path)
        let run = try flow("run", "w.yaml").checked()
        #expect(run.lines.last?.hasPrefix("success in ") == true)
        #expect(try Files.text(folder.at("made")) == "hello\n")
        #expect(try flow("logs", "last", "a").checked().output == "hello\n")
        #expect(try Files.list(folder.path) == [".flow", "made", "w.yaml"])
    }

    @Test("of two flows at once one succeeds, the other does or says what changed meanwhile")
    func twoAtOnce() async throws {
        let demo = try Demo(messages: Hostile.messages)
        let results = try await withThrowingTaskGroup(of: TestResult.self) { group in
            for _ in 0..<2 { group.addTask { try demo.integrate("-p", "top=100") } }
            var results: [TestResult] = []
            for try await result in group { results.append(result) }
            return results
        }
        #expect(results.contains { $0.exit == 0 })
        for result in results where result.exit != 0 {
            #expect(result.output.contains("changed since"), "\(result)")
        }
        let runs = try demo.flow("runs", "--json").checked().jsonLines
        #expect(Set(runs.compactMap { $0["run"]?.stringValue }).count == 2)
        #expect(try demo.proposals().count == Hostile.messages.count)
        for id in try demo.proposals() {
            #expect(try demo.git("rev-list", "--count", "main..proposal/\(id)").text == "1")
        }
        try demo.expectSound()
        try demo.integrate("-p", "top=100").checked()
        try demo.integrate("-p", "top=100").checked()
        #expect(try demo.events().output("changed", of: "commit") == false)
    }

    @Test("looking changes nothing on the disk")
    func looking() throws {
        let demo = try Demo(messages: ["a b c"])
        func picture() throws -> String {
            try TestProgram("find", in: demo.path)(".", "-printf", "%p %s %T@\\n").checked().output
        }
        let before = try picture()
        for words in [
            ["plan", "integrate.yaml"], ["graph", "integrate.yaml"],
            ["validate", "integrate.yaml"],
            ["graph", "mine.yaml", "--format", "dot"], ["runs"], ["doctor"], ["version"],
            ["eval", "1"], ["plan", "integrate.yaml", "--json", "-p", "min_hits=5"],
        ] {
            let result = try demo.flow.run(words)
            #expect(result.exit == 0, "\(result)")
        }
        #expect(try picture() == before)
    }

    @Test("a threshold changes one line of the file, and the next run does as it says")
    func set() throws {
        let demo = try Demo(copying: LoopStory.told.get().first)
        let file = "workflows/integrate.yaml"
        let before = try demo.events().output("count", of: "mine")?.intValue ?? 0
        try demo.flow("set", file, "params.min_hits.default=50").checked()
        let changed = try demo.git("diff", "--numstat").text
        #expect(changed == "1\t1\t\(file)")
        let lines = try demo.git("diff", "-U0", file).lines.suffix(2)
        #expect(
            lines.last
                == lines.first.map {
                    "+" + $0.dropFirst().replacing("default: 3", with: "default: 50")
                })
        try demo.integrate().checked()
        let after = try demo.events().output("count", of: "mine")?.intValue ?? 0
        #expect(after > 0 && after < before, "\(before) and then \(after)")
    }

    @Test(
        "parts of the loop run alone, and make the commit that the whole would have made",
        arguments: [
            ["--only", "mine", "--only", "feedback", "--only", "commit"],
            ["--only", "dataset", "--only", "commit"],
            ["--only", "mine", "--only", "catalog", "--only", "commit"], ["--from", "review"],
            ["--only", "mine"], ["--from", "push"],
        ])
    func parts(_ words: [String]) throws {
        let demo = try Demo(copying: HostileStory.told.get().demo)
        let tree = try demo.head("main^{tree}")
        for path in ["datasets/trm/erp_tasks.jsonl", "docs/error-codes.yaml"] {
            try demo.git("rm", "-q", path).checked()
        }
        try demo.commitAll("lose two files")
        let run = try demo.flow.run(["run", "integrate.yaml", "--now", Demo.now] + words)
        #expect(run.exit == 0, "\(run)")
        try demo.expectSound()
        let names = Set(words)
        let isAll = names.contains("review")
        #expect(try demo.dataset().isEmpty == !(isAll || names.contains("dataset")))
        let hasCatalog = try !demo.paths("docs/error-codes.yaml").isEmpty
        #expect(hasCatalog == (isAll || names.contains("catalog")))
        if isAll { #expect(try demo.head("main^{tree}") == tree) }
    }

    @Test("a value that the workflow cannot have is not set")
    func setWrong() throws {
        let demo = try Demo()
        let file = "workflows/integrate.yaml"
        for assignment in [
            "params.min_hits.default=0", "params.min_hits.default=many", "nodes.mine.uses=no/such",
            "params.min_hits.defualt=5", "nodes.mine.needs=push", "params", "=5", "params.x.y.z=1",
        ] {
            let result = try demo.flow("set", file, assignment)
            #expect(result.exit == 2, "\(result)")
        }
        try demo.expectSound()
    }

    @Test("results go to a pipe as plain lines, and to --json as one value that can be read")
    func json() throws {
        let demo = try Demo(messages: ["a b c"])
        let run = try demo.integrate("--json").checked()
        let report = try run.json
        #expect(report["status"] == "success")
        #expect(report["outputs"]?["proposed"] == 1)
        #expect(run.errors.contains("success in"))
        let show = try demo.flow("show", "last", "--json").checked().json
        #expect(show["run"] == report["run"])
        #expect(show["nodes"]?.arrayValue?.count == 16)
    }
}
