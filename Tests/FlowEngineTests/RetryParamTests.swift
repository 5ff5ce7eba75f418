import FlowEngine
import FlowJSON
import FlowSpec
import Testing

/// A retry with other params, or with the files of today.
@Suite struct RetryParamTests {
    private static func retry(
        _ first: Simulation.Trace, _ simulation: Simulation, redo: [String] = []
    ) throws -> (plan: RetryPlan, trace: Simulation.Trace) {
        let plan = RetryPlan(
            first.log.events, first.state, run: "old", workflow: simulation.workflow,
            contexts: simulation.contexts,
            redo: try redo.map { try NodeAddress($0, in: first.state) })
        let trace = try simulation.run(keeping: plan.drafts)
        #expect(trace.runner.violations == [])
        #expect(trace.state.openNodes == 0)
        return (plan, trace)
    }

    private static let outer = """
        flow: 1
        params: {p: {type: string, default: bad}}
        nodes:
          a: {run: [do]}
          w: {needs: a, uses: ./middle.yaml, with: {p: "${{ params.p }}"}}
          e: {needs: w, run: [do]}
        """
    private static let workflows = [
        "./middle.yaml": """
        flow: 1
        params: {p: {type: string}}
        nodes:
          v: {uses: ./inner.yaml, with: {q: "${{ params.p }}"}}
        """,
        "./inner.yaml": """
        flow: 1
        params: {q: {type: string}}
        nodes:
          x: {run: [do, "set:q=${{ params.q }}"]}
          y: {needs: x, run: [do, "ends=${{ params.q == 'good' && '0' || '1' }}"]}
          z: {needs: x, if: params.q == 'good', run: [do]}
        """,
    ]

    @Test("new params reach what is not finished inside used workflows; what is finished stays")
    func inside() throws {
        let first = try Simulation(Self.outer, workflows: Self.workflows).run()
        #expect(first.started == ["a", "w/v/x", "w/v/y"])
        let (plan, second) = try Self.retry(
            first, Simulation(Self.outer, workflows: Self.workflows, params: ["p": "good"]))
        #expect(second.started == ["w/v/y", "e"])
        #expect(second.status == .success)
        #expect(plan.kept == ["a", "w/v/x", "w/v/z"])
        #expect(second.results["w/v/z"] == "skipped")
    }

    private static let matrix = """
        flow: 1
        params:
          list: {type: array, default: [a, b, c]}
          size: {type: integer, default: 1}
        nodes:
          m:
            strategy: {matrix: {x: "${{ params.list }}"}, fail-fast: false}
            run: [do, "set:x=${{ matrix.x }}", "ends=${{ matrix.x == 'b' && 1 || 0 }}"]
            outputs: {x: {type: string}}
          k:
            strategy:
              matrix: {x: [s, t], include: [{x: t, size: "${{ params.size }}"}]}
              key: ${{ matrix.x }}
              fail-fast: false
            run: [do, "ends=${{ matrix.size == 1 && 1 || 0 }}"]
          n: {needs: m, run: [do]}
        outputs: {list: "${{ needs.m.outputs.x }}"}
        """

