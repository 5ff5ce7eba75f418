package import FlowJSON
internal import FlowSpec
internal import FlowSystem

extension Scheduler {
    /// The draft that asks people to decide.
    func request(_ gate: Gate, _ node: Node, _ place: Int, _ contexts: ContextBuilder)
        throws(ExpressionError) -> EventDraft
    {
        var data: JSONObject = [
            "via": .array(gate.via.map { .string($0.rawValue) }),
            "reviewers": .array(gate.reviewers.map(JSON.string)),
            "quorum": .integer(gate.quorum),
        ]
        if let timeout = gate.timeout {
            data["timeout_ms"] = .integer(timeout.milliseconds)
            data["on_timeout"] = .string(gate.onTimeout.rawValue)
        }
        let branches = try contexts.branches(gate, node, place, state)
        if !branches.isNull { data["branches"] = branches }
        return EventDraft(EventType.approvalRequested, node: state.paths[place], data: data)
    }

    /// The drafts for somebody's word on a gate; none where it is not open (any more), or where the
    /// same person has approved already.
    package func decided(
        _ path: String, _ verdict: GateVerdict, by: String, via: String, form: JSONObject = [:]
    ) -> [EventDraft] {
        guard let place = state.place(of: path), gates.contains(place),
            let gate = state.nodes[place].gate, gate.ending == nil
        else { return [] }
        if verdict == .approved, Person(by).map(gate.hasApproved) == true { return [] }
        return [.decision(on: path, verdict, by: by, via: via, form: form)]
    }

    /// The drafts for what git says of a gate's branches: what is new of it, and the approval where
    /// all are merged.
    package func looked(_ path: String, _ look: MergeLook) -> [EventDraft] {
        let isKnown = state.place(of: path).map { state.nodes[$0].gate?.merges == look } ?? true
        let news = EventDraft(EventType.approvalChecked, node: path, data: look.data)
        guard look.isMerged else { return isKnown ? [] : [news] }
        let via = Gate.Channel.gitMerge.rawValue
        return (isKnown ? [] : [news]) + decided(path, .approved, by: "git", via: via)
    }

    /// The gates that wait for branches to be merged: their paths, and what was seen last.
    package var mergeGates: [(path: String, known: MergeLook)] {
        gates.open.sorted().compactMap { place in
            guard let gate = state.nodes[place].gate, gate.ending == nil else { return nil }
            return gate.merges.map { (state.paths[place], $0) }
        }
    }

    /// The drafts for gates of which the time is over.
    mutating func expireGates(at now: Timestamp) -> [EventDraft] {
        gates.expired(at: now).flatMap { place -> [EventDraft] in
            guard case .approve(let gate) = state.definition(place).work else { return [] }
            let verdict: GateVerdict =
                switch gate.onTimeout {
                case .approve: .approved
                case .reject: .rejected
                case .fail: .expired
                }
            return decided(
                state.paths[place], verdict, by: GateState.clock, via: GateState.clock)
        }
    }

    /// The drafts that end a gate; nil where it is no gate or still open.
    func gateSettlement(_ place: Int) -> [EventDraft]? {
        guard case .approve(let gate) = state.definition(place).work,
            let (result, reason) = state.nodes[place].gate?.ending
        else { return nil }
        guard result == .success else {
            let isTolerated = contexts(of: place)
                .isTolerated(state.definition(place), place, state)
            return [finished(place, result, reason, tolerated: isTolerated)]
        }
        let form = state.nodes[place].gate?.form(gate) ?? [:]
        let outputs = form.members.map { name, value in
            EventDraft(
                EventType.nodeOutput, node: state.paths[place],
                data: ["name": .string(name), "value": value])
        }
        return outputs + [finished(place, result, reason)]
    }

    /// Whether nothing is left to do but to wait until somebody decides.
    var isWaitingForPeople: Bool {
        !gates.open.isEmpty && inFlight.isEmpty && starts.isEmpty && starts.nextTime == nil
    }

    /// Lets go of everything that is held, and ends flow's part for now.
    mutating func waitForPeople() -> Step {
        if let step = places.releaseAll() { return step }
        if state.status == .waiting { return .finished(.waiting) }
        let paths = gates.open.sorted().map { JSON.string(state.paths[$0]) }
        return .record([EventDraft(EventType.runWaiting, data: ["nodes": .array(paths)])])
    }
}

extension EventDraft {
    /// Somebody's word on a gate, for a log that nobody else writes now.
    package static func decision(
        on path: String, _ verdict: GateVerdict, by: String, via: String, form: JSONObject
    ) -> EventDraft {
        var data: JSONObject = [
            "via": .string(via), "by": .string(by), "verdict": .string(verdict.rawValue),
        ]
        if !form.isEmpty { data["form"] = .object(form) }
        return EventDraft(EventType.approvalDecided, node: path, data: data)
    }
}

/// The gates of which nobody has decided yet.
struct OpenGates {
    private(set) var open: Set<Int> = []
    private var deadlines = PriorityQueue<Deadline>()

    private struct Deadline: Comparable {
        let time: Timestamp
        let place: Int

        static func < (one: Deadline, other: Deadline) -> Bool {
            (one.time, one.place) < (other.time, other.place)
        }
    }

    func contains(_ place: Int) -> Bool { open.contains(place) }

    mutating func add(_ place: Int, until deadline: Timestamp?) {
        open.insert(place)
        if let deadline { deadlines.insert(Deadline(time: deadline, place: place)) }
    }

    mutating func remove(_ place: Int) { open.remove(place) }

    /// When the time of the first one is over.
    var nextDeadline: Timestamp? { deadlines.first?.time }

    /// Takes out the open gates of which the time is over.
    mutating func expired(at now: Timestamp) -> [Int] {
        var places: [Int] = []
        while let first = deadlines.first, first.time <= now || !open.contains(first.place) {
            if open.contains(first.place) { places.append(first.place) }
            _ = deadlines.popFirst()
        }
        return places
    }
}
