import FlowEngine
import FlowJSON
import Testing

/// When a node runs: `needs`, `if`, the status functions, `continue-on-error`, selection.
@Suite struct ConditionTests {
    /// A need `a` that ends in one way, and a node `b` with a condition.
    static func two(_ ends: String, _ condition: String, tolerated: Bool = false) -> String {
        """
        flow: 1
        nodes:
          a: {run: [do, '\(ends)']\(tolerated ? ", continue-on-error: true" : "")}
          b: {needs: a, \(condition.isEmpty ? "" : "if: \"\(condition)\", ")run: [do]}
        """
    }

    @Test(
        "a node runs by the direct needs unless its condition speaks of status",
        arguments: [
            ("ends=0", "", "success"), ("ends=1", "", "skipped"),
            ("ends=0", "success()", "success"), ("ends=1", "success()", "skipped"),
            ("ends=0", "failure()", "skipped"), ("ends=1", "failure()", "success"),
            ("ends=0", "always()", "success"), ("ends=1", "always()", "success"),
            ("ends=0", "cancelled()", "skipped"), ("ends=1", "cancelled()", "skipped"),
            ("ends=0", "!cancelled()", "success"), ("ends=1", "!cancelled()", "success"),
            ("ends=0", "!failure()", "success"), ("ends=1", "!failure()", "skipped"),
            ("ends=0", "true", "success"), ("ends=1", "true", "skipped"),
            ("ends=0", "false", "skipped"), ("ends=1", "always() && false", "skipped"),
            ("ends=1", "${{ failure() && needs.a.result == 'failure' }}", "success"),
        ])
    func condition(_ ends: String, _ condition: String, _ expected: String) throws {
        let trace = try Simulation(Self.two(ends, condition)).run()
        #expect(trace.results["b"] == expected)
    }

    @Test("a tolerated failure stays a failure, lets dependents go on, and does not fail the run")
    func tolerated() throws {
        let trace = try Simulation(Self.two("ends=1", "", tolerated: true)).run()
        #expect(trace.results == ["a": "failure!", "b": "success"])
        #expect(trace.status == .success)
        let failure = try Simulation(Self.two("ends=1", "failure()", tolerated: true)).run()
        #expect(failure.results["b"] == "skipped")
    }

    @Test("a failure that no command made is tolerated like any other")
    func toleratedMistake() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do]}
              b: {needs: a, continue-on-error: true, run: [do, "${{ fromJSON(needs.a.result) }}"]}
              c:
                needs: a
                continue-on-error: true
                strategy: {matrix: {x: "${{ needs.a.result }}"}}
                run: [do]
              d: {needs: [b, c], run: [do]}
            """
        ).run()
        #expect(
            trace.results == ["a": "success", "b": "failure!", "c": "failure!", "d": "success"])
        #expect(trace.status == .success)
    }

    @Test("a failed node stops its dependents only, and the run fails")
    func propagation() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, ends=1]}
              b: {needs: a, run: [do]}
              c: {needs: b, run: [do]}
              other: {run: [do]}
              after: {needs: other, run: [do]}
            """
        ).run()
        #expect(
            trace.results == [
                "a": "failure", "b": "skipped", "c": "skipped", "other": "success",
                "after": "success",
            ])
        #expect(trace.status == .failure)
        #expect(trace.reason("a") == "exit 1")
        #expect(trace.reason("b") == "a failed")
        #expect(trace.reason("c") == "b was skipped")
    }

    @Test("success() looks at the direct needs only, failure() at everything above")
    func reach() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, ends=1]}
              b: {needs: a, run: [do]}
              c: {needs: b, if: always(), run: [do]}
              d: {needs: c, run: [do]}
              e: {needs: c, if: failure(), run: [do]}
              f: {needs: c, if: success(), run: [do]}
              g: {needs: [d, e], if: "${{ !failure() }}", run: [do]}
            """
        ).run()
        #expect(
            trace.results == [
                "a": "failure", "b": "skipped", "c": "success", "d": "success", "e": "success",
                "f": "success", "g": "skipped",
            ])
    }

    @Test("a node that was not selected lets those behind it go on")
    func selection() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do]}
              b: {needs: a, run: [do, "${{ needs.a.result }}"]}
              c: {needs: b, run: [do]}
            """)
        simulation.selection = ["b", "c"]
        let trace = try simulation.run()
        #expect(trace.started == ["b", "c"])
        #expect(trace.results == ["a": "skipped!", "b": "success", "c": "success"])
        #expect(trace.reason("a") == "it was not selected")
        #expect(trace.status == .success)
        simulation.selection = ["b"]
        #expect(try simulation.run().started == ["b"])
    }

    @Test("of nodes that could start, the one with the longest way to go is first")
    func criticalPath() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              short: {run: [do]}
              long: {run: [do]}
              longer: {needs: long, run: [do]}
              longest: {needs: longer, run: [do]}
              last: {run: [do]}
            """)
        simulation.capacity = 1
        let started = try simulation.run().started
        #expect(started == ["long", "longer", "short", "longest", "last"])
    }

    @Test("a run's outputs are there at its end, null where they cannot be")
    func outputs() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, "set:n=5", "set:text=hello"], outputs: {n: {type: integer}, text: {type: string}}}
              b: {if: "${{ false }}", run: [do], outputs: {n: {type: integer}}}
            outputs:
              sum: "${{ needs.a.outputs.n }}"
              text: "got ${{ needs.a.outputs.text }}"
              none: "${{ needs.b.outputs.n }}"
              result: "${{ needs.b.result }}"
            """
        ).run()
        #expect(
            trace.outputs == ["sum": 5, "text": "got hello", "none": nil, "result": "skipped"])
    }
}
