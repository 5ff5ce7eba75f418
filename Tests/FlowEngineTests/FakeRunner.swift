import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem

/// Pretends to run attempts, moves the clock to the next thing that happens, and watches that the
/// engine keeps its promises.
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
    private let places: FakePlaces
    private let desk: FakeDesk
    private var cancelAt: Timestamp?
    private var tasks: [Task] = []
    private(set) var started: [Start] = []
    private(set) var cancelled: [String] = []
    /// Broken promises, in words.
    private(set) var violations: [String] = []
    /// How many events of the log `facts` knows.
    private var known = 0
    private var settled: Set<String> = []
    /// Tries that have ended, by node and leg; lost ones do not count.
    private var tries: [LegID: Int] = [:]
    /// Legs whose last attempt has ended for good, and whether with success.
    private var done: [LegID: Bool] = [:]
    private var state: RunState
    private var widths: [Int: Int] = [:]

    init(
        _ room: AttemptRoom, _ log: MemoryLog, _ clock: VirtualClock, _ workflow: Workflow,
        _ places: FakePlaces, _ desk: FakeDesk, cancelAfter: Double?
    ) {
        self.room = room
        self.log = log
        self.clock = clock
        self.places = places
        self.desk = desk
        state = RunState(workflow)
        cancelAt = cancelAfter.map { clock.now().adding(seconds: $0) }
    }

    var capacity: Int { room.attempts }

    func recalled(_ attempts: [Attempt]) -> [AttemptOutcome?] { attempts.map { _ in nil } }

    func start(_ attempt: Attempt) {
        learn()
        let name = name(attempt)
        for event in log.events[log.journaled...] {
            check(!depends(attempt, on: event), "\(name) started before \(event) was journaled")
        }
        check(tasks.count < capacity, "\(name) is one more than the capacity")
        check(done[attempt.leg] == nil, "\(name) had ended already")
        check(!tasks.contains { $0.attempt.leg == attempt.leg }, "\(name) runs twice at once")
        let frame = state.frames[state.nodes[attempt.leg.node].frame]
        for need in state.definition(attempt.leg.node).needs.map({ frame.prefix + $0 }) {
            check(settled.contains(need), "\(name) started before \(need) was settled")
        }
        checkShares(attempt, name)
        if let width = widths[attempt.leg.node] {
            let running = tasks.count { $0.attempt.leg.node == attempt.leg.node }
            check(running < width, "\(name) is one more than max-parallel \(width)")
        }
        let now = clock.now()
        let script = Script(attempt, tries: tries[attempt.leg, default: 0])
        started.append(
            Start(
                name: name, leg: attempt.leg, number: attempt.number, time: now, attempt: attempt))
        tasks.append(
            Task(
                attempt: attempt, number: started.count, end: now.adding(seconds: script.seconds),
                outcome: script.outcome, isReported: script.isUnstartable, isDeaf: script.isDeaf))
    }

    private func checkShares(_ attempt: Attempt, _ name: String) {
        let node = state.definition(attempt.leg.node)
        let used = tasks.reduce(min(node.resources.cpus ?? 1, room.processors)) { sum, task in
            let other = state.definition(task.attempt.leg.node)
            return sum + min(other.resources.cpus ?? 1, room.processors)
        }
        let most =
            node.resources.cpus == nil ? max(room.attempts, room.processors) : room.processors
        check(used <= most, "\(name) makes it \(used) processors of \(room)")
        if let pool = node.pool {
            let others = tasks.count { state.definition($0.attempt.leg.node).pool == pool }
            check(others < places.held(pool), "\(name) has no place in \(pool)")
        }
        let frame = state.frames[state.nodes[attempt.leg.node].frame]
        check(
            state.frames[0].workflow.concurrency == nil || places.held("group:g") == 1,
            "\(name) of \(frame.workflow.name) started without the group")
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
        learn()
        let times = tasks.map(\.end) + [deadline, cancelAt, desk.next(state)].compactMap { $0 }
        guard let next = times.min() else {
            violations.append("the run waits for nothing")
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

    /// What must be journaled before an attempt starts: all of the nodes it needs, of its own node and
    /// of its own leg, and what the run as a whole has been told.
    private func depends(_ attempt: Attempt, on event: Event) -> Bool {
        guard let node = event.draft.node else { return true }
        if state.graph.needs[attempt.leg.node].map({ state.paths[$0] }).contains(node) {
            return true
        }
        guard node == attempt.nodeID else { return false }
        return event.draft.leg == nil || event.draft.leg == attempt.leg.leg
    }

    private func check(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { violations.append(violation()) }
    }

    private func name(_ attempt: Attempt) -> String {
        attempt.nodeID + (attempt.isMatrix ? "[\(attempt.leg.leg)]" : "")
            + (attempt.number > 1 ? "#\(attempt.number)" : "")
    }

    /// A run that had ended badly goes on: what did not succeed may run again.
    private func reopen() {
        for (place, node) in state.nodes.enumerated() where node.settlement == nil {
            settled.remove(state.paths[place])
            // Nodes behind an open one are looked at anew.
            let isNew = node.phase == .waiting
            done = done.filter { $0.key.node != place || ($0.value && !isNew) }
        }
    }

    /// Reads on in the log.
    private func learn() {
        for event in log.events[known...] {
            let wasOver = state.status.isFinal
            state.apply(event)
            if wasOver, event.type == EventType.runResumed { reopen() }
            guard let id = event.draft.node, let node = state.place(of: id) else { continue }
            let leg = LegID(node: node, leg: event.draft.leg ?? 0)
            switch event.type {
            case EventType.nodeFinished: settled.insert(id)
            case EventType.nodeExpanded: widths[node] = event.data["max_parallel"]?.intValue
            case EventType.attemptFinished where event.data["lost"] != true:
                tries[leg, default: 0] += 1
                if event.data["retry_ms"] == nil { done[leg] = event.data["result"] == "success" }
            default: break
            }
        }
        known = log.events.count
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
