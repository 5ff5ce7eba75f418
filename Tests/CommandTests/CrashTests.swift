import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Synchronization
import Testing

/// `kill -9` of flow at measured moments, up to four times in one run, and `flow resume`: the end is
/// that of a run that nobody disturbed, and nothing that had finished runs again.
///
/// `FLOW_SOAK` makes two thousand kills and one after each of the first two hundred writes, instead of
/// a twentieth. The disk fails at the same writes, by the errors that it can have.
@Suite(.serialized) struct CrashTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let kills = isSoak ? 2_000 : 90
    private static let canDisturb = CrashMoment.canDisturb(Demo.flow(in: "/"))

    /// What a run that nobody disturbs is like.
    struct Undisturbed {
        /// Its state is what the trials begin with.
        let trial: CrashTrial
        let end: [String: JSON]
        let events: Int
        /// Of the two parts of a run, up to the gates and behind them.
        var parts: [Part] = []

        struct Part {
            var lines = 0
            /// Milliseconds from the first line to the end.
            var time = 0
        }

        init() throws {
            trial = try CrashTrial()
            _ = try Self.run(trial, earlier: "")
            let second = try CrashTrial(stateOf: trial)
            let earlier = try trial.look().run ?? ""
            parts = try Self.run(second, earlier: earlier)
            let look = try second.look(earlier: earlier)
            end = look.end
            events = look.events.count
        }

        private static func run(_ trial: CrashTrial, earlier: String) throws -> [Part] {
            let first = try measure(trial, ["run", "w.yaml", "-p", "round=\(earlier)"], 3)
            for gate in try trial.look(earlier: earlier).gates {
                try trial.flow("approve", "last", gate, "--no-resume").checked()
            }
            return [first, try measure(trial, ["resume", "last"], 1)]
        }

        private static func measure(_ trial: CrashTrial, _ words: [String], _ exit: Int32) throws
            -> Part
        {
            var part = Part()
            let clock = SystemClock()
            var start: Int64 = 0
            let result = try trial.flow.run(words) { _ in
                if part.lines == 0 { start = clock.monotonic() }
                part.lines += 1
                return false
            }
            #expect(result.exit == exit, "\(result)")
            part.time = Int(clock.monotonic() - start) / 1_000_000
            return part
        }
    }

    @Test(
        "killed at any moment and resumed, a run loses nothing, repeats nothing and ends the same",
        .enabled(if: Python.isThere, "python3 reads the log past flow"))
    func moments() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("crash: seed \(seed)")
        let undisturbed = try Undisturbed()
        let record = CrashRecord(events: undisturbed.events)
        try inParallel { worker in
            var generator = SeededGenerator(seed: seed &+ UInt64(worker))
            while record.kills < Self.kills, !record.hasManyViolations {
                var round = try CrashRound(undisturbed, record, generator.next())
                try round.play()
            }
        }
        record.show()
        #expect(record.violations == [], "seed \(seed)")
        // What a sanitizer adds to the start of flow is time before and after the run.
        #expect(record.shareWithin >= (Self.canDisturb ? 0.9 : 0.5), "seed \(seed)")
    }

    @Test(
        "killed after each of its first writes and resumed, a run loses nothing and ends the same",
        .enabled(
            if: canDisturb && Python.isThere,
            "a library stops flow at a write, python3 reads the log"))
    func writes() throws {
        let undisturbed = try Undisturbed()
        let record = CrashRecord(events: undisturbed.events)
        let step = Self.isSoak ? 1 : 20
        let first = Int.random(in: 1...step)
        let counts = Mutex(Array(stride(from: first, through: 200, by: step)))
        print("crash: each write from \(first) by \(step)")
        try inParallel { _ in
            while let count = counts.withLock({ $0.popLast() }) {
                var round = try CrashRound(undisturbed, record, UInt64(count), only: .writes(count))
                try round.play()
            }
        }
        record.show()
        #expect(record.violations == [])
        #expect(record.kills == 200 / step)
    }

    @Test(
        "where the disk fails or is full the run stops and says so, and goes on when that is over",
        .enabled(
            if: canDisturb && Python.isThere,
            "a library lets writes fail, python3 reads the log"),
        arguments: ["ENOSPC", "EIO", "cut short"])
    func faults(_ fault: String) throws {
        let undisturbed = try Undisturbed()
        let record = CrashRecord(events: undisturbed.events)
        let step = Self.isSoak ? 1 : 40
        let first = Int.random(in: 1...step)
        let places = Mutex(Array(stride(from: first, through: 200, by: step)))
        let stopped = Mutex(0)
        print("crash: \(fault) at each write from \(first) by \(step)")
        try inParallel { _ in
            while let place = places.withLock({ $0.popLast() }) {
                var round = try CrashRound(
                    undisturbed, record, UInt64(place),
                    only: fault == "cut short"
                        ? .limited(60 + 3 * place) : .fails(fault, at: place))
                try round.play()
                stopped.withLock { $0 += round.stopped }
            }
        }
        print("crash: \(stopped.withLock { $0 }) of \(200 / step) runs stopped by \(fault)")
        #expect(record.violations == [])
        #expect(stopped.withLock { $0 } > 0)
    }
}
