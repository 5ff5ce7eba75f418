internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

/// Reads from the log what a leg waited for: what else ran then, and what there was room for.
///
/// The log does not say when places were asked for and given, so what it tells of decides first: the
/// lanes, the processors and the pools that the run's own attempts had. Where none of them explains a
/// wait, it was for places that other runs had.
struct WaitReader {
    private let state: RunState
    private let place: Int
    private let node: Node
    private let ready: Timestamp
    private let poolSize: Int

    // What the log has told so far.
    private var room: AttemptRoom?
    private var running: [LegID: Node] = [:]
    private var usedCPUs = 0
    private var usedPools: [String: Int] = [:]
    private var ownLegs = 0
    /// Legs that are ready and say how many processors they want, by node.
    private var wanting: [Int: Int] = [:]
    private var hasStarted = false
    /// What it may have waited for at each time, and for how many microseconds.
    private var spans: [Span] = []

    private struct Span {
        let length: Int64
        /// What is asked first in front; never empty.
        let waits: [Wait]
        /// Whether nothing that the log tells of was in the way.
        var isGuess = false

        /// Between the end of one attempt and the start of the next there is always a moment.
        var isMoment: Bool { isGuess && length < 50_000 }
    }

    /// - Parameters:
    ///   - ready: when the node was ready.
    ///   - room: what the run's attempts shared, where its log does not say.
    init(_ state: RunState, _ place: Int, ready: Timestamp, room: AttemptRoom?) {
        self.state = state
        self.place = place
        self.ready = ready
        self.room = room
        node = state.definition(place)
        let pools = node.pool == nil ? [] : state.frames[0].workflow.allPools
        poolSize = pools.first { [node] in $0.name == node.pool }?.size ?? 1
    }

    /// What it waited for until its start, in order, with microseconds.
    /// - Parameter events: those before its start, and that one.
    mutating func waits(in events: ArraySlice<Event>) -> [(wait: Wait, length: Int64)] {
        var last = events.first?.time ?? ready
        for event in events {
            let from = max(last, ready)
            if event.time > from {
                let length = event.time.microseconds - from.microseconds
                spans.append(
                    event.type == EventType.runResumed
                        ? Span(length: length, waits: [Wait(kind: .resumption)]) : span(length))
            }
            last = event.time
            take(event)
        }
        return Self.told(spans)
    }

    /// What it waits for after these events.
    mutating func wait(after events: ArraySlice<Event>) -> Wait {
        for event in events { take(event) }
        return span(0).waits[0]
    }

    /// Of several things at once the one counts that it waited for last; of those that had it, those
    /// that had it longest.
    private static func told(_ spans: [Span]) -> [(wait: Wait, length: Int64)] {
        var told: [(wait: Wait, length: Int64)] = []
        var longest: Int64 = 0
        for span in spans.reversed() {
            let same = told.last.flatMap { last in span.waits.first { $0.isSame(as: last.wait) } }
            if same == nil, !span.isMoment {
                told.append((span.waits[0], span.length))
                longest = span.length
                continue
            }
            guard !told.isEmpty else { continue }
            if let same, span.length > longest { told[told.count - 1].wait = same }
            told[told.count - 1].length += span.length
            longest = max(longest, span.length)
        }
        return told.reversed()
    }

    // MARK: The log

    private mutating func take(_ event: Event) {
        switch event.type {
        case EventType.runStarted, EventType.runResumed:
            room = AttemptRoom(event.data) ?? room
            (running, usedCPUs, usedPools, ownLegs) = ([:], 0, [:], 0)
            hasStarted = false
        case EventType.nodeReady, EventType.attemptStarted, EventType.attemptFinished:
            guard let path = event.draft.node, let place = state.place(of: path) else { return }
            take(event, of: place)
        default: break
        }
    }

