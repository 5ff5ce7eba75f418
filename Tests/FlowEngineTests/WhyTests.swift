import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import Testing

/// What is said of why nodes ran, and why they did not.
@Suite struct WhyTests {
    private static let inner =
        "flow: 1\nnodes:\n  x: {run: [do, after=3]}\n  y: {needs: x, run: [do, ends=2]}\n"

    private static func why(_ text: String, _ name: String, cancelAfter: Double? = nil) throws
        -> Why
    {
        var simulation = try Simulation(
            "flow: 1\nnodes:\n\(text)\n", workflows: ["./inner.yaml": inner])
        simulation.cancelAfter = cancelAfter
        simulation.capacity = 1
        return try why(simulation, name)
    }

    private static func why(_ simulation: Simulation, _ name: String) throws -> Why {
        let trace = try simulation.run()
        let contexts = ContextBuilder(
            identity: RunIdentity(
                id: "r", workflow: "w", now: Timestamp(seconds: 0), workspace: "/w", branch: ""),
            params: [:], workflowEnv: [],
            content: { _ throws(EngineError) in
                throw EngineError(code: .content, doing: "read", message: "nothing is there")
            })
        let reader = WhyReader(
            trace.log.events, trace.state, status: trace.status ?? .interrupted,
            contexts: contexts)
        return reader.why(try NodeAddress(name, in: trace.state))
    }

    private static let nodes = """
          a: {run: [do, set:n=0, after=2], outputs: {n: {type: integer}}}
          b: {needs: a, if: needs.a.outputs.n > 0, run: [do]}
          c: {needs: b, run: [do]}
          d: {needs: [a, c], run: [do]}
          e: {needs: a, if: "always() && needs.a.outputs.n == 0", run: [do, 'ends=1,1,0'], retry: {max-attempts: 3, delay: 0s}}
          f: {needs: e, run: [do, 'ends=3,3'], retry: {max-attempts: 2, delay: 0s}}
          g: {needs: f, run: [do]}
          m: {needs: a, strategy: {matrix: {k: [x, y]}, fail-fast: false}, run: [do, "ends=${{ matrix.k == 'y' && 4 || 0 }}"]}
          n: {needs: a, strategy: {matrix: {k: []}}, run: [do]}
          w: {uses: ./inner.yaml}
          q: {run: [do, after=9]}
          gate: {needs: a, approve: {via: [cli], reviewers: [ada]}}
          h: {needs: gate, run: [do]}
          t: {run: [do, ends=9], continue-on-error: true}
          u: {needs: t, run: [do]}
          v: {needs: [a, t], run: [do]}
          x: {needs: [a, t, f], run: [do]}
          y: {needs: [a, v], run: [do]}
        """

    @Test(
        "the sentence names what decided",
        arguments: [
            (
                "b",
                "it was skipped because its condition is false: needs.a.outputs.n > 0 "
                    + "(needs.a.outputs.n is 0)"
            ),
            (
                "c",
                "it was skipped because b was skipped: its condition is false: "
                    + "needs.a.outputs.n > 0 (needs.a.outputs.n is 0)"
            ),
            (
                "d",
                "it was skipped because c was skipped, because b was skipped: its condition is "
                    + "false: needs.a.outputs.n > 0 (needs.a.outputs.n is 0)"
            ),
            ("f", "it failed: exit 3 (at the last of 2 attempts)"),
            ("g", "it was skipped because f failed: exit 3"),
            ("m", "it failed: 1 of 2 legs failed, the first (y): exit 4"),
            ("m[y]", "it failed: exit 4"),
            ("n", "it succeeded without running, since its matrix is empty"),
            ("w", "it failed: w/y failed: exit 2"),
            ("w/y", "it failed: exit 2"),
            ("gate", "it waits for approval by ada"),
            ("h", "it waits for gate"),
            ("t", "it failed: exit 9, which is tolerated (continue-on-error)"),
            ("u", "it ran because t failed, which is tolerated (continue-on-error)"),
            (
                "v",
                "it ran because a succeeded, and t failed, which is tolerated (continue-on-error)"
            ),
            ("x", "it was skipped because f failed: exit 3"),
            ("y", "it ran because all that it needs succeeded: a, v"),
        ])
    func sentences(_ name: String, _ sentence: String) throws {
        let why = try Self.why(Self.nodes, name)
        let isWhole = why.sentence == sentence
        #expect(isWhole || why.sentence.hasPrefix(sentence + ", after it had waited "), "\(why)")
    }

    @Test("what was not selected counts as passed, and is said to be that")
    func unselected() throws {
        var simulation = try Simulation(
            "flow: 1\nnodes:\n  a: {run: [do]}\n  b: {needs: a, run: [do]}\n")
        simulation.selection = ["b"]
        #expect(
            try Self.why(simulation, "b").sentence
                == "it ran because a was not selected, which counts as passed")
    }

    @Test("of what ran it tells the condition, and what it waited for")
    func ran() throws {
        let e = try Self.why(Self.nodes, "e")
        #expect(
            e.sentence.hasPrefix(
                "it ran because its condition is true: always() && needs.a.outputs.n == 0 "
                    + "(needs.a.outputs.n is 0)"))
        #expect(e.because.contains { $0.kind == .value && $0.data["value"] == 0 })
        let a = try Self.why("  a: {run: [do]}", "a")
        #expect(a.sentence == "it ran because it needs nothing")
        let slow = try Self.why("  a: {run: [do, after=2]}\n  b: {run: [do]}", "b")
        #expect(
            slow.sentence
                == "it ran because it needs nothing, after it had waited 2.0 s for a free lane "
                + "(--max-parallel 1)")
        #expect(slow.because.last?.kind == .waited && slow.because.last?.data["ms"] == 2000)
    }

    @Test("of what was cancelled it tells who, or which leg failed")
    func cancelled() throws {
        let nodes = "  a: {run: [do, after=9]}\n  b: {needs: a, run: [do]}"
        #expect(
            try Self.why(nodes, "a", cancelAfter: 1).sentence
                == "it was cancelled because the run was cancelled by signal")
        #expect(
            try Self.why(nodes, "b", cancelAfter: 1).sentence
                == "it was skipped because the run was cancelled by signal before it began")
    }

    @Test("the chain of causes leads to the one at the top")
    func chain() throws {
        let why = try Self.why(Self.nodes, "d")
        #expect(why.because.map(\.field) == ["c", "b"])
        #expect(why.json["result"] == "skipped")
    }

    @Test(
        "a name that means nothing is refused with what there is",
        arguments: [
            ("aa", "there is no node 'aa'"), ("m[z]", "the node m has no leg 'z'; it has 2"),
            ("m.7", "the node m has no leg '7'; it has 2"),
            ("a[x]", "the node a has no legs: it is no matrix"),
            ("a/b", "the node a is no workflow: nothing is inside it"),
            ("w/z", "there is no node 'w/z'"),
        ])
    func unknown(_ name: String, _ message: String) {
        let error = #expect(throws: NodeAddressError.self) { try Self.why(Self.nodes, name) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }
}
