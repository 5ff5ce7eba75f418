import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowSkills

@Suite("Procedures out of logs")
struct ProcedureTests {
    /// A run of steps, each a name with its arguments and output.
    private struct Call {
        let name: String
        var arguments: JSON = [:]
        var output: JSON = .null
        var hasFailed = false
    }

    private func log(_ runs: [(calls: [Call], status: String?)]) -> ExecutionLog {
        var reader = EventLogReader()
        reader.begin("log")
        for (number, run) in runs.enumerated() {
            let name = "r\(1000 + number)"
            for (seq, call) in run.calls.enumerated() {
                let line: JSON = [
                    "run": .string(name), "seq": .integer(seq), "type": "tool.called",
                    "time": .integer(1_767_225_600 + number * 60 + seq),
                    "data": [
                        "name": .string(call.name), "arguments": call.arguments,
                        "output": call.output, "duration_ms": 500, "cost_usd": 0.25,
                        "status": call.hasFailed ? "failure" : "success",
                    ],
                ]
                reader.add(Array((line.text() + "\n").utf8))
            }
            if let status = run.status {
                let end: JSON = [
                    "run": .string(name), "type": "run.finished", "status": .string(status),
                ]
                reader.add(Array((end.text() + "\n").utf8))
            }
        }
        reader.end()
        return reader.finish().log
    }

    private func release(_ number: Int, isTested: Bool) -> [Call] {
        let branch = JSON.string("release-\(number)")
        let commit = JSON.string("c\(number * 7919)")
        return [
            Call(
                name: "checkout", arguments: ["branch": branch, "depth": 1], output: ["sha": commit]
            ),
            Call(name: "chat \(number)"),
            Call(name: "build", arguments: ["sha": commit, "level": .integer(number % 5)]),
        ] + (isTested ? [Call(name: "test", arguments: ["only": .string("t\(number)")])] : []) + [
            Call(name: "publish", arguments: ["to": branch, "options": ["force": false]])
        ]
    }

    private func shown(_ procedure: Procedure) -> [String] {
        procedure.steps.map { $0.name + ($0.isOptional ? "?" : "") }
    }