    private mutating func take(_ event: Event, of place: Int) {
        let node = state.definition(place)
        let leg = LegID(node: place, leg: event.draft.leg ?? 0)
        if case .workflow = node.work { return countOwn(event, place) }
        switch event.type {
        case EventType.nodeReady where node.resources.cpus != nil:
            wanting[place] = event.data["legs"]?.intValue ?? 1
        case EventType.attemptStarted:
            hasStarted = true
            if event.draft.attempt == 1, let rest = wanting[place] { wanting[place] = rest - 1 }
            guard running.updateValue(node, forKey: leg) == nil else { return }
            add(node, 1)
        case EventType.attemptFinished:
            guard running.removeValue(forKey: leg) != nil else { return }
            add(node, -1)
        default: break
        }
        countOwn(event, place)
    }

    private mutating func add(_ node: Node, _ sign: Int) {
        usedCPUs += sign * share(of: node)
        if let pool = node.pool { usedPools[pool, default: 0] += sign }
    }

    private mutating func countOwn(_ event: Event, _ place: Int) {
        guard place == self.place else { return }
        if event.type == EventType.attemptStarted { ownLegs += 1 }
        if event.type == EventType.attemptFinished { ownLegs = max(0, ownLegs - 1) }
    }

    private func share(of node: Node) -> Int { room?.share(of: node) ?? node.resources.cpus ?? 1 }

    // MARK: What is in the way now

    /// All that is in the way for so many microseconds.
    private func span(_ length: Int64) -> Span {
        if let group = state.frames[0].workflow.concurrency, !hasStarted {
            var wait = Wait(kind: .group)
            if case .literal(let name) = group.group { wait.detail = name.environmentText }
            return Span(length: length, waits: [wait])
        }
        let known = [laneWait, legsWait, poolWait, cpusWait].compactMap(\.self)
        if !known.isEmpty { return Span(length: length, waits: known) }
        let guess =
            node.pool.map { Wait(kind: .pool, detail: $0) } ?? turnWait
            ?? Wait(kind: node.cache == nil ? .flow : .cache)
        return Span(length: length, waits: [guess], isGuess: true)
    }

    private var laneWait: Wait? {
        guard let room, running.count >= room.attempts else { return nil }
        return Wait(kind: .lane, detail: "\(room.attempts)", holders: names { _ in true })
    }

    private var legsWait: Wait? {
        guard let most = state.nodes[place].maxParallel, ownLegs >= most else { return nil }
        return Wait(kind: .legs, detail: "\(most)")
    }

    private var poolWait: Wait? {
        guard let pool = node.pool, let used = usedPools[pool],
            used >= poolSize
        else { return nil }
        return Wait(kind: .pool, detail: pool, holders: names { $0.pool == pool })
    }

    private var cpusWait: Wait? {
        guard let room, !room.fits(node, beside: usedCPUs) else { return nil }
        let share = room.share(of: node)
        return Wait(
            kind: .cpus, detail: "it takes \(share) of \(room.processors)",
            holders: names { _ in true })
    }

    private var turnWait: Wait? {
        guard let room else { return nil }
        let before = wanting.keys.sorted().filter { other in
            other != place && wanting[other, default: 0] > 0
                && !room.fits(state.definition(other), beside: usedCPUs)
        }
        guard !before.isEmpty else { return nil }
        return Wait(kind: .turn, holders: before.map { state.paths[$0] })
    }

    private func names(_ isWanted: (Node) -> Bool) -> [String] {
        running.filter { isWanted($0.value) }.keys
            .sorted { ($0.node, $0.leg) < ($1.node, $1.leg) }
            .map {
                NodeAddress(place: $0.node, leg: state.nodes[$0.node].isMatrix ? $0.leg : nil)
                    .text(in: state)
            }
    }
}

extension Wait {
    /// Whether it is the same thing, whoever had it.
    fileprivate func isSame(as other: Wait) -> Bool {
        kind == other.kind && detail == other.detail
    }
}
