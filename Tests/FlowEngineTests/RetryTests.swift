import FlowEngine
import FlowJSON
import FlowSpec
import FlowTestSupport
import Testing

/// What a new run takes over from an earlier one.
@Suite struct RetryTests {
    /// Runs a workflow, and again with another way of running.
    private struct Retry {
        let first: Simulation.Trace
        let plan: RetryPlan
        let second: Simulation.Trace

        /// - Parameters:
        ///   - text: `{1}` stands for `before` at first and for `after` then.
        ///   - redo: nodes and legs, as people name them.
        ///   - latest: whether the new run has the changed workflow.
        init(
            _ text: String, before: String = "1", after: String = "0", redo: [String] = [],
            latest: Bool = true
        ) throws {
            let old = try Simulation(Self.filled(text, before))
            let first = try old.run()
            self.first = first
            let new = try Simulation(Self.filled(text, after))
            plan = RetryPlan(
                first.log.events, first.state, run: "old",
                workflow: latest ? new.workflow : old.workflow, contexts: new.contexts,
                redo: try redo.map { try NodeAddress($0, in: first.state) })
            second = try new.run(keeping: plan.drafts)
            #expect(first.runner.violations == [] && second.runner.violations == [])
        }

        private static func filled(_ text: String, _ word: String) -> String {
            text.split(separator: "{1}", omittingEmptySubsequences: false)
                .joined(separator: word)
        }
    }

    static let line = """
        flow: 1
        nodes:
          a: {run: [do, set:x=7]}
          b: {needs: a, run: [do, 'ends={1}']}
          c: {needs: b, run: [do]}
          d: {run: [do]}
          clean: {needs: [c, d], if: always(), run: [do]}
        """

    @Test("what did not succeed and what is behind it runs anew, the rest is kept")
    func unsuccessful() throws {
        let retry = try Retry(Self.line)
        #expect(retry.first.status == .failure)
        #expect(retry.second.status == .success)
        #expect(retry.second.started == ["b", "c", "clean"])
        #expect(retry.plan.kept == ["a", "d"])
        #expect(Set(retry.second.results.values) == ["success"])
    }

    @Test(
        "from a node on, that node and all behind it run anew",
        arguments: [
            (["a"], ["a", "b", "c", "clean"]), (["b"], ["b", "c", "clean"]), (["clean"], ["clean"]),
            (["c", "d"], ["c", "d", "clean"]),
        ])
    func from(_ redo: [String], _ started: [String]) throws {
        let retry = try Retry(Self.line, before: "0", redo: redo)
        #expect(retry.second.started.sorted() == started.sorted())
        #expect(retry.second.status == .success)
    }

    @Test("of a run that succeeded everything runs anew")
    func succeeded() throws {
        let retry = try Retry(Self.line, before: "0")
        #expect(retry.plan.drafts.isEmpty)
        #expect(retry.second.started.sorted() == ["a", "b", "c", "clean", "d"])
    }

    static let matrix = """
        flow: 1
        nodes:
          m: {strategy: {matrix: {k: [x, y, z]}, fail-fast: false}, run: [do, 'set:n=1', "ends=${{ matrix.k == 'y' && {1} || 0 }}"]}
          n: {needs: m, run: [do]}
        """

    @Test("finished legs of a matrix are kept, the others and what is behind the node run anew")
    func legs() throws {
        let retry = try Retry(Self.matrix)
        #expect(retry.second.started == ["m[1]", "n"])
        #expect(retry.second.results == ["m": "success", "n": "success"])
    }

    @Test(
        "a leg named by its place or its key runs anew, the others are kept",
        arguments: ["m.2", "m[z]"])
    func leg(_ name: String) throws {
        let retry = try Retry(Self.matrix, before: "0", redo: [name])
        #expect(retry.second.started == ["m[2]", "n"])
    }

    @Test("skips are kept as they were, and so are tolerated failures")
    func skips() throws {
        let retry = try Retry(
            """
            flow: 1
            nodes:
              a: {run: [do, 'ends=1'], continue-on-error: true}
              b: {needs: a, if: 1 == 2, run: [do]}
              c: {needs: b, run: [do]}
              d: {run: [do, 'ends={1}']}
            """)
        #expect(retry.second.started == ["d"])
        #expect(
            retry.second.results == [
                "a": "failure!", "b": "skipped", "c": "skipped", "d": "success",
            ])
    }

    @Test("with another workflow, what still stands there with the same needs is kept")
    func latest() throws {
        let text = """
            flow: 1
            nodes:
              a: {run: [do]}
              b: {needs: {1}, run: [do]}
              c: {needs: a, run: [do]}
              d: {needs: b, run: [do]}
            """
        let retry = try Retry(text, before: "[]", after: "a", redo: ["d"])
        #expect(retry.second.started == ["b", "d"])
        #expect(retry.plan.kept == ["a", "c"])
    }

    @Test("copied ends name the run that they are kept from, the first one where kept twice")
    func origin() throws {
        let retry = try Retry(Self.line)
        let kept = retry.plan.drafts.filter {
            [EventType.attemptFinished, EventType.nodeFinished].contains($0.type)
        }
        #expect(kept.count == 4)
        #expect(kept.allSatisfy { $0.data["kept_from"] == "old" })
        let again = RetryPlan(
            retry.second.log.events, retry.second.state, run: "new",
            workflow: retry.first.state.frames[0].workflow,
            contexts: try Simulation(Self.line).contexts,
            redo: [try NodeAddress("clean", in: retry.second.state)])
        let origins = again.drafts.compactMap { $0.data["kept_from"]?.stringValue }
        #expect(Set(origins) == ["old", "new"])
    }

    @Test("a run that goes on in a new one, killed anywhere and resumed, ends the same")
    func killed() throws {
        let retry = try Retry(Self.matrix)
        for limit in (retry.plan.drafts.count + 3)..<retry.second.log.events.count {
            var cut = try Simulation(
                Self.matrix.split(separator: "{1}", omittingEmptySubsequences: false)
                    .joined(separator: "0"))
            cut.limit = limit
            let killed = try cut.run(keeping: retry.plan.drafts)
            cut.limit = .max
            let resumed = try cut.run(resuming: killed.log.events)
            #expect(resumed.results == retry.second.results, "killed after \(limit) events")
        }
    }

    @Test("inside a workflow that is a node only what is named, and what is behind it, runs anew")
    func inside() throws {
        let inner = "flow: 1\nnodes:\n  x: {run: [do]}\n  y: {needs: x, run: [do]}\n"
        let text = """
            flow: 1
            nodes:
              w: {uses: ./inner.yaml}
              m: {strategy: {matrix: {k: [1, 2]}}, uses: ./inner.yaml}
              z: {needs: [w], run: [do]}
              e: {needs: [w, m], run: [do]}
            """
        let simulation = try Simulation(text, workflows: ["./inner.yaml": inner])
        let first = try simulation.run()
        for (redo, started) in [
            ("w/y", ["e", "w/y", "z"]), ("w/x", ["e", "w/x", "w/y", "z"]),
            ("m[2]/y", ["e", "m.1/y"]), ("m.0", ["e", "m.0/x", "m.0/y"]), ("z", ["z"]),
        ] {
            let plan = RetryPlan(
                first.log.events, first.state, run: "old", workflow: simulation.workflow,
                contexts: simulation.contexts, redo: [try NodeAddress(redo, in: first.state)])
            let second = try simulation.run(keeping: plan.drafts)
            #expect(second.started.sorted() == started, "from \(redo)")
            #expect(second.runner.violations == [])
            #expect(second.results == first.results)
        }
    }
}