    @Test("an unfinished matrix is expanded anew and keeps the legs that it still has")
    func legs() throws {
        let first = try Simulation(Self.matrix).run()
        #expect(first.status == .failure)
        let (plan, second) = try Self.retry(
            first, Simulation(Self.matrix, params: ["list": ["d", "c", "a"], "size": 2]))
        #expect(second.started.sorted() == ["k[1]", "m[0]", "n"])
        #expect(second.outputs == ["list": ["d", "c", "a"]])
        #expect(second.status == .success)
        let ends = plan.drafts.filter { $0.type == EventType.attemptFinished && $0.node == "m" }
        #expect(ends.map(\.leg) == [2, 1])
        #expect(
            ends.map { $0.data["kept_as"] } == [["node": "m", "leg": 0], ["node": "m", "leg": 2]])
    }

    @Test("a leg of the same key with other values runs anew")
    func values() throws {
        let text = """
            flow: 1
            params: {size: {type: integer, default: 1}}
            nodes:
              k:
                strategy:
                  matrix: {x: [s, t, u], include: [{x: t, size: "${{ params.size }}"}]}
                  key: ${{ matrix.x }}
                  fail-fast: false
                run: [do, "ends=${{ matrix.x == 'u' && 1 || 0 }}"]
            """
        let first = try Simulation(text).run()
        let (_, second) = try Self.retry(first, Simulation(text, params: ["size": 2]))
        #expect(second.started == ["k[1]", "k[2]"])
    }

    @Test("a matrix that comes to what is finished already is finished; one to nothing is empty")
    func fewer() throws {
        let first = try Simulation(Self.matrix).run()
        let (_, second) = try Self.retry(
            first, Simulation(Self.matrix, params: ["list": ["c"], "size": 2]))
        #expect(second.started.sorted() == ["k[1]", "n"])
        #expect(second.outputs == ["list": ["c"]])
        let (_, third) = try Self.retry(
            first, Simulation(Self.matrix, params: ["list": [], "size": 2]))
        #expect(third.outputs == ["list": []])
        #expect(third.status == .success)
    }

    @Test("a workflow that is a leg goes on under the place that the leg has now")
    func moved() throws {
        let text = """
            flow: 1
            params: {list: {type: array, default: [a, b]}}
            nodes:
              m:
                strategy: {matrix: {x: "${{ params.list }}"}, fail-fast: false}
                uses: ./inner.yaml
                with: {q: "${{ matrix.x }}", n: "${{ strategy.job-total }}"}
            """
        let workflows = [
            "./inner.yaml": """
            flow: 1
            params: {q: {type: string}, n: {type: integer}}
            nodes:
              x: {run: [do]}
              y: {needs: x, run: [do, "ends=${{ params.q == 'b' && params.n == 2 && 1 || 0 }}"]}
            """
        ]
        let first = try Simulation(text, workflows: workflows).run()
        #expect(first.results["m.1/y"] == "failure")
        let (plan, second) = try Self.retry(
            first, Simulation(text, workflows: workflows, params: ["list": ["b", "c", "a"]]))
        #expect(second.started.sorted() == ["m.0/y", "m.1/x", "m.1/y"])
        #expect(second.status == .success)
        #expect(plan.kept.sorted() == ["m.0/x", "m.2/x", "m.2/y"])
        let x = plan.drafts.first { $0.type == EventType.attemptFinished && $0.node == "m.0/x" }
        #expect(x?.data["kept_as"] == ["node": "m.1/x", "leg": nil])
    }

    @Test("what cannot be evaluated any more, or is not to run, begins anew and says so")
    func anew() throws {
        let text = """
            flow: 1
            params: {list: {type: array, default: [a, b]}, n: {type: integer, default: 1}}
            nodes:
              m:
                if: params.n < 3
                strategy: {matrix: {x: "${{ params.n == 2 && 'none' || params.list }}"}, fail-fast: false}
                run: [do, "ends=${{ matrix.x == 'b' && 1 || 0 }}"]
            """
        let first = try Simulation(text).run()
        let (_, second) = try Self.retry(first, Simulation(text, params: ["n": 2]))
        #expect(second.reason("m") == "matrix.x of m must be a list, but is of type string")
        let (_, third) = try Self.retry(first, Simulation(text, params: ["n": 3]))
        #expect(third.reason("m") == "its condition is false: params.n < 3")
    }

    @Test("with the files of today, the nodes inside a workflow are held against theirs too")
    func latest() throws {
        let text = """
            flow: 1
            nodes:
              w: {uses: ./inner.yaml}
              m: {strategy: {matrix: {k: [1, 2]}}, uses: ./inner.yaml}
              o: {uses: ./other.yaml}
            """
        let inner = { (needs: String, more: String) in
            "flow: 1\nnodes:\n  x: {run: [do]}\n  y: {run: [do]}\n  z: {needs: \(needs), run: [do]}\n"
                + more
        }
        let other = "flow: 1\nnodes:\n  x: {run: [do]}\n"
        let first = try Simulation(
            text, workflows: ["./inner.yaml": inner("x", ""), "./other.yaml": other]
        ).run()
        let new = try Simulation(
            text,
            workflows: [
                "./inner.yaml": inner("y", "  v: {needs: x, run: [do]}\n"), "./other.yaml": other,
            ])
        let (plan, second) = try Self.retry(first, new, redo: ["o/x"])
        #expect(
            second.started.sorted() == ["m.0/v", "m.0/z", "m.1/v", "m.1/z", "o/x", "w/v", "w/z"])
        #expect(plan.kept.sorted() == ["m.0/x", "m.0/y", "m.1/x", "m.1/y", "w/x", "w/y"])
        #expect(second.status == .success)
    }
}
