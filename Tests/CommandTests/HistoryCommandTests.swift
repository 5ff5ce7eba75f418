import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow retry`, `flow why`, `flow diff`, `flow runs prune`, and what follows a run.
@Suite struct HistoryCommandTests {
    private static let workflow = """
        flow: 1
        name: w
        params: {min: {type: integer, default: 3}}
        nodes:
          mine: {run: 'echo mined; echo mine >> ran; echo count=0 >> "$FLOW_OUTPUT"', outputs: {count: {type: integer}}}
          propose: {needs: mine, if: needs.mine.outputs.count > params.min, run: echo}
          inner: {needs: mine, uses: ./inner.yaml}
          end: {needs: inner, run: echo end >> ran}
        """

    private static func repository() throws -> (TemporaryFolder, TestProgram) {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", workflow)
        try folder.write(
            "inner.yaml",
            """
            flow: 1
            nodes:
              build: {run: 'echo built; echo build >> ran'}
              ship: {needs: build, run: 'echo ship >> ran; test -e mended'}
            """)
        return (folder, Demo.flow(in: folder.path))
    }

    private static func ran(_ folder: TemporaryFolder) throws -> [String] {
        defer { try? Files.remove(folder.at("ran")) }
        return try Files.text(folder.at("ran")).split(separator: "\n").map(String.init)
    }

    @Test("a retry keeps what succeeded, inside a workflow too, and finds its logs")
    func retry() throws {
        let (folder, flow) = try Self.repository()
        #expect(try flow("run", "w.yaml").exit == 1)
        #expect(try Self.ran(folder) == ["mine", "build", "ship"])
        try folder.write("mended", "")
        // The files of today do not matter, unless asked for.
        try folder.write("inner.yaml", "")
        try folder.write("w.yaml", "")
        try flow("retry", "last").checked()
        #expect(try Self.ran(folder) == ["ship", "end"])
        let runs = try flow("runs", "--json").jsonLines
        #expect(runs.map { $0["status"] } == ["success", "failure"])
        let first = runs[1]["run"]?.stringValue ?? ""
        let created = try flow("events", "last").jsonLines.first
        #expect(created?["data"]?["retry_of"]?.stringValue == first)
        #expect(try flow("logs", "last", "mine").text == "mined")
        #expect(try flow("logs", "last", "inner").lines == ["built"])
        #expect(
            try flow("why", "last", "mine").text
                == "mine: it is kept from the run \(first), where it ran because it needs nothing")
        let show = try flow("show", "last", "--json").json
        #expect(show["nodes"]?.arrayValue?.first?["from"]?.stringValue == first)
    }

    @Test("a retry with other params finds the logs of legs that have another place now")
    func retryLegs() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            params: {teams: {type: array, default: [red, blue]}, mode: {type: string, default: bad}}
            nodes:
              report:
                strategy: {matrix: {team: "${{ params.teams }}"}, fail-fast: false}
                uses: ./inner.yaml
                with: {team: "${{ matrix.team }}", mode: "${{ params.mode }}"}
            """)
        try folder.write(
            "inner.yaml",
            """
            flow: 1
            params: {team: {type: string}, mode: {type: string}}
            nodes:
              count: {run: 'echo "count $TEAM"', env: {TEAM: "${{ params.team }}"}}
              send:
                needs: count
                run: 'echo "send $TEAM $MODE"; [ "$TEAM $MODE" != "blue bad" ]'
                env: {TEAM: "${{ params.team }}", MODE: "${{ params.mode }}"}
            """)
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 1)
        try flow(
            "retry", "last", "-p", "mode=good", "-p", "teams=[\"blue\", \"green\", \"red\"]"
        ).checked()
        #expect(
            try flow("logs", "last").lines.filter { $0.contains("count ") }.count == 3)
        #expect(try flow("logs", "last", "report[blue]/count").text == "count blue")
        #expect(try flow("logs", "last", "report[blue]/send").text == "send blue good")
        #expect(try flow("logs", "last", "report[green]/send").text == "send green good")
        #expect(try flow("logs", "last", "report[red]/send").text == "send red bad")
    }

    @Test("a retry from a node, with another param and the files of today")
    func retryFrom() throws {
        let (folder, flow) = try Self.repository()
        try folder.write("mended", "")
        try flow("run", "w.yaml").checked()
        _ = try Self.ran(folder)
        try flow("retry", "last", "--from", "inner/ship").checked()
        #expect(try Self.ran(folder) == ["ship", "end"])
        try flow("retry", "last", "--from", "propose", "-p", "min=-1").checked()
        let events = try flow("events", "last").jsonLines
        #expect(events.result(of: "propose") == "success")
        #expect(!Files.exists(folder.at("ran")))
        let changed = Self.workflow.split(separator: "echo end >> ran").joined(
            separator: "echo new >> ran")
        try folder.write("w.yaml", changed)
        try flow("retry", "last", "--from", "end", "--latest").checked()
        #expect(try Self.ran(folder) == ["new"])
        #expect(try flow("retry", "last", "--from", "nope").exit == 2)
        #expect(try flow("retry", "last", "-p", "min=x").exit == 2)
    }

    @Test("why tells the condition with its values, and as JSON its parts")
    func why() throws {
        let (folder, flow) = try Self.repository()
        defer { withExtendedLifetime(folder) {} }
        _ = try flow("run", "w.yaml")
        #expect(
            try flow("why", "last", "propose").text
                == "propose: it was skipped because its condition is false: "
                + "needs.mine.outputs.count > params.min "
                + "(needs.mine.outputs.count is 0, params.min is 3)")
        let json = try flow("why", "last", "propose", "--json").json
        #expect(json["because"]?.arrayValue?.map { $0["kind"] } == ["condition", "value", "value"])
        #expect(json["because"]?.arrayValue?[1]["value"] == 0)
        #expect(
            try flow("why", "last", "end").text
                == "end: it was skipped because inner failed: inner/ship failed: exit 1")
        #expect(try flow("why", "last", "ende").exit == 2)
    }

    @Test("diff tells params, nodes, results and outputs; --exit-code tells by the exit")
    func diff() throws {
        let (folder, flow) = try Self.repository()
        try folder.write("mended", "")
        try flow("run", "w.yaml").checked()
        try flow("run", "w.yaml").checked()
        var ids = try flow("runs", "--json").jsonLines.compactMap { $0["run"]?.stringValue }
        let same = try flow("diff", ids[1], ids[0], "--exit-code").checked()
        #expect(same.text == "\(ids[1]) and \(ids[0]) do not differ")
        let changed = Self.workflow.split(separator: "count=0").joined(separator: "count=9")
        try folder.write("w.yaml", changed + "\n  more: {run: echo}\n")
        try flow("run", "w.yaml", "-p", "min=4").checked()
        ids = try flow("runs", "--json").jsonLines.compactMap { $0["run"]?.stringValue }
        let diff = try flow("diff", ids[1], ids[0], "--exit-code")
        #expect(diff.exit == 1)
        #expect(
            diff.lines == [
                "\(ids[1]) → \(ids[0])", "params", "  min: 3 → 4", "workflow", "  added: more",
                "  changed: mine",
                "results", "  propose: skipped → success", "  more: – → success", "outputs",
                "  mine.count: 0 → 9",
            ], "\(diff)")
        let json = try flow("diff", ids[1], ids[0], "--json").checked().json
        #expect(json["workflow"]?["added"] == ["more"])
    }

    @Test("diff compares legs by their keys, inner nodes by their paths, and other workflows too")
    func diffOfLegs() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "inner.yaml", "flow: 1\nnodes: {build: {run: 'echo v=1 >> $FLOW_OUTPUT; test -e ok'}}\n"
        )
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            params: {list: {type: array, default: [a, b]}, n: {type: integer, default: 1}}
            nodes:
              legs:
                strategy: {matrix: {k: "${{ params.list }}"}}
                env: {K: "${{ matrix.k }}", N: "${{ params.n }}"}
                run: echo "v=$K$N" >> $FLOW_OUTPUT; test "$K" != c
                continue-on-error: true
              many: {strategy: {matrix: {r: [eu]}}, uses: ./inner.yaml}
              big: {run: '(printf v=; head -c 20000 /dev/zero | tr "\\0" x; echo; echo "w=$N") >> $FLOW_OUTPUT', env: {N: "${{ params.n }}"}}
            """)
        try folder.write("x.yaml", "flow: 1\nname: x\nnodes: {big: {run: echo}}\n")
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 1)
        try folder.write("ok", "")
        try flow("resume", "last").checked()
        try flow("run", "w.yaml", "-p", "n=2", "-p", #"list=["b", "c"]"#).checked()
        try flow("run", "x.yaml").checked()
        let ids = try flow("runs", "--json").jsonLines.compactMap { $0["run"]?.stringValue }
        let legs = try flow("diff", ids[2], ids[1]).checked()
        #expect(
            legs.lines == [
                "\(ids[2]) → \(ids[1])", "params", #"  list: ["a","b"] → ["b","c"]"#,
                "  n: 1 → 2", "results", "  legs: success → failure (tolerated)",
                "  legs[a]: success → –", "  legs[c]: – → failure (tolerated)", "outputs",
                "  legs[a].v: a1 → –", "  legs[b].v: b1 → b2", "  big.w: 1 → 2",
            ], "\(legs)")
        let other = try flow("diff", ids[1], "last").checked()
        #expect(
            other.lines.drop { $0 != "workflow" }.prefix(4) == [
                "workflow", "  name: w → x", "  removed: legs, many",
                "  changed: big, name, params, ./inner.yaml",
            ], "\(other)")
        #expect(
            other.lines.contains { $0.hasPrefix("  big.v: sha256 ") && $0.count < 42 }, "\(other)")
    }

    @Test("events and logs follow a run until it ends", arguments: ["events", "logs"])
    func follow(_ command: String) throws {
        let folder = try CancelTests.folder(
            """
              a: {run: 'echo first; cat fifo; printf "%s" last'}
            """)
        let flow = Demo.flow(in: folder.path)
        // The follower lets the run go on once it has seen its beginning.
        let (run, other) = try CancelTests.run(flow) {
            try TestProgram("sh", in: folder.path, prefix: ["-c"])(
                """
                \(BuiltPrograms.flow) \(command) last --follow | while read -r line; do
                  echo "$line"
                  case $line in *first*|*attempt.started*) echo more > fifo;; esac
                done
                """)
        }
        #expect(run.exit == 0, "\(run)")
        if command == "logs" {
            #expect(other.lines == ["== a", "first", "more", "last"], "\(other)")
        } else {
            #expect(try other.jsonLines.last?["type"] == "run.finished", "\(other)")
        }
    }

    @Test("prune says what would go, and removes only runs that have ended")
    func prune() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nnodes:\n  a: {run: echo}\n")
        try folder.write("g.yaml", "flow: 1\nnodes:\n  a: {approve: {}}\n")
        let flow = Demo.flow(in: folder.path)
        try flow("run", "w.yaml").checked()
        #expect(try flow("run", "g.yaml").exit == 3)
        let dry = try flow("runs", "prune", "--quota", "0", "--dry-run", "--json").checked().json
        #expect(dry["runs"]?.arrayValue?.count == 1 && dry["dry_run"] == true)
        #expect(try flow("runs", "--json").jsonLines.count == 2)
        let real = try flow("runs", "prune", "--quota", "0").checked()
        #expect(real.output.contains("removed 1 runs and"), "\(real)")
        #expect(try flow("runs", "--json").jsonLines.map { $0["status"] } == ["waiting"])
        for words in [["--quota", "2X"], ["--keep-days", "-1"], ["--quota", ""]] {
            #expect(try flow.run(["runs", "prune"] + words).exit == 2, "\(words)")
        }
    }

    @Test("what a retry has kept is shown also when the run that printed it is pruned")
    func keptLogs() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              a: {run: 'echo printed; echo said > "$FLOW_SUMMARY"'}
              m: {strategy: {matrix: {k: [x, y]}}, env: {K: "${{ matrix.k }}"}, run: 'echo leg $K'}
              b: {needs: [a, m], run: test -e mended}
            """)
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 1)
        try folder.write("mended", "")
        try flow("retry", "last").checked()
        let before = try flow("logs", "last").checked().text
        let all = try flow("runs", "prune", "--dry-run", "--json").checked().json
        let kept = try #require(all["kept_bytes"]?.intValue)
        let words = ["runs", "prune", "--quota", "\(kept - 1)", "--json"]
        let dry = try flow.run(words + ["--dry-run"]).checked().json
        let pruned = try flow.run(words).checked().json
        #expect(pruned["runs"]?.arrayValue?.count == 1)
        #expect(pruned["freed_bytes"] == dry["freed_bytes"])
        #expect(try flow("runs", "--json").jsonLines.map { $0["status"] } == ["success"])
        #expect(try flow("logs", "last").checked().text == before)
        #expect(before.contains("leg y") && before.contains("printed"))
        #expect(try flow("show", "last").checked().output.contains("said"))
        let state = try flow("doctor", "--json").jsonLines.first { $0["check"] == "state" }
        #expect(state?["ok"] == true)
        try flow("runs", "prune", "--keep-days", "0").checked()
        #expect(try Files.list(folder.at(".flow/runs")) == [])
    }

    @Test("the logs of a node inside, or of a leg, that has not begun are waited for")
    func waitsForLogs() throws {
        let folder = try CancelTests.folder(
            """
              a: {run: 'cat fifo; echo "k=[1, 2]" >> "$FLOW_OUTPUT"', outputs: {k: {type: array}}}
              inner: {needs: a, uses: ./inner.yaml}
              m:
                needs: a
                strategy: {matrix: {k: "${{ needs.a.outputs.k }}"}}
                env: {K: "${{ matrix.k }}"}
                run: 'echo leg $K'
            """)
        try folder.write("inner.yaml", "flow: 1\nnodes: {build: {run: echo built}}\n")
        let flow = Demo.flow(in: folder.path)
        // The run goes on when both followers have the log open.
        let (run, other) = try CancelTests.run(flow) {
            try TestProgram("sh", in: folder.path, prefix: ["-c"])(
                """
                flow=\(BuiltPrograms.flow)
                $flow logs last nope -f 2> nope; echo $?
                $flow logs last inner/build -f > build 2>&1 & first=$!
                $flow logs last m.1 -f > leg 2>&1 & second=$!
                for each in $first $second; do
                  until ls -l /proc/$each/fd 2>&1 | grep -q 'runs.db$\\|No such'; do :; done
                done
                echo more > fifo
                wait $first; echo $? $(cat build)
                wait $second; echo $? $(cat leg)
                """)
        }
        #expect(run.exit == 0, "\(run)")
        #expect(other.lines == ["2", "0 built", "0 leg 2"], "\(other)")
        let typo = try flow("logs", "last", "inner/bulid", "-f")
        #expect(typo.exit == 2 && typo.errors.contains("build"), "\(typo)")
    }

    @Test("a plan tells what gates wait for, and what is inside a workflow that is a node")
    func plan() throws {
        let (folder, flow) = try Self.repository()
        try folder.write(
            "p.yaml",
            """
            flow: 1
            name: p
            params: {go: {type: boolean, default: false}}
            concurrency: {group: "g-${{ params.go }}", on-conflict: fail}
            pools: {db: 1}
            nodes:
              a: {run: echo, pool: db}
              gate: {needs: a, approve: {reviewers: [ada], quorum: 2}}
              inner: {needs: gate, uses: ./inner.yaml}
              never: {if: params.go, uses: ./inner.yaml}
            """)
        let plan = try flow("plan", "p.yaml").checked()
        #expect(
            plan.lines == [
                "in the group 'g-false'; fails where another run has it",
                "a        runs, with a place in the pool db",
                "never    is skipped: its condition "
                    + "is false: params.go",
                "  build  is skipped with it", "  ship   is skipped with it",
                "gate     waits for 2 approvals by ada after a",
                "inner    runs ./inner.yaml after gate", "  build  runs",
                "  ship   runs after build",
            ], "\(plan)")
        let json = try flow("plan", "p.yaml", "--json").checked().jsonLines
        #expect(json.last?["node"] == "inner/ship" && json.last?["needs"] == ["inner/build"])
    }

    @Test("an output that fails though all nodes succeeded fails the run, and says why")
    func outputs() throws {
        let folder = try TemporaryFolder()
        let outputs = #"outputs: {x: "${{ fromJSON(needs.a.outputs.bad) }}"}"#
        let inner = """
            flow: 1
            nodes: {a: {run: 'echo bad=xx >> "$FLOW_OUTPUT"', outputs: {bad: {}}}}
            \(outputs)
            """
        try folder.write("w.yaml", inner)
        try folder.write("outer.yaml", "flow: 1\nnodes: {in: {uses: ./w.yaml}}\n")
        let flow = Demo.flow(in: folder.path)
        let run = try flow("run", "w.yaml")
        #expect(run.exit == 1 && run.errors.hasPrefix("the output 'x' has no value: "), "\(run)")
        let end = try flow("events", "last").jsonLines.last
        #expect(end?["data"]?["reason"]?.stringValue?.hasPrefix("the output 'x' has no") == true)
        let outer = try flow("run", "outer.yaml")
        #expect(outer.exit == 1 && outer.output.contains("the output 'x' has no value"), "\(outer)")
        // What was not selected has no outputs that could be missed.
        try folder.write(
            "w.yaml", inner.replacing("bad: {}}}}", with: "bad: {}}}, b: {run: echo}}"))
        try flow("run", "w.yaml", "--only", "b").checked()
    }

    @Test("why tells legs that never began from those that failed")
    func unstarted() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes: {m: {strategy: {matrix: {k: [1, 2, 3]}, max-parallel: 1}, run: exit 3}}
            """)
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 1)
        #expect(
            try flow("why", "last", "m[3]").text
                == "m[3]: it was cancelled because m[1] failed and fail-fast ends the others")
    }

    @Test("a retry from a node that was not selected is refused, for it would not run")
    func unselected() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nnodes: {a: {run: echo}, b: {needs: a, run: echo}}\n")
        let flow = Demo.flow(in: folder.path)
        try flow("run", "w.yaml", "--only", "a").checked()
        let retry = try flow("retry", "last", "--from", "b")
        #expect(
            retry.exit == 2 && retry.errors.contains("b was not selected in the run"), "\(retry)")
    }

    @Test("after a resumption nobody is shown what became of a node before it")
    func reopened() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              a: {run: test -e mended}
              gate: {needs: a, approve: {}}
              b: {needs: gate, run: echo}
            """)
        let flow = Demo.flow(in: folder.path)
        #expect(try flow("run", "w.yaml").exit == 1)
        try folder.write("mended", "")
        let resume = try flow("resume", "last")
        #expect(resume.exit == 3 && resume.output.contains("waiting: 1 succeeded\n"), "\(resume)")
        let lines = try flow("show", "last").lines
        #expect(lines.contains { $0.hasPrefix("⏸ gate") } && lines.contains("· b"), "\(lines)")
    }
}
