import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Gates: `flow approve`, `flow reject` and what a run says that waits.
@Suite struct GateTests {
    /// A run that waits at a gate.
    private struct Waiting {
        let folder: TemporaryFolder
        let flow: TestProgram

        init(_ gate: String, more: String = "") throws {
            folder = try TemporaryFolder()
            try folder.write(
                "w.yaml",
                """
                flow: 1
                name: w
                nodes:
                  a: {run: echo}
                  sign-off: {needs: a, approve: \(gate)}
                  after: {needs: sign-off, env: {T: "${{ toJSON(needs.sign-off.outputs) }}"}, run: 'echo "$T" > after'}
                \(more)
                """)
            flow = Demo.flow(in: folder.path, environment: ["USER": "ada"])
            let run = try flow("run", "w.yaml")
            #expect(run.exit == 3, "\(run)")
        }
    }

    @Test("a run that waits says how to approve, and goes on with the approval, form included")
    func approve() throws {
        let waiting = try Waiting("{form: {ticket: {type: string}}}")
        let shown = try waiting.flow("show", "last").output
        #expect(shown.contains("⏸ sign-off  waits for approval"), "\(shown)")
        #expect(try waiting.flow("runs", "--json").jsonLines.first?["status"] == "waiting")
        let approve = try waiting.flow("approve", "last", "--form", "ticket=OPS-7")
        #expect(approve.exit == 0, "\(approve)")
        #expect(try JSON.read(Files.text(waiting.folder.at("after"))) == ["ticket": "OPS-7"])
        let decided = try waiting.flow("events", "last").jsonLines.ofType("approval.decided")
        #expect(decided.map { $0["data"]?["by"] } == ["ada"])
        let again = try waiting.flow("approve", "last")
        #expect(again.exit == 1 && again.errors.hasSuffix("has ended: success\n"), "\(again)")
    }

