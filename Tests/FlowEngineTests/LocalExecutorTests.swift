import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import FlowText
import Testing

/// The node contract, with real processes.
@Suite struct LocalExecutorTests {
    /// A finished run of a workflow in a folder of its own.
    struct Finished {
        let folder: TemporaryFolder
        let events: [Event]
        let state: RunState
        let status: RunStatus

        func data(_ type: String) -> [JSONObject] {
            events.filter { $0.type == type }.map(\.data)
        }

        func output(_ name: String) -> JSON? {
            data(EventType.nodeOutput).last { $0["name"]?.stringValue == name }?["value"]
        }

        var reason: String { state.nodes[0].settlement?.reason ?? "" }

        func log(_ name: String) -> String {
            (try? Files.text(folder.at("state/runs/r/logs/\(name).log"))) ?? ""
        }
    }

    private final class Interrupter: EventSink {
        let executor: LocalExecutor
        let word: String
        init(_ executor: LocalExecutor, _ word: String) {
            self.executor = executor
            self.word = word
        }
        func saw(_ event: Event) {}
        func recalled(_ event: Event) {}
        func heard(_ leg: LegID, _ line: String) { if line == word { executor.interrupt() } }
    }

    static func run(
        _ text: String, interruptAt word: String? = nil, mask: SecretMask = .none
    ) throws -> Finished {
        let folder = try TemporaryFolder()
        try Files.makeFolder(folder.at("w"))
        let workflow = try Workflow.read(
            Array(text.utf8), file: "w.yaml", actions: MemoryActions())
        let log = MemoryLog(clock: SystemClock())
        let content = MemoryContent()
        var places = LocalExecutor.Places(
            workspace: folder.at("w"), folder: folder.at("state/runs/r"), stageProgram: nil,
            runID: "r",
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/h", "LC_ALL": "C", "SECRET": "s"])
        places.mask = mask
        let executor = try LocalExecutor(capacity: 2, places: places, processGuard: nil)
        defer { executor.close() }
        let contexts = ContextBuilder(
            identity: RunIdentity(
                id: "r", workflow: "w", now: Timestamp(seconds: 0), workspace: folder.at("w"),
                branch: ""),
            params: [:], workflowEnv: workflow.env,
            content: { hash throws(EngineError) in try content.get(hash) })
        let loop = RunLoop(
            scheduler: Scheduler(
                workflow, contexts: contexts, room: AttemptRoom(attempts: 2, processors: 2)),
            log: log,
            content: content, runner: executor,
            sinks: word.map { [Interrupter(executor, $0)] } ?? [], clock: SystemClock())
        try loop.create([:])
        let status = try loop.run()
        return Finished(folder: folder, events: log.events, state: loop.state, status: status)
    }

    private static func one(_ script: String, _ keys: String = "") throws -> Finished {
        let lines = script.split(separator: "\n").map { "      \($0)\n" }.joined()
        return try run("flow: 1\nnodes:\n  a:\n    run: |\n\(lines)\(keys)")
    }

    @Test("a command sees a few of flow's variables, its own and the contract's, and no more")
    func environment() throws {
        let run = try Self.one(
            "env | sort", "    env: {OWN: 'a b', PATH: /bin}\n")
        let lines = run.log("a.1").split(separator: "\n").map(String.init)
        let names = lines.compactMap { $0.split(separator: "=").first.map(String.init) }
        #expect(
            names.filter { $0 != "PWD" && $0 != "_" && $0 != "OLDPWD" && $0 != "SHLVL" } == [
                "FLOW_ATTEMPT", "FLOW_EVENTS", "FLOW_IDEMPOTENCY_KEY", "FLOW_LEG", "FLOW_NODE",
                "FLOW_NOW", "FLOW_OUTPUT", "FLOW_RUN_ID", "FLOW_STATE", "FLOW_SUMMARY", "FLOW_TMP",
                "FLOW_WORKSPACE", "GITHUB_OUTPUT", "HOME", "LC_ALL", "OWN", "PATH",
            ])
        for line in [
            "FLOW_ATTEMPT=1", "FLOW_NODE=a", "FLOW_RUN_ID=r", "OWN=a b", "PATH=/bin",
            "FLOW_NOW=1970-01-01T00:00:00Z", "FLOW_WORKSPACE=\(run.folder.at("w"))",
        ] { #expect(lines.contains(line)) }
    }

    @Test("outputs, own events, the log and the last line come back; the attempt's files go")
    func contract() throws {
        let run = try Self.one(
            """
            echo first; printf last
            echo n=5 >> "$FLOW_OUTPUT"
            echo '{"type": "tool.called", "name": "x"}' >> "$FLOW_EVENTS"
            touch "$FLOW_TMP/scratch"
            """, "    outputs: {n: {type: integer}}\n")
        #expect(run.status == .success)
        #expect(run.output("n") == 5)
        #expect(run.data("tool.called") == [["name": "x"]])
        #expect(run.log("a.1") == "first\nlast")
        for kind in ["attempts", "scratch"] {
            for lane in try Files.list(run.folder.at("state/runs/r/\(kind)")) {
                #expect(try Files.list(run.folder.at("state/runs/r/\(kind)/\(lane)")) == [])
            }
        }
    }

    @Test(
        "what a command hands over wrongly makes it a failure that says why",
        arguments: [
            (
                "echo n=x >> \"$FLOW_OUTPUT\"",
                "its output 'n' should be of type integer, but is 'x'"
            ),
            ("mkfifo \"$FLOW_OUTPUT\"", "it put something that is no file in place of its outputs"),
            (
                "mkdir \"$FLOW_EVENTS\"",
                "it put something that is no file in place of its events"
            ),
            (
                "echo '{\"type\": \"node.finished\"}' >> \"$FLOW_EVENTS\"",
                "an event that it wrote has the type node.finished, which only flow writes"
            ),
            (
                "echo '{\"type\": \"run.created\"}' >> \"$FLOW_EVENTS\"",
                "an event that it wrote has the type run.created, which only flow writes"
            ),
            (
                "echo '{\"type\": \"plain\"}' >> \"$FLOW_EVENTS\"",
                "an event that it wrote has no dotted type: {\"type\":\"plain\"}"
            ),
            ("echo oops; exit 3", "exit 3: oops"), ("kill -9 $$", "ended by signal 9"),
        ])
    func wrong(_ script: String, _ reason: String) throws {
        let run = try Self.one(script, "    outputs: {n: {type: integer}}\n")
        #expect(run.status == .failure)
        #expect(run.reason == reason)
        #expect(run.data(EventType.nodeOutput) == [])
    }

    @Test("a secret stands in nothing that an attempt leaves")
    func secrets() throws {
        let mask = try SecretMask([("TOKEN", "s3cret+/väl ue")])
        let run = try Self.run(
            #"""
            flow: 1
            nodes:
              good:
                env: {TOKEN: s3cret+/väl ue}
                outputs: {list: {type: array}, plain: {type: string}}
                run: |
                  printf 's3cr'; sleep 0.01; printf 'et+/väl ue|'
                  printf %s "$TOKEN" | base64
                  echo "plain=<$TOKEN>" >> "$FLOW_OUTPUT"
                  cat >> "$FLOW_OUTPUT" <<'END'
                  list=["s3\u0063ret+/v\u00e4l ue", {"s3cret+/väl ue": 1}]
                  END
                  cat >> "$FLOW_EVENTS" <<'END'
                  {"type": "tool.called", "s3cret+/väl ue": ["s3\u0063ret+\/väl ue"]}
                  END
                  echo "# $TOKEN" >> "$FLOW_SUMMARY"
              wrong: {env: {TOKEN: s3cret+/väl ue}, run: 'echo "x $TOKEN" >> "$FLOW_OUTPUT"'}
              fails: {env: {TOKEN: s3cret+/väl ue}, run: 'printf %s "$TOKEN"; exit 3'}
              lost: {run: 'true', working-directory: s3cret+/väl ue}

            """#, mask: mask)
        #expect(run.log("good.1") == "***|***\n")
        #expect(run.output("plain") == "<***>")
        #expect(run.output("list") == ["***", ["***": 1]])
        #expect(run.data("tool.called") == [["***": ["***"]]])
        let summary = run.folder.at("state/runs/r/logs/good.1.summary.md")
        #expect(try Files.text(summary) == "# ***\n")
        let reasons = run.state.nodes.map { $0.settlement?.reason ?? "" }
        #expect(reasons[1] == "its output 'x ***' is neither name=value nor name<<END")
        #expect(reasons[2] == "exit 3: ***")
        #expect(
            reasons[3].hasSuffix(
                "in the folder \(run.folder.at("w"))/***: No such file or directory"))
        for event in run.events { #expect(!mask.contains(event.json.text().utf8)) }
    }

    @Test("a scratch folder that cannot be removed does not make a success a failure")
    func readOnly() throws {
        let run = try Self.one(
            "mkdir \"$FLOW_TMP/ro\"; touch \"$FLOW_TMP/ro/x\"; chmod 500 \"$FLOW_TMP/ro\"")
        #expect(run.status == .success)
    }

    @Test("every attempt has its own log; a matrix a log for each leg")
    func logs() throws {
        let run = try Self.run(
            """
            flow: 1
            nodes:
              a: {run: 'echo "$FLOW_ATTEMPT"; test "$FLOW_ATTEMPT" = 2', retry: {max-attempts: 2, delay: 1ms}}
              m:
                strategy: {matrix: {x: [p, q]}}
                env: {X: "${{ matrix.x }}"}
                run: echo "$X $FLOW_LEG"
            """)
        #expect(run.status == .success)
        #expect(run.log("a.1") == "1\n")
        #expect(run.log("a.2") == "2\n")
        #expect(run.log("m.0.1") == "p p\n")
        #expect(run.log("m.1.1") == "q q\n")
    }

    @Test(
        "what cannot be started fails with the reason",
        arguments: [
            ("run: [no-such-program]", "cannot start no-such-program: no such program in PATH"),
            ("run: [./none]", "cannot start ./none: No such file or directory"),
            ("uses: skills/mine", "cannot start the stage skills/mine: flow-stage is neither"),
            ("run: 'true', shell: /none/sh", "cannot start /none/sh: No such file or directory"),
            (
                "run: 'true', env: {BIG: '\(String(repeating: "x", count: 200_000))'}",
                "cannot start /usr/bin/sh: its arguments or its environment are longer"
            ),
            ("run: 'true', working-directory: none", "cannot start /usr/bin/sh in the folder "),
        ])
    func unstartable(_ keys: String, _ reason: String) throws {
        let run = try Self.run("flow: 1\nnodes:\n  a: {\(keys)}\n")
        #expect(run.status == .failure)
        #expect(run.reason.hasPrefix(reason), "\(run.reason)")
        let types = run.events.map(\.type).filter { $0.hasPrefix("attempt.") }
        #expect(types == [EventType.attemptStarted, EventType.attemptFinished])
    }

    @Test("a script of any length runs, in each shell")
    func scripts() throws {
        let long = "# " + String(repeating: "x", count: 150_000)
        #expect(try Self.one(long + "\nfalse\ntrue").reason == "exit 1", "sh stops at a failure")
        #expect(try Self.one("false | true", "    shell: bash\n").reason == "exit 1")
        #expect(try Self.one("import sys; sys.exit(4)", "    shell: python\n").reason == "exit 4")
        #expect(try Self.one("exit 5", "    shell: sh -x\n").reason.hasPrefix("exit 5"))
    }

    @Test("an interrupt ends what runs and starts no more")
    func interrupt() throws {
        let run = try Self.run(
            """
            flow: 1
            nodes:
              a: {run: "echo ready; sleep 1000", grace: 1s}
              deaf: {run: "trap '' TERM; sleep 1000", grace: 10ms}
              queued: {run: "echo never"}
            """, interruptAt: "ready")
        #expect(run.status == .cancelled)
        #expect(
            run.state.nodes.map { $0.settlement?.result } == [.cancelled, .cancelled, .cancelled])
        #expect(run.log("queued.1") == "")
    }
}
