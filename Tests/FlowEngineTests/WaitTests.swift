import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import Testing

/// What `flow why` says that a node waited for, where lanes, processors, legs, pools, the group and
/// other nodes can all be in the way.
@Suite struct WaitTests {
    struct Case: CustomTestStringConvertible {
        let nodes: String
        var attempts = 4
        var processors = 4
        var strangers: [String: Double] = [:]
        var head = ""
        let node: String
        let waited: String

        var testDescription: String { waited }
    }

    // A run that queues looks every tenth of a second.
    private static let cases = [
        Case(
            nodes: "  a: {run: [do, after=3], pool: git}\n  b: {run: [do], pool: git}", node: "b",
            waited: "3.1 s for a place in the pool git, which a had"),
        Case(
            nodes: "  b: {run: [do], pool: git}", strangers: ["git": 5], node: "b",
            waited: "5.0 s for a place in the pool git, which other runs had"),
        Case(
            nodes: "  a: {run: [do, after=2]}\n  b: {run: [do], pool: git}", attempts: 1, node: "b",
            waited: "2.0 s for a free lane (--max-parallel 1)"),
        Case(
            nodes: """
                  a: {run: [do, after=3], resources: {cpus: 3}}
                  b: {run: [do], resources: {cpus: 2}, pool: git}
                """, node: "b", waited: "3.0 s for free processors (it takes 2 of 4)"),
        Case(
            nodes: """
                  a: {run: [do, after=3], resources: {cpus: 3}}
                  b: {run: [do], resources: {cpus: 2}}
                  c: {run: [do]}
                """, node: "c",
            waited: "3.0 s for its turn behind b, which needs more processors than were free"),
        Case(
            nodes: "  m: {strategy: {matrix: {k: [x, y]}, max-parallel: 1}, run: [do, after=2]}",
            node: "m[y]", waited: "2.0 s for one of 1 legs at once (max-parallel)"),
        Case(
            nodes: "  a: {run: [do]}\n  b: {run: [do]}", strangers: ["group:g": 4],
            head: "concurrency: g\n", node: "b", waited: "4.0 s for the run's group g"),
        Case(
            nodes: """
                  a: {run: [do, after=2]}
                  b: {run: [do, after=2]}
                  c: {run: [do], pool: git}
                """, attempts: 2, strangers: ["git": 5], node: "c",
            waited: "2.0 s for a free lane (--max-parallel 2), then 3.0 s for a place in the pool "
                + "git, which other runs had"),
        Case(
            nodes: """
                  a: {run: [do, after=4], pool: git}
                  b: {run: [do, after=2]}
                  c: {run: [do], pool: git}
                """, attempts: 2, node: "c",
            waited: "4.1 s for a place in the pool git, which a had"),
    ]

    private static let contexts = ContextBuilder(
        identity: RunIdentity(
            id: "r", workflow: "w", now: Timestamp(seconds: 0), workspace: "/w", branch: ""),
        params: [:], workflowEnv: [],
        content: { _ throws(EngineError) in
            throw EngineError(code: .content, doing: "read", message: "nothing is there")
        })

    private static func why(_ wait: Case, limit: Int = .max) throws -> Why {
        var simulation = try Simulation(
            "flow: 1\npools: {git: 1}\n\(wait.head)nodes:\n\(wait.nodes)\n")
        simulation.capacity = wait.attempts
        simulation.processors = wait.processors
        simulation.strangers = wait.strangers
        simulation.limit = limit
        let trace = try simulation.run()
        return WhyReader(
            trace.log.events, trace.state, status: .running, contexts: contexts
        ).why(try NodeAddress(wait.node, in: trace.state))
    }

    @Test(
        "a node waited for what was in the way to the last, and before that for something else",
        arguments: cases)
    func waited(_ wait: Case) throws {
        let why = try Self.why(wait)
        #expect(
            why.sentence == "it ran because it needs nothing, after it had waited \(wait.waited)")
        #expect(why.because.contains { $0.kind == .waited && $0.data["ms"] != nil })
    }

    @Test("the moments between attempts break no wait, and those before a start are none")
    func moments() throws {
        let events: [(Int64, EventDraft)] = [
            (0, EventDraft(EventType.runStarted, data: ["max_parallel": 1, "processors": 1])),
            (0, EventDraft(EventType.nodeReady, node: "a")),
            (0, EventDraft(EventType.nodeReady, node: "b")),
            (0, EventDraft(EventType.nodeReady, node: "c")),
            (0, EventDraft(EventType.attemptStarted, node: "a", attempt: 1)),
            (
                900,
                EventDraft(
                    EventType.attemptFinished, node: "a", attempt: 1, data: ["result": "success"])
            ),
            (920, EventDraft(EventType.attemptStarted, node: "b", attempt: 1)),
            (
                1_500,
                EventDraft(
                    EventType.attemptFinished, node: "b", attempt: 1, data: ["result": "success"])
            ),
            (1_530, EventDraft(EventType.attemptStarted, node: "c", attempt: 1)),
            (
                1_531,
                EventDraft(
                    EventType.attemptFinished, node: "c", attempt: 1, data: ["result": "success"])
            ),
            (1_531, EventDraft(EventType.nodeFinished, node: "c", data: ["result": "success"])),
        ]
        let workflow = try Simulation(
            "flow: 1\nnodes: {a: {run: [do]}, b: {run: [do]}, c: {run: [do]}}\n"
        ).workflow
        var state = RunState(workflow)
        let log = events.enumerated().map { place, event in
            Event(
                seq: place + 1, time: Timestamp(microseconds: event.0 * 1000), run: "r",
                draft: event.1)
        }
        for event in log { state.apply(event) }
        let why = WhyReader(log, state, status: .success, contexts: Self.contexts)
            .why(try NodeAddress("c", in: state))
        #expect(
            why.sentence == "it ran because it needs nothing, after it had waited 1.5 s for a free "
                + "lane (--max-parallel 1)")
    }

    @Test("while it waits, that is said")
    func waits() throws {
        let pool = try Self.why(Self.cases[0], limit: 5)
        #expect(pool.sentence == "it waits for a place in the pool git, which a had")
        #expect(pool.because.first?.data["held_by"] == ["a"])
        #expect(
            try Self.why(Self.cases[2], limit: 5).sentence
                == "it waits for a free lane (--max-parallel 1)")
        #expect(
            try Self.why(Self.cases[3], limit: 5).sentence
                == "it waits for free processors (it takes 2 of 4)")
    }
}