    @Test("the end of a run that waits names each open gate and its command; as JSON too")
    func report() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              one: {approve: {reviewers: [platform], quorum: 2}}
              two: {approve: {form: {n: {type: integer, default: 1}}}}
            """)
        let flow = Demo.flow(in: folder.path)
        let run = try flow("run", "w.yaml", "--json")
        let id = try run.json["run"]?.stringValue ?? ""
        let gates = try run.json["waiting_for"]?.arrayValue ?? []
        #expect(gates.map { $0["node"] } == ["one", "two"])
        #expect(
            gates.map { $0["form"] }
                == [[], [["name": "n", "type": "integer", "description": nil, "value": 1]]])
        let resume = try flow("resume", "last")
        #expect(
            resume.errors.contains(
                "one waits for 2 approvals by platform: flow approve \(id) one\n"), "\(resume)")
        let which = try flow("approve", "last")
        #expect(which.exit == 2 && which.errors.contains("one, two"), "\(which)")
    }

    @Test("a rejection is a failure with its reason")
    func reject() throws {
        let waiting = try Waiting("{}")
        let reject = try waiting.flow("reject", "last", "sign-off", "--reason", "not on a Friday")
        #expect(reject.exit == 1)
        let why = try waiting.flow("why", "last", "after")
        #expect(
            why.text
                == "after: it was skipped because sign-off failed: rejected by ada: "
                + "not on a Friday", "\(why)")
    }

    @Test("only who may decide decides; as many as the quorum says, each once")
    func quorum() throws {
        let waiting = try Waiting("{reviewers: [ada, bob, eve@example.org], quorum: 2}")
        let mallory = try waiting.flow("approve", "last", "--as", "mallory")
        #expect(mallory.exit == 1)
        #expect(
            mallory.errors.contains(
                "mallory may not decide sign-off: ada, bob, eve@example.org may"), "\(mallory)")
        #expect(try waiting.flow("approve", "last").exit == 3)
        let twice = try waiting.flow("approve", "last")
        #expect(twice.exit == 1 && twice.errors.contains("has approved sign-off already"))
        #expect(try waiting.flow("approve", "last", "--as", "Eve <EVE@example.org>").exit == 0)
    }

    @Test("one person is one, whatever name they give")
    func onePerson() throws {
        let waiting = try Waiting("{quorum: 2}")
        #expect(try waiting.flow("approve", "last", "--as", "Ada <a@x>").exit == 3)
        for name in ["ada", "Ada  <A@X>", "eve <a@x>", "a@x"] {
            let again = try waiting.flow("approve", "last", "--as", name)
            #expect(again.exit == 1, "\(again)")
            #expect(
                again.errors.hasSuffix(
                    "has approved sign-off already; 1 more approval is missing, by somebody "
                        + "else\n"), "\(again)")
        }
        for name in ["", " ", "<>"] {
            let nobody = try waiting.flow("approve", "last", "--as", name)
            #expect(nobody.exit == 2 && nobody.errors.contains("--as takes a name"), "\(nobody)")
            #expect(try waiting.flow("cancel", "last", "--as", name).exit == 2)
        }
        #expect(try waiting.flow("approve", "last", "--as", "Ada <b@x>").exit == 0)
    }

    @Test("where a gate names nobody, the approvers of flow.yaml decide")
    func approvers() throws {
        let waiting = try Waiting("{}")
        try waiting.folder.write("flow.yaml", "approvers: [bob]\n")
        let ada = try waiting.flow("approve", "last")
        #expect(ada.exit == 1 && ada.errors.contains("bob may (flow.yaml)"), "\(ada)")
        #expect(try waiting.flow("approve", "last", "--as", "bob").exit == 0)
    }

    @Test("git's identity of the repository tells who decides")
    func identity() throws {
        let waiting = try Waiting("{reviewers: [ada@example.org]}")
        let git = TestProgram("git", in: waiting.folder.path)
        try git("init", "-q").checked()
        try git("config", "user.name", "Ada # L").checked()
        try git("config", "user.email", "ada@example.org").checked()
        try waiting.flow("approve", "last").checked()
        let decided = try waiting.flow("events", "last").jsonLines.ofType("approval.decided")
        #expect(decided.map { $0["data"]?["by"] } == ["Ada # L <ada@example.org>"])
    }

    @Test(
        "a form is checked by its types before anything is written",
        arguments: [
            ([], "the field 'n' has no default; give it with --form n=VALUE"),
            (["n=x"], "the field 'n' takes a whole number, not the text 'x'"),
            (["n=9"], "the field 'n' must be at most 5, not 9"),
            (["n=1", "kind=c"], "the field 'kind' takes one of 'a', 'b', not 'c'"),
            (["n=1", "m=1"], "the form of sign-off has no field 'm'"),
            (["n=1", "n=2"], "the field 'n' is given twice"),
            (["n"], "--form takes name=value, not 'n'"),
        ])
    func form(_ fields: [String], _ message: String) throws {
        let waiting = try Waiting(
            "{form: {n: {type: integer, maximum: 5}, kind: {type: string, enum: [a, b], default: a}}}"
        )
        let approve = try waiting.flow.run(
            ["approve", "last"] + fields.flatMap { ["--form", $0] })
        #expect(approve.exit == 2, "\(approve)")
        #expect(approve.errors.contains(message), "\(approve)")
        #expect(try waiting.flow("events", "last").jsonLines.ofType("approval.decided").isEmpty)
    }

    @Test(
        "every type of field is read, shown in the form's order and kept for the next who approves")
    func fields() throws {
        let waiting = try Waiting(
            "{quorum: 2, form: {s: {type: string}, i: {type: integer, default: 1}, n: {type: number, default: 1.5}, "
                + "b: {type: boolean, default: false}, d: {type: duration, default: 1h}, l: {type: array, default: []}, "
                + "o: {type: object, default: {}}}}")
        let id = try waiting.flow("runs", "--json").jsonLines.first?["run"]?.stringValue ?? ""
        let needed = try waiting.flow("resume", "last")
        #expect(
            needed.errors
                == "sign-off waits for 2 approvals: flow approve \(id) sign-off --form s=VALUE\n")
        let words = ["s=OPS", "i=4", "n=2", "b=true", "d=90m", "l=[\"a\"]", "o={\"k\": 2}"]
        let first = try waiting.flow.run(["approve", "last"] + words.flatMap { ["--form", $0] })
        #expect(first.exit == 3)
        #expect(
            first.errors
                == "sign-off waits for 2 approvals (1 given): flow approve \(id) sign-off\n")
        try waiting.flow("approve", "last", "--as", "bob", "--form", "i=5").checked()
        #expect(
            try Files.text(waiting.folder.at("after")).filter { !$0.isWhitespace }
                == #"{"s":"OPS","i":5,"n":2,"b":true,"d":5400,"l":["a"],"o":{"k":2}}"#)
    }

    @Test("a node that is no gate, is not open or not there is refused")
    func wrong() throws {
        let waiting = try Waiting("{}", more: "  late: {needs: after, approve: {}}")
        for (node, exit, message) in [
            ("a", Int32(2), "the node a is no gate"), ("sign-of", 2, "did you mean 'sign-off'?"),
            ("late", 1, "is not open yet: it waits for after"),
        ] {
            let result = try waiting.flow("approve", "last", node)
            #expect(result.exit == exit && result.errors.contains(message), "\(result)")
        }
    }

    @Test("--no-resume only writes the decision down, and resume goes on with it")
    func recorded() throws {
        let waiting = try Waiting("{}")
        try waiting.flow("approve", "last", "--no-resume").checked()
        #expect(!Files.exists(waiting.folder.at("after")))
        #expect(try waiting.flow("runs", "--json").jsonLines.first?["status"] == "waiting")
        try waiting.flow("resume", "last").checked()
        #expect(Files.exists(waiting.folder.at("after")))
    }

    @Test("who comes second is told what counted, also where nobody is at the run")
    func second() throws {
        let waiting = try Waiting("{}")
        try waiting.flow("approve", "last", "--no-resume").checked()
        for words in [["approve", "last", "--as", "bob"], ["reject", "last"]] {
            let late = try waiting.flow.run(words + ["--no-resume"])
            #expect(late.exit == 1, "\(late)")
            #expect(late.errors.contains("is open\nsign-off: approved by ada\n"), "\(late)")
            let named = try waiting.flow.run(words[..<2] + ["sign-off"] + words[2...])
            #expect(named.errors.contains("the gate sign-off is closed: approved by ada"))
        }
        #expect(try waiting.flow("events", "last").jsonLines.ofType("approval.decided").count == 1)
        try waiting.flow("resume", "last").checked()
    }

    @Test("of many who decide at once each is told what became of their word")
    func race() async throws {
        let waiting = try Waiting("{form: {by: {type: string}}}")
        let flow = waiting.flow
        let told = try await withThrowingTaskGroup(of: (String, TestResult).self) { group in
            for name in ["ada", "bob", "cy", "dee"] {
                group.addTask {
                    let words = ["approve", "last", "--as", name, "--form", "by=\(name)"]
                    return (name, try flow.run(words))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let counted = told.filter { $0.1.exit == 0 }.map(\.0)
        let decided = try flow("events", "last").jsonLines.ofType("approval.decided")
        #expect(decided.compactMap { $0["data"]?["by"]?.stringValue } == counted, "\(told)")
        let form = try JSON.read(Files.text(waiting.folder.at("after")))
        #expect(counted == [form["by"]?.stringValue])
    }

    @Test("a person needs no secrets to decide; going on needs them, and finds the decision")
    func secrets() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            secrets: [TOKEN]
            nodes:
              one: {approve: {}}
              two: {approve: {}}
              after: {needs: [one, two], secrets: [TOKEN], env: {T: "${{ secrets.TOKEN }}"}, run: echo}
            """)
        let trusted = Demo.flow(
            in: folder.path, environment: ["USER": "ada", "TOKEN": "a long secret"])
        let flow = Demo.flow(in: folder.path, environment: ["USER": "ada"])
        #expect(try trusted("run", "w.yaml").exit == 3)
        try flow("approve", "last", "one", "--no-resume").checked()
        let two = try flow("approve", "last", "two")
        #expect(two.exit != 0 && two.errors.contains("TOKEN"), "\(two)")
        #expect(two.errors.contains("approved two, but the run "), "\(two)")
        #expect(try flow("events", "last").jsonLines.ofType("approval.decided").count == 2)
        try trusted("resume", "last").checked()
    }

    @Test(
        "after the time to decide nobody decides; resume acts on it",
        arguments: ["approve", "fail"])
    func deadline(_ onTimeout: String) throws {
        let folder = try TemporaryFolder()
        let flow = Demo.flow(in: folder.path, environment: ["USER": "ada"])
        // A machine may be too slow for a short time.
        for seconds in [1, 4, 16, 64] {
            try folder.write(
                "w.yaml",
                """
                flow: 1
                nodes:
                  gate: {approve: {reviewers: [bob], timeout: \(seconds)s, on-timeout: \(onTimeout)}}
                """)
            if try flow("run", "w.yaml").exit == 3 { break }
        }
        let asked = try flow("events", "last").jsonLines.ofType("approval.requested").first
        let time = try #require(asked?["time"]?.stringValue.flatMap { Timestamp($0) })
        let wait = asked?["data"]?["timeout_ms"]?.doubleValue ?? 0
        // Whoever may not decide is told so as long as there is time.
        while SystemClock().now() < time.adding(seconds: wait / 1000) {
            #expect(try flow("reject", "last").exit == 1)
        }
        for words in [["reject", "last"], ["approve", "last", "--as", "bob"]] {
            let said = try flow.run(words)
            #expect(said.exit == 1, "\(said)")
            #expect(said.errors.contains("the time to decide gate was over at"), "\(said)")
        }
        let events = try flow("events", "last").jsonLines
        #expect(events.ofType("approval.decided").isEmpty)
        #expect(try flow("resume", "last").exit == (onTimeout == "approve" ? 0 : 1))
    }

    @Test("where another flow is at the run, that one goes on with the approval")
    func elsewhere() throws {
        let folder = try CancelTests.folder(
            """
              gate: {approve: {}}
              busy: {run: exec cat fifo}
              after: {needs: gate, run: echo > fifo}
            """)
        let flow = Demo.flow(in: folder.path)
        let open = { (line: String) in line.contains("gate") && line.contains("waits") }
        var approve: TestResult?
        let run = try flow.run(["run", "w.yaml"]) { line in
            if approve == nil, open(line) { approve = try? flow("approve", "last") }
            return false
        }
        #expect(run.exit == 0, "\(run)")
        #expect(
            approve?.text.hasSuffix("; the run goes on") == true,
            "\(String(describing: approve))")
    }

    @Test("where another flow is at the run, each is told what is missing or what counted")
    func elsewhereMany() throws {
        let folder = try CancelTests.folder(
            """
              gate: {approve: {quorum: 2}}
              busy: {run: exec cat fifo}
            """)
        let flow = Demo.flow(in: folder.path)
        var told: [TestResult] = []
        let run = try flow.run(["run", "w.yaml"]) { line in
            guard told.isEmpty, line.contains("gate"), line.contains("waits") else { return false }
            for words in [
                ["approve", "last", "--as", "ada"], ["approve", "last", "--as", "ADA"],
                ["approve", "last", "--as", "bob"], ["reject", "last", "gate", "--as", "cy"],
            ] {
                if let result = try? flow.run(words) { told.append(result) }
            }
            _ = try? TestProgram("sh", in: folder.path)("-c", "echo > fifo")
            return false
        }
        #expect(run.exit == 0, "\(run)")
        #expect(run.output.contains("waits for 2 approvals (1 given)"), "\(run)")
        #expect(told.map(\.exit) == [0, 1, 0, 1], "\(told)")
        #expect(told.first?.text.hasSuffix("as ada; 1 more approval is missing") == true)
        #expect(told.last?.errors.contains("the gate gate is closed: approved by ada, bob") == true)
    }

    @Test("what was approved outlives a kill of the flow that has the run")
    func killed() throws {
        let folder = try CancelTests.folder(
            """
              gate: {approve: {quorum: 2}}
              busy: {run: exec cat fifo}
            """)
        let flow = Demo.flow(in: folder.path)
        let run = try flow.run(["run", "w.yaml"]) { line in
            guard line.contains("gate"), line.contains("waits") else { return false }
            return (try? flow("approve", "last", "--as", "ada"))?.exit == 0
        }
        #expect(run.exit == nil, "\(run)")
        let bob = try flow("approve", "last", "--as", "bob", "--no-resume").checked()
        #expect(bob.text.contains("as bob; go on with flow resume"), "\(bob)")
        let why = try flow("show", "last").output
        #expect(why.contains("gate  approved by ada, bob"), "\(why)")
    }

    @Test("a gate opens when its branches have been merged, also one that is gone since")
    func merged() throws {
        let demo = try Demo()
        try demo.git("branch", "other").checked()
        for branch in ["one", "two"] {
            try demo.git("checkout", "-q", "-b", branch, "main").checked()
            try demo.git("commit", "-q", "--allow-empty", "-m", branch).checked()
        }
        try demo.git("checkout", "-q", "main").checked()
        try demo.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              gate: {approve: {via: [git-merge], branches: [one, two]}}
              after: {needs: gate, run: echo}

            """)
        let run = try demo.flow("run", "w.yaml")
        #expect(run.exit == 3, "\(run)")
        let approve = try demo.flow("approve", "last")
        #expect(approve.exit == 1 && approve.errors.contains("'via' does not name cli"))
        #expect(run.errors.contains("gate waits for the merge of one, two: merge, then"), "\(run)")
        try demo.git("merge", "-q", "--no-ff", "-m", "m", "one").checked()
        try demo.git("branch", "-D", "one").checked()
        #expect(try demo.flow("resume", "last").exit == 3)
        try demo.git("merge", "-q", "--no-ff", "-m", "m", "two").checked()
        let resume = try demo.flow("resume", "last")
        #expect(resume.exit == 0, "\(resume)")
        let decided = try demo.events().ofType("approval.decided")
        #expect(decided.map { $0["data"]?["via"] } == ["git-merge"])
    }
}
