import FlowEngine
import FlowJSON
import FlowSystem
import Testing

/// Retries, cancels, resumes, outputs.
@Suite struct AttemptTests {
    static func one(_ keys: String) -> String { "flow: 1\nnodes:\n  a: {\(keys)}\n" }

    /// When each attempt started, in seconds from the run's start.
    static func times(_ trace: Simulation.Trace) -> [Double] {
        trace.runner.started.map { start in
            Double(start.time.microseconds - 1_800_000_000_000_000) / 1_000_000
        }
    }

    @Test(
        "a leg is tried as often as retry says, later each time",
        arguments: [
            ("max-attempts: 3, delay: 2s, jitter: none", "ends=1", [0.0, 3, 8], "failure"),
            ("max-attempts: 3, delay: 2s, jitter: none", "ends=1,0", [0.0, 3], "success"),
            (
                "max-attempts: 4, delay: 2s, factor: 10, max-delay: 5s, jitter: none", "ends=1",
                [0.0, 3, 9, 15], "failure"
            ),
            (
                "max-attempts: 3, delay: 1s, jitter: none, on: [timeout]", "ends=1", [0.0],
                "failure"
            ),
            (
                "max-attempts: 2, delay: 1s, jitter: none, on: [signal]", "ends=s9,0", [0.0, 2],
                "success"
            ),
            (
                "max-attempts: 2, delay: 1s, jitter: none, on: ['exit:7']", "ends=7,0", [0.0, 2],
                "success"
            ),
            (
                "max-attempts: 2, delay: 1s, jitter: none, on: ['exit:7']", "ends=8,0", [0.0],
                "failure"
            ),
        ])
    func retries(_ retry: String, _ ends: String, _ expected: [Double], _ result: String) throws {
        let trace = try Simulation(Self.one("run: [do, '\(ends)'], retry: {\(retry)}")).run()
        #expect(Self.times(trace) == expected)
        #expect(trace.results["a"] == result)
        #expect(
            trace.log.events.count { $0.type == EventType.attemptRetrying } == expected.count - 1)
    }

    @Test("jitter is between nothing and the whole delay, and the same for the same run")
    func jitter() throws {
        let text = Self.one("run: [do, ends=1], retry: {max-attempts: 5, delay: 8s, factor: 1}")
        let times = Self.times(try Simulation(text).run())
        #expect(times.count == 5)
        for (one, next) in zip(times, times.dropFirst()) { #expect((1...9).contains(next - one)) }
        #expect(Set(zip(times, times.dropFirst()).map { $1 - $0 }).count > 1)
        #expect(Self.times(try Simulation(text).run()) == times)
    }

    @Test("exit 75 asks for a retry, three attempts without a policy")
    func temporary() throws {
        #expect(try Simulation(Self.one("run: [do, ends=75]")).run().started.count == 3)
        let trace = try Simulation(Self.one("run: [do, 'ends=75,75,0']")).run()
        #expect(trace.started == ["a", "a#2", "a#3"])
        #expect(trace.results["a"] == "success")
    }

    @Test(
        "how an attempt ended is said in a sentence",
        arguments: [
            ("ends=3", "exit 3"), ("ends=s9", "ended by signal 9"),
            ("ends=t", "it ran longer than its timeout of 2.0 seconds"),
            ("ends=u", "cannot start x: no such program"),
        ])
    func reasons(_ ends: String, _ reason: String) throws {
        let trace = try Simulation(Self.one("run: [do, '\(ends)'], timeout: 2s")).run()
        #expect(trace.reason("a") == reason)
        let types = trace.log.events.map(\.type).filter { $0.hasPrefix("attempt.") }
        #expect(types == [EventType.attemptStarted, EventType.attemptFinished])
    }

    @Test("a cancel ends what runs, skips what has not begun, and runs what asks for it")
    func cancel() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, after=10]}
              deaf: {run: [do, after=100, deaf], grace: 3s}
              b: {needs: a, run: [do]}
              queued: {run: [do]}
              clean: {needs: a, if: always(), run: [do]}
              note: {needs: a, if: cancelled(), run: [do]}
              failed: {needs: a, if: failure(), run: [do]}
              off: {needs: a, if: "${{ !cancelled() }}", run: [do]}
            """)
        simulation.cancelAfter = 5
        let trace = try simulation.run()
        #expect(trace.status == .cancelled)
        #expect(
            trace.results == [
                "a": "cancelled", "deaf": "cancelled", "b": "skipped", "queued": "cancelled",
                "clean": "success", "note": "success", "failed": "skipped", "off": "skipped",
            ])
        #expect(trace.runner.cancelled == ["a", "deaf"])
        #expect(trace.reason("b") == "the run was cancelled")
        let end = trace.log.events.last?.time
        #expect(end == Timestamp(seconds: 1_800_000_008), "the grace of 3 s from second 5")
    }

    @Test("a cancel leaves a running node alone whose condition holds in a cancelled run")
    func cancelSpares() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              clean: {if: always(), run: [do, after=10, "ends=1,0"], retry: {max-attempts: 2, delay: 1s}}
              plain: {if: "${{ !cancelled() }}", run: [do, after=10]}
            """)
        simulation.cancelAfter = 5
        let trace = try simulation.run()
        #expect(trace.results == ["clean": "success", "plain": "cancelled"])
        #expect(trace.started == ["clean", "plain", "clean#2"])
        #expect(trace.status == .cancelled)
    }

    @Test("a cancelled run that is taken up runs what the cancel had skipped")
    func cancelledThenResumed() throws {
        var simulation = try Simulation(
            """
            flow: 1
            nodes:
              clean: {if: always(), run: [do, after=10]}
              next: {needs: clean, run: [do, after=1]}
            """)
        simulation.cancelAfter = 5
        let cancelled = try simulation.run()
        #expect(cancelled.results == ["clean": "success", "next": "skipped"])
        simulation.cancelAfter = nil
        let trace = try simulation.run(resuming: cancelled.log.events)
        #expect(trace.started == ["next"])
        #expect(trace.results == ["clean": "success", "next": "success"])
        #expect(trace.status == .success)
    }

    @Test("a cancel while a leg waits for its retry ends the run at once")
    func cancelWaiting() throws {
        var simulation = try Simulation(
            Self.one(
                "run: [do, ends=1], retry: {max-attempts: 9, delay: 1h, max-delay: 1h, jitter: none}"
            ))
        simulation.cancelAfter = 100
        let trace = try simulation.run()
        #expect(trace.started == ["a"])
        #expect(trace.results["a"] == "cancelled")
        #expect(trace.log.events.last?.time == Timestamp(seconds: 1_800_000_100))
    }

    @Test("an attempt whose end nobody saw runs again, is not a try, and keeps the leg's identity")
    func lost() throws {
        var simulation = try Simulation(
            Self.one(
                "run: [do, after=5, 'ends=1,0'], retry: {max-attempts: 2, delay: 1s, jitter: none}")
        )
        simulation.limit = 4  // run.created, run.started, node.ready, attempt.started
        let part = try simulation.run()
        #expect(part.log.events.last?.type == EventType.attemptStarted)
        simulation.limit = .max
        let trace = try simulation.run(resuming: part.log.events)
        #expect(trace.started == ["a#2", "a#3"])
        #expect(trace.results["a"] == "success")
        let lost = trace.log.events.filter { $0.data["lost"] == true }
        #expect(lost.map(\.draft.attempt) == [1])
    }

    @Test("a resumed run keeps the times of its retries")
    func resumedRetry() throws {
        var simulation = try Simulation(
            Self.one(
                "run: [do, 'ends=1,1,0'], retry: {max-attempts: 4, delay: 100s, max-delay: 1h, jitter: none}"
            ))
        let whole = try simulation.run()
        let second = whole.log.events.lastIndex { $0.type == EventType.attemptRetrying } ?? 0
        simulation.limit = second + 1
        let part = try simulation.run()
        simulation.limit = .max
        let trace = try simulation.run(resuming: part.log.events)
        #expect(Self.times(trace) == [302], "1 s, 100 s, 1 s, 200 s")
    }

    @Test("outputs larger than 16 KiB are kept by content, and are the same value to a dependent")
    func large() throws {
        let text = String(repeating: "x", count: 20_000)
        let simulation = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, "set:big=\(text)", "set:small=s"]}
              b: {needs: a, run: [do, "${{ needs.a.outputs.big }}"]}
            """)
        let trace = try simulation.run()
        #expect(trace.runner.started.last?.attempt.program == .arguments(["do", text]))
        let outputs = trace.log.events.filter { $0.type == EventType.nodeOutput }
        #expect(outputs.map { $0.data["ref"] == nil } == [false, true])
        #expect(outputs.first?.data["bytes"] == 20_002)
        #expect(simulation.content.count == 1)
    }

    @Test("outputs keep their type on the way to a dependent")
    func typed() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, "set:n=5", "set:list=[1]"], outputs: {n: {type: integer}, list: {type: array}}}
              b: {needs: a, uses: skills/mine, with: {count: "${{ needs.a.outputs.n }}", list: "${{ needs.a.outputs.list }}"}}
            """
        ).run()
        #expect(trace.runner.started.last?.attempt.input == ["count": 5, "list": [1]])
    }

    @Test("an input of a wrong type fails its node before anything starts")
    func wrongInput() throws {
        let trace = try Simulation(
            """
            flow: 1
            nodes:
              a: {run: [do, "set:n=many"]}
              b: {needs: a, uses: skills/mine, with: {count: "${{ needs.a.outputs.n }}"}}
            """
        ).run()
        #expect(trace.started == ["a"])
        #expect(trace.results["b"] == "failure")
        #expect(trace.reason("b").contains("count"))
    }

    @Test("only a successful attempt hands over outputs; own events are kept either way")
    func handedOver() throws {
        let trace = try Simulation(
            Self.one("run: [do, 'ends=75,0', 'set:n=1', event=tool.called]")
        ).run()
        #expect(trace.log.events.count { $0.type == "tool.called" } == 2)
        #expect(
            trace.log.events.filter { $0.type == EventType.nodeOutput }.map(\.draft.attempt) == [2])
    }

    @Test("when the log fails the run stops with the log's error")
    func failingLog() throws {
        var simulation = try Simulation(Self.one("run: [do]"))
        for limit in 0..<6 {
            simulation.limit = limit
            let trace = try simulation.run()
            #expect(trace.status == nil)
            #expect(trace.log.events.count == limit)
        }
    }
}
