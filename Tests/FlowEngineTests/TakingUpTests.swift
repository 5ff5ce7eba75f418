import FlowEngine
import FlowJSON
import FlowSpec
import Testing

/// Runs that are taken up again, and retries of such runs.
@Suite struct TakingUpTests {
    /// `x` lets `y` see a failure further up; `a` fails as often as `{1}` says.
    private static func notified(_ ends: String, seconds: Int = 1) -> String {
        """
        flow: 1
        nodes:
          a: {run: [do, 'ends=\(ends)']}
          x: {needs: a, if: always(), run: [do, after=\(seconds)]}
          y: {needs: x, if: failure(), run: [do, after=9]}
          z: {needs: y, run: [do]}
        """
    }

    @Test(
        "a node with failure() that was cancelled, or skipped for it, waits for all above it",
        arguments: [(1, 5.0), (4, 3.0)])
    func failure(_ seconds: Int, _ cancelAfter: Double) throws {
        for (ends, started, result) in [
            ("1,1", ["a", "y", "z"], "success"), ("1,0", ["a"], "skipped"),
        ] {
            var simulation = try Simulation(Self.notified(ends, seconds: seconds))
            simulation.cancelAfter = cancelAfter
            let first = try simulation.run()
            #expect(first.results["x"] == "success")
            #expect(first.status == .cancelled)
            simulation.cancelAfter = nil
            let second = try simulation.run(resuming: first.log.events)
            #expect(second.started.map { $0.prefix(1) } == started.map { $0.prefix(1) })
            #expect(second.results["y"] == result)
            #expect(second.runner.violations == [])
        }
    }

    @Test("a node that does not ask for what is further up does not wait for it")
    func unconcerned() throws {
        let simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, after=9, 'ends=1,0']}
              x: {needs: a, if: always(), run: [do]}
              y: {needs: x, run: [do, 'ends=1,0']}
            """)
        let first = try simulation.run()
        let second = try simulation.run(resuming: first.log.events)
        #expect(second.started == ["a#2", "y#2"])
        #expect(second.runner.started.map(\.time).max() == second.runner.started.first?.time)
        #expect(second.status == .success)
    }

    private static let inner = """
        flow: 1
        params: {x: {type: string}}
        nodes:
          s: {run: [do]}
          t: {needs: s, run: [do, after=3, "ends=${{ params.x == 'ok' && '0' || '1,0' }}"]}
        """

    @Test(
        "of workflows that are legs no more go on at once than max-parallel", arguments: [1, 2, 3])
    func maxParallel(_ most: Int) throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [a, b, ok, c, d]}, max-parallel: \(most), fail-fast: false}
                uses: ./inner.yaml
                with: {x: "${{ matrix.x }}"}
              n: {needs: m, run: [do]}
            """, workflows: ["./inner.yaml": Self.inner])
        simulation.capacity = 8
        let first = try simulation.run()
        let second = try simulation.run(resuming: first.log.events)
        #expect(second.runner.violations == [])
        #expect(second.runner.watch.fullMatrices > 0)
        #expect(second.started == ["m.0/t#2", "m.1/t#2", "m.3/t#2", "m.4/t#2", "n"])
        #expect(second.status == .success)
        let plan = RetryPlan(
            first.log.events, first.state, run: "old", workflow: simulation.workflow,
            contexts: simulation.contexts, redo: [])
        let retried = try simulation.run(keeping: plan.drafts)
        #expect(retried.runner.violations == [])
        #expect(retried.runner.watch.fullMatrices > 0)
    }

    @Test("of workflows that wait for their turn, none goes on once another has failed")
    func held() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [a, b]}, max-parallel: 1, fail-fast: "${{ false }}"}
                uses: ./inner.yaml
                with: {x: "${{ matrix.x }}"}
            """, workflows: ["./inner.yaml": Self.inner])
        let first = try simulation.run()
        simulation.cancelAfter = 1
        let second = try simulation.run(resuming: first.log.events)
        #expect(second.started == ["m.0/t#2"])
        #expect(second.status == .cancelled)
        simulation.cancelAfter = nil
        let third = try simulation.run(resuming: second.log.events)
        #expect(third.started.map { $0.prefix(5) } == ["m.0/t", "m.1/t"])
        #expect(third.status == .success)
        #expect(third.runner.violations == [])
    }

    @Test("a retry of a run that was taken up copies one end of each workflow that went on")
    func retried() throws {
        let simulation = try Simulation(
            """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [ok, b]}, fail-fast: false}
                uses: ./inner.yaml
                with: {x: "${{ matrix.x }}"}
              n: {needs: m, run: [do]}
            """, workflows: ["./inner.yaml": Self.inner])
        let first = try simulation.run()
        let resumed = try simulation.run(resuming: first.log.events)
        #expect(resumed.status == .success)
        let ends = resumed.log.events.filter {
            $0.type == EventType.attemptFinished && $0.draft.node == "m"
        }
        #expect(ends.compactMap(\.draft.leg).sorted() == [0, 1, 1])
        let plan = RetryPlan(
            resumed.log.events, resumed.state, run: "old", workflow: simulation.workflow,
            contexts: simulation.contexts, redo: [try NodeAddress("n", in: resumed.state)])
        let copied = plan.drafts.filter {
            $0.type == EventType.attemptFinished && $0.node == "m"
        }
        #expect(copied.compactMap(\.leg).sorted() == [0, 1])
        #expect(copied.allSatisfy { $0.data["result"] == "success" })
        let second = try simulation.run(keeping: plan.drafts)
        #expect(second.started == ["n"])
        #expect(second.state.nodes[0].openLegs == 0)
        #expect(second.results == resumed.results)
    }

    @Test("a workflow that begins anew again goes on counting its attempts")
    func counted() throws {
        let simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, 'ends=1,1,1,0']}
              w: {needs: a, if: always(), uses: ./inner.yaml, with: {x: b}}
            """, workflows: ["./inner.yaml": Self.inner])
        var trace = try simulation.run()
        for _ in 0..<3 { trace = try simulation.run(resuming: trace.log.events) }
        let numbers = trace.log.events.filter { $0.type == EventType.attemptStarted }
            .map { "\($0.draft.node ?? "") \($0.draft.attempt ?? 0)" }
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.contains("w/s 3"))
    }

    @Test("a workflow that fail-fast ended is cancelled, even if flow is killed in between")
    func ended() throws {
        let text = """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [a, ok]}}
                uses: ./inner.yaml
                with: {x: "${{ matrix.x }}"}
            """
        let inner = """
            flow: 1
            params: {x: {type: string}}
            nodes:
              s: {if: always(), run: [do, "after=${{ params.x == 'ok' && 3 || 1 }}", "ends=${{ params.x == 'a' && 1 || 0 }}"]}
              t: {needs: s, run: [do]}
            """
        var simulation = try Simulation(text, workflows: ["./inner.yaml": inner])
        simulation.capacity = 8
        let whole = try simulation.run()
        let result = { (trace: Simulation.Trace) in trace.state.nodes[0].legs[1].result }
        #expect(result(whole) == .cancelled)
        for limit in 1..<whole.log.events.count {
            simulation.limit = limit
            let killed = try simulation.run()
            simulation.limit = .max
            let resumed = try simulation.run(resuming: killed.log.events)
            #expect(resumed.results["m"] == "failure", "killed after \(limit) events")
            #expect(result(resumed) == .cancelled, "killed after \(limit) events")
        }
    }
}
