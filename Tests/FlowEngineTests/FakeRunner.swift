import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem

/// Pretends to run attempts, and moves the clock to the next thing that happens.
final class FakeRunner: AttemptRunner {
    /// One start, as tests name it.
    struct Start {
        let name: String
        let leg: LegID
        let number: Int
        let time: Timestamp
        let attempt: Attempt
    }

    private struct Task {
        let attempt: Attempt
        let number: Int
        var end: Timestamp
        var outcome: AttemptOutcome
        var isReported = false
        let isDeaf: Bool
    }

    private let room: AttemptRoom
    private let log: MemoryLog
    private let clock: VirtualClock
    private let desk: FakeDesk
    private var cancelAt: Timestamp?
    private var tasks: [Task] = []
    private(set) var started: [Start] = []
    private(set) var cancelled: [String] = []
    private(set) var watch: RunWatch

    init(
        _ room: AttemptRoom, _ log: MemoryLog, _ clock: VirtualClock, _ workflow: Workflow,
        _ places: FakePlaces, _ desk: FakeDesk, cancelAfter: Double?
    ) {
        self.room = room
        self.log = log
        self.clock = clock
        self.desk = desk
        watch = RunWatch(workflow, log, places)
        cancelAt = cancelAfter.map { clock.now().adding(seconds: $0) }
    }

    var capacity: Int { room.attempts }

    /// Broken promises, in words.
    var violations: [String] { watch.violations }

    /// A result of before stands for what has a `cache` and says `cached`.
    /// They come in pieces of two.
    func recall(_ attempts: [Attempt], _ use: ([AttemptOutcome?]) -> Void) {
        for start in stride(from: 0, to: attempts.count, by: 2) {
            use(attempts[start..<min(start + 2, attempts.count)].map(known))
        }
    }

    private func known(_ attempt: Attempt) -> AttemptOutcome? {
        guard case .arguments(let words) = attempt.program, words.contains("cached") else {
            return nil
        }
        var outcome = Script(attempt, tries: 0).outcome
        outcome.result = CommandResult(end: .exit(0))
        outcome.cachedFrom = "before"
        return outcome
    }

    func start(_ attempt: Attempt) {
        let name = name(attempt)
        watch.saw(start: attempt, name, tasks.map(\.attempt), room)
        let now = clock.now()
        var script = Script(attempt, tries: watch.tries(of: attempt.leg))
        if let outcome = known(attempt) {
            // As the real one does, it looks once more before it starts something.
            script.outcome = outcome
            script.seconds = 0
        }
        started.append(
            Start(
                name: name, leg: attempt.leg, number: attempt.number, time: now, attempt: attempt))
        tasks.append(
            Task(
                attempt: attempt, number: started.count, end: now.adding(seconds: script.seconds),
                outcome: script.outcome,
                isReported: script.isUnstartable || script.outcome.cachedFrom != nil,
                isDeaf: script.isDeaf))
    }

    func cancel(_ leg: LegID) {
        guard let place = tasks.firstIndex(where: { $0.attempt.leg == leg }) else { return }
        cancelled.append(name(tasks[place].attempt))
        let wait =
            tasks[place].isDeaf ? Double(tasks[place].attempt.grace.milliseconds) / 1000 : 0.01
        let end = clock.now().adding(seconds: wait)
        guard end < tasks[place].end else { return }
        tasks[place].end = end
        tasks[place].outcome = AttemptOutcome(
            result: CommandResult(end: .signal(tasks[place].isDeaf ? 9 : 15)))
        tasks[place].outcome.result.cancelled = true
    }

    func drive(_ advance: ([AttemptReport]) -> Pause) {
        var pause = advance([])
        while case .until(let deadline) = pause { pause = advance(reports(until: deadline)) }
    }

    private func reports(until deadline: Timestamp?) -> [AttemptReport] {
        var reports: [AttemptReport] = []
        for place in tasks.indices where !tasks[place].isReported {
            tasks[place].isReported = true
            let attempt = tasks[place].attempt
            reports.append(
                .started(attempt.leg, attempt: attempt.number, pid: 1000 + tasks[place].number))
        }
        if !reports.isEmpty { return reports }
        watch.learn()
        let state = watch.state
        let times = tasks.map(\.end) + [deadline, cancelAt, desk.next(state)].compactMap { $0 }
        guard let next = times.min() else {
            watch.violate("the run waits for nothing")
            let open = state.nodes.indices.filter { state.nodes[$0].settlement == nil }.map {
                "\(state.paths[$0]) \(state.nodes[$0].phase) needs \(state.nodes[$0].unmet) "
                    + "\(state.nodes[$0].legs.map(\.phase))"
            }
            fatalError("the run waits for nothing:\n\(log.text)\(open)")
        }
        clock.move(to: next)
        let now = clock.now()
        let ended = tasks.filter { $0.end <= now }.sorted {
            ($0.end, $0.number) < ($1.end, $1.number)
        }
        tasks.removeAll { $0.end <= now }
        reports += ended.map { .finished($0.attempt.leg, $0.outcome) }
        if desk.decide(state, at: now) { reports.append(.poked) }
        if let at = cancelAt, at <= now {
            cancelAt = nil
            reports.append(.interrupted)
        }
        return reports
    }

    private func name(_ attempt: Attempt) -> String {
        attempt.nodeID + (attempt.isMatrix ? "[\(attempt.leg.leg)]" : "")
            + (attempt.number > 1 ? "#\(attempt.number)" : "")
    }
}

/// What one attempt does, by its argument vector (see `Simulation`).
private struct Script {
    var seconds = 1.0
    var outcome = AttemptOutcome(result: CommandResult(end: .exit(0)))
    var isUnstartable = false
    var isDeaf = false

    init(_ attempt: Attempt, tries: Int) {
        guard case .arguments(let words) = attempt.program else { return }
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts.first ?? "" {
            case "after": seconds = Double(value) ?? 1
            case "ends": end(value.split(separator: ",").map(String.init), tries, attempt)
            case "event": outcome.events.append(EventDraft(value, data: ["by": "command"]))
            case "deaf": isDeaf = true
            case let name where name.hasPrefix("set:"):
                let json = (try? JSON.read(value)) ?? .string(value)
                outcome.outputs.append((String(name.dropFirst(4)), json))
            default: break
            }
        }
        outcome.result.duration = .milliseconds(Int(seconds * 1000))
    }

    private mutating func end(_ ends: [String], _ tries: Int, _ attempt: Attempt) {
        guard let last = ends.last else { return }
        let end = tries < ends.count ? ends[tries] : last
        switch end.first {
        case "s": outcome.result.end = .signal(Int(end.dropFirst()) ?? 9)
        case "t":
            outcome.result.end = .signal(15)
            outcome.result.timedOut = true
            seconds = attempt.timeout.map { Double($0.milliseconds) / 1000 } ?? seconds
        case "u":
            isUnstartable = true
            seconds = 0
            outcome.result.end = .unstarted(
                SystemError(code: .notFound, doing: "start x", message: "no such program"))
        default: outcome.result.end = .exit(Int(end) ?? 0)
        }
    }
}