    @Test("what varies is a parameter, what does not a literal, what a step gave is data flow")
    func sources() throws {
        let runs = (0..<30).map { (release($0, isTested: $0 % 2 == 0), "success" as String?) }
        let found = Extraction(log(runs)).procedures
        let procedure = try #require(found.first)
        #expect(found.count == 1)
        #expect(shown(procedure) == ["checkout", "build", "test?", "publish"])
        let steps = procedure.steps
        #expect(
            steps[0].arguments == [
                Procedure.Argument(path: "branch", source: .parameter("branch")),
                Procedure.Argument(path: "depth", source: .literal(1)),
            ])
        #expect(
            steps[1].arguments == [
                Procedure.Argument(path: "level", source: .parameter("level")),
                Procedure.Argument(path: "sha", source: .output(step: "checkout", path: "sha")),
            ])
        #expect(
            steps[3].arguments == [
                Procedure.Argument(path: "options.force", source: .literal(false)),
                Procedure.Argument(path: "to", source: .parameter("branch")),
            ])
        #expect(steps[2].share == 0.5)
        #expect(procedure.parameters.map(\.name) == ["branch", "level", "only"])
        #expect(procedure.parameters.map(\.isRequired) == [true, true, false])
        #expect(procedure.parameters.map(\.type) == ["string", "integer", "string"])
        #expect(procedure.parameters[1].range == 0...4 && procedure.parameters[1].distinct == 5)
        // what has had many values has no default, not even null
        #expect(procedure.parameters.allSatisfy { $0.fallback == JSON?.none })
        #expect(
            procedure.json["parameters"]?.arrayValue?.allSatisfy { $0["default"] == JSON?.none }
                == true)
        #expect(procedure.parameters[0].examples == ["release-0", "release-1", "release-2"])
    }

    @Test("the evidence is of all runs that began it")
    func evidence() throws {
        var runs = (0..<20).map { (release($0, isTested: true), "success" as String?) }
        runs += (20..<24).map { number in
            var calls = Array(release(number, isTested: true).prefix(3))
            calls[2].hasFailed = true
            return (calls, "failure")
        }
        runs += (24..<26).map { (release($0, isTested: true), nil) }
        let found = Extraction(log(runs)).procedures
        let procedure = try #require(found.first)
        let evidence = procedure.evidence
        #expect(evidence.support == 22 && evidence.executions == 22 && evidence.begun == 26)
        let success = try #require(evidence.success)
        #expect(success.runs == 24 && success.succeeded == 20)
        // scipy.stats.binomtest(20, 24).proportion_ci(method="exact")
        #expect(abs(success.interval.lowerBound - 0.6261583) < 1e-6)
        #expect(abs(success.interval.upperBound - 0.9526464) < 1e-6)
        #expect(evidence.seconds == Procedure.Quantiles([4.5]))
        #expect(evidence.cost == Procedure.Quantiles([1]))
        #expect(!evidence.lift.isRaising)
        #expect(evidence.runs.first == "r1000" && evidence.runs.count == 20)
        #expect(procedure.name == "checkout-to-publish" && procedure.status == "experimental")
    }

    @Test("spans last from the first beginning to the last end, also where one is around others")
    func spans() throws {
        func span(_ run: Int, _ id: Int, _ name: String, _ begin: Int, _ end: Int) -> JSON {
            let kind = id == 1 ? "agent" : "tool"
            func time(_ second: Int) -> JSON {
                .string("\(1_767_225_600 + run * 60 + second)000000000")
            }
            func attribute(_ key: String, _ value: String) -> JSON {
                ["key": .string(key), "value": ["stringValue": .string(value)]]
            }
            return [
                "traceId": .string("t\(run)"), "spanId": .string("\(id)"),
                "parentSpanId": id == 1 ? "" : "1", "startTimeUnixNano": time(begin),
                "endTimeUnixNano": time(end),
                "attributes": [
                    attribute(
                        "gen_ai.operation.name", id == 1 ? "invoke_agent" : "execute_tool"),
                    attribute("gen_ai.\(kind).name", name),
                ],
            ]
        }
        let spans = (0..<8).flatMap { run in
            [
                span(run, 1, "coder", 0, 9), span(run, 2, "read", 1, 2),
                span(run, 3, "write", 3, 8),
            ]
        }
        let document: JSON = ["resourceSpans": [["scopeSpans": [["spans": .array(spans)]]]]]
        var reader = EventLogReader()
        reader.begin("log")
        reader.add(Array((document.text() + "\n").utf8))
        reader.end()
        let procedure = try #require(Extraction(reader.finish().log).procedures.first)
        #expect(procedure.steps.map(\.name) == ["coder", "read", "write"])
        #expect(procedure.evidence.seconds == Procedure.Quantiles([9]))
    }

    @Test("what follows a step in an execution, how often, and after what time")
    func transitions() throws {
        let runs = (0..<20).map { (release($0, isTested: $0 % 2 == 0), "success" as String?) }
        let procedure = try #require(Extraction(log(runs)).procedures.first)
        let shown = procedure.evidence.transitions.map {
            "\($0.from) \($0.to) \($0.share) \($0.seconds?.median ?? -1)"
        }
        // one call a second; the chat between the first two is none of it
        #expect(
            shown == [
                "checkout build 1.0 2.0", "build test 0.5 1.0", "build publish 0.5 1.0",
                "test publish 0.5 1.0",
            ])
    }

    @Test("a log of failures only offers nothing, and neither does an empty one")
    func nothing() {
        let failures = (0..<9).map { (release($0, isTested: true), "failure" as String?) }
        #expect(Extraction(log(failures)).procedures.isEmpty)
        #expect(Extraction(log([])).procedures.isEmpty)
        #expect(Extraction(log([([Call(name: "one")], nil)])).procedures.isEmpty)
    }

    @Test("a loop is its round, not all that it was gone round")
    func loops() throws {
        let round = ["ask", "answer", "check"].map { Call(name: $0) }
        let runs = (0..<8).map { number in
            (Array(repeating: round, count: 3 + number % 4).flatMap { $0 }, nil as String?)
        }
        let found = Extraction(log(runs)).procedures
        #expect(found.map(shown) == [["ask", "answer", "check"]])
        #expect(found.first?.evidence.executions == runs.reduce(0) { $0 + $1.0.count } / 3)
    }

    @Test(
        "a loop of thousands of rounds is its round, and long runs that are the same are told in parts"
    )
    func longRuns() {
        func log(_ run: [Int32], times: Int) -> [StepPattern] {
            let names = (0..<40).map { ExecutionLog.Symbol(type: "tool.called", name: "t\($0)") }
            let count = run.count * times
            let none = [Int32](repeating: -1, count: count)
            let log = ExecutionLog(
                symbols: names, steps: Array(repeating: run, count: times).flatMap { $0 },
                starts: (0...times).map { Int32($0 * run.count) },
                outcomes: Array(repeating: .unknown, count: times),
                times: Array(repeating: ExecutionLog.noTime, count: count), agents: none,
                nodes: none, details: none, detailTable: [], arena: ByteArena(),
                runNames: ByteInterner(), runNumbers: [], agentNames: ByteInterner(),
                nodeNames: ByteInterner())
            return PatternFinder(log, ExtractionSettings()).patterns()
        }
        #expect(log(Array(repeating: 7, count: 5000), times: 4) == [])
        let loop = log((0..<5000).map { Int32($0 % 5) }, times: 4)
        #expect(loop.map(\.symbols) == [[0, 1, 2, 3, 4]])
        var draw = SeededGenerator(seed: 5)
        let same = log((0..<2000).map { _ in Int32.random(in: 0..<40, using: &draw) }, times: 6)
        #expect(same.reduce(0) { $0 + $1.count } >= 1900 && same.allSatisfy { $0.count <= 256 })
    }

    @Test("steps that had been done in every run before are preconditions")
    func preconditions() throws {
        let runs = (0..<12).map { number in
            let between = (0..<(4 + number % 3)).map { Call(name: "n\(number)-\($0)") }
            return (
                [Call(name: "login")] + between + release(number, isTested: true), nil as String?
            )
        }
        let procedure = try #require(Extraction(log(runs)).procedures.first)
        #expect(shown(procedure) == ["checkout", "build", "test", "publish"])
        #expect(procedure.preconditions.map(\.name) == ["login"])
    }

    @Test("held out: later runs that go on as before are covered, those that break off are named")
    func heldOut() throws {
        var runs = (0..<40).map { (release($0, isTested: true), nil as String?) }
        runs += (40..<48).map { (release($0, isTested: true), nil) }
        runs += (48..<50).map { (Array(release($0, isTested: true).prefix(4)), nil) }
        let held = HeldOut(log(runs), ExtractionSettings())
        #expect(held.minedRuns == 40 && held.heldOutRuns == 10)
        #expect(held.precision == 0.8 && held.runCoverage == 0.8)
        let row = try #require(held.rows.first)
        #expect(row.begun == 10 && row.followed == 8)
        #expect(row.breaks == [HeldOut.Break(missing: "publish", runs: 2)])
    }

    @Test("the JSON says all of it")
    func json() throws {
        let runs = (0..<30).map { (release($0, isTested: $0 % 2 == 0), "success" as String?) }
        let json = try #require(Extraction(log(runs)).procedures.first).json
        #expect(
            json["steps"]?.arrayValue?[1]["arguments"]?["sha"] == [
                "from": "${{ steps.checkout.outputs.sha }}", "step": "checkout", "path": "sha",
            ])
        #expect(json["evidence"]?["support"] == 30)
        #expect(json["evidence"]?["success"]?["method"] == "Clopper-Pearson 95 %")
        #expect(json["version"] == "1.0.0")
    }
}

