import FlowEngine
import FlowJSON
import FlowSystem
import Testing

/// A node's legs.
@Suite struct MatrixTests {
    /// The keys of the legs of a node `m` with this strategy.
    static func keys(_ strategy: String) throws -> [String] {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, 'set:list=[1,2]', 'set:include=[{"x":9}]'], outputs: {list: {type: array}, include: {type: array}}}
              m:
                needs: a
                strategy: \(strategy)
                run: [do]
            """
        ).run()
        if trace.results["m"] != "success" { return ["\(trace.reason("m"))"] }
        return trace.state.nodes[1].legs.map(\.key)
    }

    @Test(
        "legs are the product of the axes in order, less exclude, with include as on GitHub",
        arguments: [
            ("{matrix: {x: [1, 2], y: [a, b]}}", ["1, a", "1, b", "2, a", "2, b"]),
            ("{matrix: {x: \"${{ needs.a.outputs.list }}\"}}", ["1", "2"]),
            (
                "{matrix: {x: [1, 2], y: [a, b], exclude: [{x: 1, y: b}]}}",
                ["1, a", "2, a", "2, b"]
            ),
            ("{matrix: {x: [1, 2], exclude: [{x: 2}]}}", ["1"]),
            ("{matrix: {x: [1, 2], include: [{x: 3}]}}", ["1", "2", "3"]),
            ("{matrix: {x: [1, 2], include: [{x: 2, z: new}]}}", ["1", "2, new"]),
            ("{matrix: {x: [1, 2], include: [{z: all}]}}", ["1, all", "2, all"]),
            ("{matrix: {x: [1], include: \"${{ needs.a.outputs.include }}\"}}", ["1", "9"]),
            ("{matrix: {include: [{x: 1}, {x: 2}]}}", ["1", "2"]),
            ("{matrix: {x: [1, 2]}, key: \"k${{ matrix.x }}\"}", ["k1", "k2"]),
            ("{matrix: {x: [1, 1, 1]}}", ["1", "1 #2", "1 #3"]),
            ("{matrix: {x: [a, a, \"a #2\"]}}", ["a", "a #2", "a #2 #2"]),
            ("{matrix: {x: []}}", []),
            (
                "{matrix: {x: [1, 2]}, key: \"${{ flow.node }}\"}",
                [
                    "two legs of m have the same key 'm'; make strategy.key tell them apart"
                ]
            ),
            (
                "{matrix: {x: \"${{ needs.a.result }}\"}}",
                ["matrix.x of m must be a list, but is of type string"]
            ),
        ])
    func legs(_ strategy: String, _ expected: [String]) throws {
        #expect(try Self.keys(strategy) == expected)
    }

    /// GitHub's own example (Workflow syntax, `jobs.<job_id>.strategy.matrix.include`).
    @Test("include behaves as in GitHub's example")
    func gitHub() throws {
        let keys = try Self.keys(
            """
            {matrix: {fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]}}
            """)
        #expect(
            keys == [
                "apple, cat, pink, circle", "apple, dog, green, circle", "pear, cat, pink",
                "pear, dog, green", "banana", "banana, cat",
            ])
    }

    @Test("an empty matrix is success, and its outputs are empty lists")
    func empty() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              m: {strategy: {matrix: {x: []}}, run: [do], outputs: {n: {type: integer}}}
              b: {needs: m, run: [do]}
            outputs: {list: "${{ needs.m.outputs.n }}"}
            """
        ).run()
        #expect(trace.results == ["m": "success", "b": "success"])
        #expect(trace.reason("m") == "its matrix is empty")
        #expect(trace.outputs == ["list": []])
    }

    @Test("outputs are lists in leg order, null for a failed leg")
    func outputs() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [3, 1, 2]}, fail-fast: false}
                run: [do, "after=${{ matrix.x }}", "ends=${{ matrix.x == 1 && 1 || 0 }}", "set:n=${{ matrix.x }}"]
                outputs: {n: {type: integer}}
            outputs: {list: "${{ needs.m.outputs.n }}"}
            """)
        simulation.capacity = 3
        let trace = try simulation.run()
        #expect(trace.outputs == ["list": [3, nil, 2]])
        #expect(trace.results["m"] == "failure")
        #expect(trace.reason("m") == "1 of 3 legs failed, the first (1): exit 1")
    }

    /// Four legs of which the second fails first.
    static func failing(_ strategy: String) -> String {
        """
        flow: 1
        nodes:
          m:
            strategy: {matrix: {x: [0, 1, 2, 3]}\(strategy)}
            run: [do, "after=${{ matrix.x == 1 && 1 || 5 }}", "ends=${{ matrix.x == 1 && 1 || 0 }}"]
        """
    }

    @Test(
        "a node that several legs touch in one moment, or the end of another, is settled once",
        arguments: [1, 2, 3, 7])
    func settledOnce(_ capacity: Int) throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              m: {strategy: {matrix: {x: [1, 2, 3]}}, run: [do, after=2, "ends=1"]}
              w: {strategy: {matrix: {x: [1, 2]}}, uses: ./part.yaml}
            """,
            workflows: [
                "./part.yaml": """
                flow: 1
                nodes:
                  a: {run: [do, after=2, "ends=1"]}
                  b: {run: [do, after=9]}
                """
            ])
        simulation.capacity = capacity
        let trace = try simulation.run()
        #expect(trace.results["m"] == "failure" && trace.results["w"] == "failure")
        let ends = trace.log.events.filter { $0.type == EventType.nodeFinished }
        let nodes = ends.compactMap(\.draft.node)
        #expect(Set(nodes).count == nodes.count, "\(nodes)")
    }

    @Test("the first failed leg ends the others, unless fail-fast is false")
    func failFast() throws {
        let fast = try Simulation(Self.failing("")).run()
        #expect(fast.started == ["m[0]", "m[1]"])
        #expect(fast.runner.cancelled == ["m[0]"])
        #expect(fast.results["m"] == "failure")
        let slow = try Simulation(Self.failing(", fail-fast: false")).run()
        #expect(slow.started == ["m[0]", "m[1]", "m[2]", "m[3]"])
        #expect(slow.runner.cancelled == [])
        #expect(slow.results["m"] == "failure")
    }

    @Test("a tolerated leg ends no others")
    func tolerated() throws {
        let trace = try Simulation(
            Self.failing("") + "\n    continue-on-error: ${{ matrix.x == 1 }}\n"
        ).run()
        #expect(trace.started.count == 4)
        #expect(trace.results["m"] == "failure!")
        #expect(trace.status == .success)
    }

    @Test(
        "no more legs run at once than max-parallel, retried ones included", arguments: [1, 2, 3])
    func maxParallel(_ most: Int) throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [1, 2, 3, 4, 5]}, max-parallel: \(most), fail-fast: false}
                retry: {max-attempts: 3, delay: 1s, jitter: none}
                run: [do, after=4, "ends=1,0"]
              other: {run: [do, after=30]}
            """)
        simulation.capacity = 8
        let trace = try simulation.run()
        #expect(trace.runner.violations == [])
        #expect(trace.results["m"] == "success")
        #expect(trace.started.count == 11)
    }

    /// Seconds after which the run waits for the gate that it has beside a matrix.
    private static func waits(
        _ matrix: String, strangers: [String: Double] = [:]
    ) throws -> Double {
        var simulation = try Simulation(
            """
            flow: 1
            pools: {p: 2}
            nodes:
              gate: {approve: {via: [cli], reviewers: [ada]}}
              m: \(matrix)
            """)
        simulation.capacity = 4
        simulation.strangers = strangers
        let trace = try simulation.run()
        #expect(trace.status == .waiting)
        #expect(trace.results["m"] == "failure")
        #expect(trace.runner.violations == [])
        let events = trace.log.events
        let first = try #require(events.first), last = try #require(events.last)
        return Double(last.time.microseconds - first.time.microseconds) / 1e6
    }

    @Test("what a leg that was ended had waited for keeps no run from waiting for people")
    func endedWhileWaiting() throws {
        let retried = try Self.waits(
            """
            {strategy: {matrix: {x: [3, 1]}}, retry: {max-attempts: 2, delay: 60s, jitter: none, on: [exit:3]}, run: [do, "after=${{ matrix.x == 3 && 1 || 2 }}", "ends=${{ matrix.x }}"]}
            """)
        #expect(retried == 2)
        let parked = try Self.waits(
            "{strategy: {matrix: {x: [1, 2]}}, pool: p, run: [do, after=1, ends=1]}",
            strangers: ["p": 60])
        #expect(parked == 1)
    }

    @Test("a leg knows its place")
    func place() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              m:
                strategy: {matrix: {x: [a, b]}, max-parallel: 1}
                run: [do, "${{ strategy.job-index }} of ${{ strategy.job-total }}"]
                env: {X: "${{ matrix.x }}"}
            """
        ).run()
        let legs = trace.runner.started.map { start in
            "\(start.attempt.program) \(start.attempt.environment)"
        }
        #expect(legs.count == 2)
        #expect(legs.last?.contains("1 of 2") == true)
        #expect(legs.last?.contains("\"b\"") == true)
    }

    @Test("a large matrix costs no more a leg than a small one reads")
    func large() throws {
        let items = (0..<2000).map(String.init).joined(separator: ",")
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, "set:list=[\(items)]"], outputs: {list: {type: array}}}
              m:
                needs: a
                strategy: {matrix: {x: "${{ needs.a.outputs.list }}"}}
                run: [do, "set:n=${{ matrix.x }}"]
                outputs: {n: {type: integer}}
            outputs: {n: "${{ needs.m.outputs.n }}"}
            """)
        simulation.capacity = 16
        let trace = try simulation.run()
        #expect(trace.outputs["n"]?.arrayValue == (0..<2000).map(JSON.integer))
    }
}
