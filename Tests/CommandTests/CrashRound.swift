import FlowJSON
import FlowSystem
import FlowTestSupport
import Synchronization

/// One run, killed and taken up again until it has ended.
struct CrashRound {
    private let undisturbed: CrashTests.Undisturbed
    private let record: CrashRecord
    private let seed: UInt64
    private var generator: SeededGenerator
    private let trial: CrashTrial
    private let earlier: String
    private var moments: [CrashMoment] = []
    /// Whether the first kill falls behind the gates.
    private let isLate: Bool
    private let only: CrashMoment?
    private var look = CrashLook(events: [], problems: [], marks: [])
    private var killed = 0
    private(set) var stopped = 0

    /// - Parameter only: the one moment at which a run in a new folder is disturbed; nil: some at
    ///   random, in a folder with an earlier run.
    init(
        _ undisturbed: CrashTests.Undisturbed, _ record: CrashRecord, _ seed: UInt64,
        only: CrashMoment? = nil
    ) throws {
        self.undisturbed = undisturbed
        self.record = record
        self.seed = seed
        self.only = only
        generator = SeededGenerator(seed: seed)
        isLate = Int.random(in: 0..<6, using: &generator) == 0
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
        if case .time? = moment { record.timed(isLate: look.isAtRest) }
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

    private mutating func nextMoment(part: Int) -> CrashMoment? {
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
        let time = Double(usual.time * (8 - done)) / 8 * record.pace
        return .time(Int.random(in: 0...Int(time), using: &generator))
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
    /// Whether the run has ended, or waits for people.
    fileprivate var isAtRest: Bool { hasFinished || lastType == "run.waiting" }

    /// Whether not all that stands before the gates is over.
    fileprivate var isBeforeGates: Bool { events.ofType("approval.requested").count < 2 }
}

/// Where the kills fell, and what should not have been.
final class CrashRecord: Sendable {
    private struct Found {
        var violations: [String] = []
        var rounds = 0
        var kills = 0
        var within = 0
        var types: [String: Int] = [:]
        var tenths: [Int: Int] = [:]
        var times: [Int: Int] = [:]
        // Under the other tests it was measured slower than the first rounds go.
        var pace = 0.7
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

    /// The share of a part's usual time within which kills fall: the machine is not always as fast as
    /// when that was measured.
    var pace: Double { found.withLock { $0.pace } }

    /// - Parameter isLate: whether a kill came when flow had nothing left to do.
    func timed(isLate: Bool) {
        found.withLock { $0.pace = min(2, $0.pace * (isLate ? 0.85 : 1.005)) }
    }

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
