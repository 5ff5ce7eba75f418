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
    private static let canTrace =
        (try? TestProgram("strace", in: "/")("-qq", "-o", "/dev/null", "true").checked()) != nil

    /// When flow is killed.
    enum Moment: CustomStringConvertible {
        /// After a line of its output and some turns of an empty loop.
        case line(Int, turns: Int)
        /// Milliseconds after the first line of its output.
        case time(Int)
        /// When it is about to write the number after this one.
        case writes(Int)
        /// Not killed: from this write on all fail, with an error of the system.
        case fails(String, at: Int)
        /// Not killed: no file can have more blocks of 512 bytes, a write across that is cut short.
        case limited(Int)

        var description: String {
            switch self {
            case .line(let line, let turns): "killed \(turns) turns after line \(line)"
            case .time(let time): "killed \(time) ms after its first line"
            case .writes(let count): "killed after \(count) writes"
            case .fails(let error, let first): "\(error) from write \(first) on"
            case .limited(let blocks): "files of \(blocks) blocks at most"
            }
        }

        func run(_ flow: TestProgram, _ words: [String]) throws -> TestResult {
            switch self {
            case .line(let line, let turns):
                var printed = 0
                return try flow.run(words) { _ in
                    printed += 1
                    guard printed == line else { return false }
                    for _ in 0..<turns { sched_yield() }
                    return true
                }
            case .time(let time): return try flow.run(words, after: time)
            case .writes(let count):
                return try traced(flow, words, "signal=KILL:when=\(count + 1)")
            case .fails(let error, let first):
                return try traced(flow, words, "error=\(error):when=\(first)+")
            case .limited(let blocks):
                let script = "trap '' XFSZ; ulimit -f \(blocks); exec \"$0\" \"$@\""
                return try TestProgram(
                    "sh", in: flow.folder, prefix: ["-c", script, flow.program],
                    environment: flow.environment
                ).run(words)
            }
        }

        /// What flow should say where the moment is one at which the disk fails.
        var words: [String] {
            switch self {
            case .fails("ENOSPC", _): ["make room", "No space left on device"]
            case .fails: ["Input/output error"]
            case .limited: ["File too large"]
            default: []
            }
        }

        /// The thread that writes the log and nothing else is watched: attempts have others.
        private func traced(_ flow: TestProgram, _ words: [String], _ what: String) throws
            -> TestResult
        {
            var calls = "pwrite64,fsync,fdatasync,ftruncate,rename"
            if case .writes = self { calls += ",write" }
            return try TestProgram(
                "strace", in: flow.folder,
                prefix: [
                    "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
                    "inject=\(calls):\(what)", flow.program,
                ], environment: flow.environment
            ).run(words)
        }
    }

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
        try Self.inParallel { worker in
            var generator = SeededGenerator(seed: seed &+ worker)
            while record.kills < Self.kills, !record.hasManyViolations {
                var round = try CrashRound(undisturbed, record, generator.next())
                try round.play()
            }
        }
        record.show()
        #expect(record.violations == [], "seed \(seed)")
        #expect(record.shareWithin >= 0.9, "seed \(seed)")
    }

    @Test(
        "killed after each of its first writes and resumed, a run loses nothing and ends the same",
        .enabled(
            if: canTrace && Python.isThere, "strace stops flow at a write, python3 reads the log"))
    func writes() throws {
        let undisturbed = try Undisturbed()
        let record = CrashRecord(events: undisturbed.events)
        let step = Self.isSoak ? 1 : 20
        let first = Int.random(in: 1...step)
        let counts = Mutex(Array(stride(from: first, through: 200, by: step)))
        print("crash: each write from \(first) by \(step)")
        try Self.inParallel { _ in
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
        .enabled(if: canTrace && Python.isThere, "strace lets writes fail, python3 reads the log"),
        arguments: ["ENOSPC", "EIO", "cut short"])
    func faults(_ fault: String) throws {
        let undisturbed = try Undisturbed()
        let record = CrashRecord(events: undisturbed.events)
        let step = Self.isSoak ? 1 : 40
        let first = Int.random(in: 1...step)
        let places = Mutex(Array(stride(from: first, through: 200, by: step)))
        let stopped = Mutex(0)
        print("crash: \(fault) at each write from \(first) by \(step)")
        try Self.inParallel { _ in
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

    /// On two threads, which may wait as they like, as the test's own may not.
    private static func inParallel(_ work: @escaping @Sendable (UInt64) throws -> Void) throws {
        let failures = Mutex<[String]>([])
        let threads = try [UInt64](0..<2).map { worker in
            try Thread {
                do { try work(worker) } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        threads.forEach { $0.join() }
        #expect(failures.withLock { $0 } == [])
    }
}

/// One run, killed and taken up again until it has ended.
private struct CrashRound {
    private let undisturbed: CrashTests.Undisturbed
    private let record: CrashRecord
    private let seed: UInt64
    private var generator: SeededGenerator
    private let trial: CrashTrial
    private let earlier: String
    private var moments: [CrashTests.Moment] = []
    /// Whether the first kill falls behind the gates.
    private let isLate: Bool
    private let only: CrashTests.Moment?
    private var look = CrashLook(events: [], problems: [], marks: [])
    private var killed = 0
    private(set) var stopped = 0

    /// - Parameter only: the one moment at which a run in a new folder is disturbed; nil: some at
    ///   random, in a folder with an earlier run.
    init(
        _ undisturbed: CrashTests.Undisturbed, _ record: CrashRecord, _ seed: UInt64,
        only: CrashTests.Moment? = nil
    ) throws {
        self.undisturbed = undisturbed
        self.record = record
        self.seed = seed
        self.only = only
        generator = SeededGenerator(seed: seed)
        isLate = Int.random(in: 0..<4, using: &generator) == 0
        trial = try CrashTrial(stateOf: only == nil ? undisturbed.trial : nil)
        earlier = only == nil ? try undisturbed.trial.look().run ?? "" : ""
    }

    mutating func play() throws {
        for _ in 0..<20 {
            if look.hasFinished { return try judge() }
            let gates = look.gates
            if look.run == nil {
                try step(["run", "w.yaml", "-p", "round=\(seed)"], part: 0)
            } else if look.lastType == "run.waiting", !gates.isEmpty {
                for gate in gates {
                    try trial.flow("approve", "last", gate, "--no-resume").checked()
                }
                look = try trial.look(earlier: earlier)
            } else {
                try step(["resume", "last"], part: gates.isEmpty && !look.isBeforeGates ? 1 : 0)
            }
        }
        record.violated("has not ended", hint)
    }

    private var hint: String { "round \(seed): \(moments)" }

    /// Runs flow once, killed or not, and looks at what it has left.
    private mutating func step(_ words: [String], part: Int) throws {
        let moment = nextMoment(part: part)
        let result: TestResult
        if let moment {
            moments.append(moment)
            result = try moment.run(trial.flow, words)
        } else {
            result = try trial.flow.run(words)
        }
        let before = look
        look = try trial.look(earlier: earlier)
        for problem in look.problems + look.lost(since: before) + look.unkept(result) {
            record.violated(problem, hint)
        }
        if moment != nil, result.exit == nil || result.exit == 137 {
            killed += 1
            record.killed(look)
        } else if let moment, !moment.words.isEmpty, result.errors.contains("flow: cannot") {
            stopped += 1
            if result.exit != 1 || !moment.words.contains(where: result.errors.contains) {
                record.violated("\(result)", hint)
            }
        } else if ![0, 1, 3].contains(result.exit) || result.errors.contains("flow: cannot") {
            record.violated("\(result)", hint)
        }
    }

    private mutating func nextMoment(part: Int) -> CrashTests.Moment? {
        if let only { return moments.isEmpty ? only : nil }
        if moments.isEmpty {
            if isLate, part == 0 { return nil }
        } else if killed > 3 || Int.random(in: 0..<(part == 0 ? 2 : 3), using: &generator) > 0 {
            return nil
        }
        let usual = undisturbed.parts[part]
        if Int.random(in: 0..<3, using: &generator) == 0 {
            let turns = Int.random(in: 0..<2_000, using: &generator)
            // Behind the last two lines there is next to nothing to disturb.
            return .line(Int.random(in: 1...usual.lines - 2, using: &generator), turns: turns)
        }
        // The end of the time is that of the program, not of the run, and what has been taken up has
        // the less to do the more it had done.
        let done = part == 0 ? look.events.count * 8 / undisturbed.events : 0
        return .time(Int.random(in: 0...usual.time * (8 - done) / 10, using: &generator))
    }

    private func judge() throws {
        for problem in look.repeated { record.violated(problem, hint) }
        for line in try trial.text("violations").split(separator: "\n") {
            record.violated(String(line), hint)
        }
        let end = look.end
        for key in Set(end.keys).union(undisturbed.end.keys) where end[key] != undisturbed.end[key]
        {
            record.violated(
                "\(key) is \(end[key]?.text().prefix(200) ?? "nothing"), not "
                    + "\(undisturbed.end[key]?.text().prefix(200) ?? "nothing")", hint)
        }
        if look.events.map({ $0["seq"]?.intValue }) != Array(1...look.events.count) {
            record.violated("the log has gaps", hint)
        }
        for name in ["out/all", "made/all"] where try trial.text(name) != "1\n" {
            record.violated("\(name) is not restored", hint)
        }
        record.ended(killed: killed)
    }
}

extension CrashLook {
    /// Whether not all that stands before the gates is over.
    fileprivate var isBeforeGates: Bool { events.ofType("approval.requested").count < 2 }
}

/// Where the kills fell, and what should not have been.
private final class CrashRecord: Sendable {
    private struct Found {
        var violations: [String] = []
        var rounds = 0
        var kills = 0
        var within = 0
        var types: [String: Int] = [:]
        var tenths: [Int: Int] = [:]
        var times: [Int: Int] = [:]
    }

    private let found = Mutex(Found())
    /// Of an undisturbed run.
    private let events: Int

    init(events: Int) { self.events = events }

    var kills: Int { found.withLock { $0.kills } }
    var violations: [String] { found.withLock { $0.violations } }
    var hasManyViolations: Bool { violations.count > 20 }
    /// The share of the kills between the events `run.created` and `run.finished`.
    var shareWithin: Double { found.withLock { Double($0.within) / Double(max(1, $0.kills)) } }

    func violated(_ what: String, _ hint: String) {
        found.withLock { $0.violations.append("\(what) (\(hint))") }
    }

    func killed(_ look: CrashLook) {
        found.withLock {
            $0.kills += 1
            if look.run != nil, !look.hasFinished { $0.within += 1 }
            $0.types[look.lastType, default: 0] += 1
            $0.tenths[min(9, look.events.count * 10 / events), default: 0] += 1
        }
    }

    func ended(killed: Int) {
        found.withLock {
            $0.rounds += 1
            $0.times[killed, default: 0] += 1
        }
    }

    func show() {
        let found = found.withLock { $0 }
        print(
            "crash: \(found.kills) kills in \(found.rounds) runs, \(found.within) between run.created "
                + "and run.finished, \(found.violations.count) violations")
        print("  killed so many times:", Self.line(found.times))
        print("  share of the events, in tenths:", Self.line(found.tenths))
        for (type, count) in found.types.sorted(by: { $0.value > $1.value }) {
            print("  after \(type): \(count)")
        }
    }

    private static func line(_ counts: [Int: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}