@Suite("Whether a procedure raises success")
struct SuccessLiftTests {
    private func runs(_ counts: [(isFollowing: Bool, hasSucceeded: Bool, stratum: Int, count: Int)])
        -> [SuccessLift.Run]
    {
        counts.flatMap { one in
            Array(
                repeating: SuccessLift.Run(
                    isFollowing: one.isFollowing, hasBegun: one.isFollowing,
                    hasSucceeded: one.hasSucceeded, stratum: one.stratum), count: one.count)
        }
    }

    @Test("one stratum is Fisher's exact test")
    func fisher() {
        let lift = SuccessLift(
            runs([
                (true, true, 0, 8), (true, false, 0, 2), (false, true, 0, 3), (false, false, 0, 7),
            ]),
            strata: 1)
        // scipy.stats.fisher_exact([[8, 2], [3, 7]], "greater")
        #expect(abs(lift.p - 0.034889) < 1e-6)
        #expect(lift.following.rate == 0.8 && lift.others.rate == 0.3)
    }

    @Test("runs that fail early and so follow less raise nothing")
    func length() {
        // short runs fail and long ones succeed, whether they follow it or not
        let lift = SuccessLift(
            runs([
                (true, true, 1, 80), (false, true, 1, 20), (true, false, 0, 20),
                (false, false, 0, 80),
            ]), strata: 2)
        #expect(lift.p == 1 && (lift.ratio ?? 0) > 3)
    }

    @Test("without runs of both kinds nothing is compared")
    func none() {
        #expect(SuccessLift([], strata: 1).p == 1)
        #expect(SuccessLift(runs([(true, true, 0, 50)]), strata: 1).ratio == nil)
    }

    @Test("of procedures that raise nothing at most one log in twenty offers one")
    func falseOffers() {
        let seed: UInt64 = 20_261_203
        print("seed \(seed)")
        var draw = SeededGenerator(seed: seed)
        var offers = 0
        let logs = 400
        for _ in 0..<logs {
            let runs = (0..<200).map { _ in
                let isFollowing = Bool.random(using: &draw)
                return SuccessLift.Run(
                    isFollowing: isFollowing, hasBegun: isFollowing,
                    hasSucceeded: Bool.random(using: &draw),
                    stratum: Int.random(in: 0..<10, using: &draw))
            }
            if SuccessLift(runs, strata: 10).p <= 0.05 { offers += 1 }
        }
        print("\(offers) of \(logs) at 5 %")
        #expect(Double(offers) <= 0.05 * Double(logs))
    }
}
