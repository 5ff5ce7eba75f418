import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import Testing

/// Who has decided, what of it counts, and what git says of branches.
@Suite struct GateTests {
    @Test(
        "one address, or one name where an address is missing, is one person",
        arguments: [
            ("ada", "ada", true), ("ada", "Ada", true), (" ada  l ", "ada l", true),
            ("ada", "bob", false), ("ada", "ada <a@x>", true), ("ada <a@x>", "ada <b@x>", false),
            ("ada <a@x>", "bob <A@X>", true), ("a@x", "ada <a@x>", true), ("a@x", "<a@x>", true),
            ("a@x", "ada", false), ("ada <>", "ada", true), ("a@x", "b@x", false),
            ("ada < a@x >", "a@x", true), ("ada", "", false),
        ])
    func same(_ one: String, _ other: String, _ expected: Bool) throws {
        let person = try #require(Person(one))
        #expect(person.isOne(of: [other]) == expected)
        guard let other = Person(other) else { return }
        #expect(other.isSame(as: person) == expected)
        #expect(Person(other.description) == other && Person(person.description) == person)
    }

    @Test("a name that says nothing is nobody", arguments: ["", " ", "\t\n", "<>", " < > "])
    func nobody(_ text: String) { #expect(Person(text) == nil) }

    // MARK: What counts

    private static let start = Timestamp(seconds: 1_800_000_000)

    private static func event(_ type: String, _ data: JSONObject) -> Event {
        Event(seq: 1, time: start, run: "r", draft: EventDraft(type, node: "g", data: data))
    }

    private static func said(
        _ verdict: String, _ by: String, via: String = "cli", form: JSONObject = [:]
    ) -> Event {
        event(
            EventType.approvalDecided,
            [
                "via": .string(via), "by": .string(by), "verdict": .string(verdict),
                "form": .object(form),
            ])
    }

    private static func state(_ request: JSONObject, _ events: [Event] = []) -> GateState {
        var state = GateState(event(EventType.approvalRequested, request))
        for event in events { state.take(event) }
        return state
    }

    private static let pair: JSONObject = [
        "via": ["cli"], "reviewers": ["ada", "bob"], "quorum": 2,
    ]

    @Test("a quorum counts people, not names")
    func quorum() {
        var words = ["ada", "Ada", "ada <a@x>"].map { Self.said("approved", $0) }
        var state = Self.state(Self.pair, words)
        #expect(state.ending == nil && state.approvers.count == 1)
        #expect(state.wish == "2 approvals by ada, bob (1 given)")
        words.append(Self.said("approved", "bob"))
        state = Self.state(Self.pair, words)
        #expect(state.ending?.result == .success)
        #expect(state.ending?.reason == "approved by ada, bob")
    }

    @Test("one rejection is enough, and a merge stands for all who had to approve")
    func verdicts() {
        let no = Self.said("rejected", "bob", form: ["reason": "not today"])
        let state = Self.state(Self.pair, [Self.said("approved", "ada"), no])
        #expect(state.ending?.result == .failure)
        #expect(state.ending?.reason == "rejected by bob: not today")
        let merge = Self.state(Self.pair, [Self.said("approved", "git", via: "git-merge")])
        #expect(merge.ending?.reason == "approved by git")
    }

    private static func gate() throws -> Gate {
        let workflow = try Simulation(
            """
            flow: 1
            nodes:
              g: {approve: {form: {a: {type: integer}, b: {type: string, default: x}, c: {type: integer, default: 3}}}}
            """
        ).workflow
        guard case .approve(let gate) = workflow.nodes[0].work else { throw NoGate() }
        return gate
    }

    private struct NoGate: Error {}

    @Test("a form has the last approval's values, its own defaults otherwise, in its own order")
    func form() throws {
        let gate = try Self.gate()
        #expect(Self.state(["via": ["cli"]]).form(gate) == ["b": "x", "c": 3])
        let one = Self.said("approved", "ada", form: ["c": 9, "a": 1])
        let merge = Self.said("approved", "git", via: "git-merge")
        let time = Self.said("approved", "timeout", via: "timeout")
        let state = Self.state(["via": ["cli"], "quorum": 2], [one, merge, time])
        #expect(state.form(gate) == ["a": 1, "b": "x", "c": 9])
        #expect(state.form(gate).keys == ["a", "b", "c"])
        let other = Self.said("approved", "bob", form: ["a": 2, "b": "y", "c": 9])
        #expect(Self.state(["via": ["cli"]], [one, other]).form(gate)["a"] == 2)
    }

    @Test("the form's defaults are the outputs of a gate that time has opened")
    func outputs() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, after=5]}
              g: {approve: {reviewers: [yes], timeout: 1s, on-timeout: approve, form: {n: {type: integer, default: 7}}}}
              b: {needs: g, run: [do, "${{ needs.g.outputs.n }}"]}
            outputs: {n: "${{ needs.g.outputs.n }}"}
            """
        ).run()
        #expect(trace.status == .success && trace.outputs == ["n": 7])
        #expect(trace.reason("g") == "approved: nobody decided in time")
    }

    @Test(
        "where nobody speaks in time, the gate ends as on-timeout says; who speaks before counts",
        arguments: [
            ("approve", "success", "approved: nobody decided in time"),
            ("reject", "failure", "rejected: nobody decided in time"),
            ("fail", "failure", "nobody decided in time"),
        ])
    func timeout(_ expiry: String, _ result: String, _ reason: String) throws {
        func run(_ reviewer: String) throws -> Simulation.Trace {
            try Simulation(
                """
                flow: 1
                nodes:
                  a: {run: [do, after=5]}
                  g: {approve: {reviewers: [\(reviewer)], timeout: 2s, on-timeout: \(expiry)}}
                """
            ).run()
        }
        let late = try run("after4")
        #expect(late.results["g"] == result && late.reason("g") == reason)
        #expect(late.log.events.count { $0.type == EventType.approvalDecided } == 1)
        let early = try run("after1")
        #expect(early.results["g"] == "success" && early.reason("g") == "approved by ada")
    }

    // MARK: Branches

    /// Git as a test wants it: what each look says, the last one for all further ones.
    private final class FakeMerges: MergeWatch {
        private var looks: [Result<MergeLook, EngineError>]
        private(set) var known: [MergeLook] = []

        init(_ looks: Result<MergeLook, EngineError>...) { self.looks = looks }

        func look(at known: MergeLook) throws(EngineError) -> MergeLook {
            self.known.append(known)
            return try (looks.count > 1 ? looks.removeFirst() : looks[0]).get()
        }
    }

    private static let merging = """
        flow: 1
        nodes:
          g: {approve: {via: [git-merge, cli], reviewers: [ada], branches: [one, two]}}
          b: {needs: g, run: [do]}
        """

    private static func look(_ unmerged: [String], _ problem: String? = nil) -> MergeLook {
        MergeLook(branches: ["one": "1", "two": "2"], unmerged: unmerged, problem: problem)
    }

    private static func run(_ merges: FakeMerges, resuming old: [Event] = []) throws
        -> Simulation.Trace
    {
        var simulation = try Simulation(merging)
        simulation.merges = merges
        return try simulation.run(resuming: old)
    }

    @Test("branches that are merged already open their gate at once")
    func mergedAlready() throws {
        let trace = try Self.run(FakeMerges(.success(Self.look([]))))
        #expect(trace.status == .success && trace.reason("g") == "approved by git")
        #expect(trace.log.events.count { $0.type == EventType.approvalChecked } == 0)
    }

    @Test("what is known of branches is kept, and said once as long as nothing changes")
    func looks() throws {
        let first = Self.look(["one", "two"])
        let second = Self.look(["two"])
        var trace = try Self.run(FakeMerges(.success(first)))
        #expect(trace.status == .waiting)
        let merges = FakeMerges(.success(second))
        for _ in 0..<3 { trace = try Self.run(merges, resuming: trace.log.events) }
        #expect(merges.known == [first, second, second])
        #expect(trace.log.events.count { $0.type == EventType.approvalChecked } == 1)
        let place = try #require(trace.state.place(of: "g"))
        #expect(trace.state.nodes[place].gate?.wish == "approval by ada or the merge of two")
        trace = try Self.run(FakeMerges(.success(Self.look([]))), resuming: trace.log.events)
        #expect(trace.status == .success)
    }

    @Test(
        "git is asked when a gate begins to wait and when a flow takes the run up, and else never")
    func seldom() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {strategy: {matrix: {n: [1, 2, 3, 4]}}, run: [do, after=1]}
              g: {approve: {via: [git-merge], branches: [one, two]}}
              b: {needs: a, run: [do, after=1]}
              h: {needs: b, approve: {via: [cli], reviewers: [after1]}}
              c: {needs: h, run: [do]}
            """)
        let merges = FakeMerges(.success(Self.look(["one"])))
        simulation.merges = merges
        let trace = try simulation.run()
        #expect(trace.status == .waiting && trace.results["c"] == "open")
        #expect(merges.known.count == 1)
        // Somebody's word on another gate: one more look, and none for what runs then.
        let next = try simulation.run(resuming: trace.log.events, saying: ["h": true])
        #expect(next.status == .waiting && next.results["c"] == "success")
        #expect(merges.known.count == 2)
        // A gate that somebody has decided needs no look.
        var either = try Simulation(Self.merging)
        either.merges = merges
        let asked = try either.run()
        #expect(merges.known.count == 3)
        let ended = try either.run(resuming: asked.log.events, saying: ["g": true])
        #expect(ended.status == .success && merges.known.count == 3)
    }

    @Test("no run ends because git cannot be asked; the gate stays as it is and says why")
    func unknown() throws {
        let broken = FakeMerges(
            .failure(EngineError(code: .storage, doing: "ask git", message: "it is not there")))
        var trace = try Self.run(broken)
        #expect(trace.status == .waiting)
        let place = try #require(trace.state.place(of: "g"))
        let problem = "it is not there"
        #expect(trace.state.nodes[place].gate?.merges?.unmerged == ["one", "two"])
        #expect(trace.state.nodes[place].gate?.merges?.problem == problem)
        trace = try Self.run(FakeMerges(.success(Self.look(["two"]))), resuming: trace.log.events)
        #expect(trace.state.nodes[place].gate?.merges?.problem == nil)
        trace = try Self.run(broken, resuming: trace.log.events)
        #expect(trace.status == .waiting)
        #expect(trace.state.nodes[place].gate?.merges == Self.look(["two"], problem))
        trace = try Self.run(
            FakeMerges(.success(Self.look([], "as of long ago"))), resuming: trace.log.events)
        #expect(trace.status == .success)
        #expect(trace.state.nodes[place].gate?.merges?.problem == "as of long ago")
    }
}
