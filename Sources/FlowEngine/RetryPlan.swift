internal import FlowJSON
package import FlowSpec

/// What of an earlier run a new one takes over, and what it does anew. Pure, but for reading by
/// content.
///
/// Anew runs what did not succeed, what is named, and everything behind either. What is finished is
/// kept as it was, whatever params say now. What is not is evaluated with the params of the new run:
/// conditions, the params of a workflow that goes on inside, and a matrix, whose finished legs are
/// kept where the new one has a leg with the same key and values.
package struct RetryPlan: Sendable {
    /// The events that the new log takes over, in order; to be followed by `run.resumed`.
    package let drafts: [EventDraft]
    /// Paths of the nodes that are kept whole, in the order of the run.
    package let kept: [String]

    /// - Parameters:
    ///   - events: those of the earlier run.
    ///   - state: what they come to.
    ///   - run: its id.
    ///   - workflow: what the new run carries out; it may differ from the earlier one's.
    ///   - contexts: what the new run's expressions look at.
    ///   - redo: nodes and legs that run anew; empty: what did not succeed or, in a run that
    ///     succeeded, everything.
    package init(
        _ events: [Event], _ state: RunState, run: String, workflow: Workflow,
        contexts: ContextBuilder, redo: [NodeAddress]
    ) {
        guard !redo.isEmpty || state.status != .success else {
            drafts = []
            kept = []
            return
        }
        var choice = RetryChoice(state, redo: redo)
        choice.choose(workflow, contexts)
        let copier = EventCopier(state, choice, run: run, last: Self.last(events, state))
        drafts = events.enumerated().compactMap { copier.copy($1.draft, at: $0) }
        kept = state.nodes.indices.filter { choice.fates[$0] == .kept }.map { choice.new.paths[$0] }
    }

    /// Where the last event of each type stands, of each node and of each leg.
    private static func last(_ events: [Event], _ state: RunState) -> [EventCopier.Place: Int] {
        var last: [EventCopier.Place: Int] = [:]
        for (index, event) in events.enumerated() {
            guard let place = event.draft.node.flatMap(state.place) else { continue }
            last[EventCopier.Place(node: place, type: event.type)] = index
            last[
                EventCopier.Place(node: place, type: event.type, leg: event.draft.leg ?? 0)] =
                index
        }
        return last
    }
}

/// Makes the events of an earlier run those of a new one.
private struct EventCopier {
    struct Place: Hashable {
        let node: Int
        let type: String
        /// nil: of the node as a whole.
        var leg: Int?
    }

    private let state: RunState
    private let choice: RetryChoice
    private let run: String
    private let last: [Place: Int]

    init(_ state: RunState, _ choice: RetryChoice, run: String, last: [Place: Int]) {
        self.state = state
        self.choice = choice
        self.run = run
        self.last = last
    }

    /// - Parameter index: where the event stands in the earlier run's log.
    /// - Returns: nil where the new run does not take it over.
    func copy(_ draft: EventDraft, at index: Int) -> EventDraft? {
        guard let place = draft.node.flatMap(state.place), let fate = choice.fates[place],
            fate != .anew
        else { return nil }
        let latest = { (type: String) in last[Place(node: place, type: type)] ?? -1 }
        switch draft.type {
        case EventType.nodeReady, EventType.nodeExpanded:
            guard index == latest(draft.type) else { return nil }
            return moved(draft, place, leg: nil, data: expansion(draft, place))
        case EventType.approvalRequested:
            return index == latest(draft.type) ? moved(draft, place, leg: nil) : nil
        case EventType.approvalChecked, EventType.approvalDecided:
            return index > latest(EventType.approvalRequested)
                ? moved(draft, place, leg: nil) : nil
        case EventType.nodeFinished:
            guard fate == .kept, index == latest(draft.type) else { return nil }
            return kept(moved(draft, place, leg: nil))
        case EventType.attemptRetrying: return nil
        case EventType.attemptFinished:
            // A workflow that was taken up again has ended twice in one attempt.
            let end = Place(node: place, type: draft.type, leg: draft.leg ?? 0)
            return index == last[end] ? copy(attempt: draft, of: place) : nil
        default: return copy(attempt: draft, of: place)
        }
    }

    /// What the matrix of an open node comes to now.
    private func expansion(_ draft: EventDraft, _ place: Int) -> JSONObject? {
        guard let expansion = choice.expansions[place] else { return nil }
        return draft.type == EventType.nodeExpanded
            ? expansion.data : ["legs": .integer(expansion.legs.count)]
    }

    /// The event of a leg's last attempt, where the leg is kept or goes on inside.
    private func copy(attempt draft: EventDraft, of place: Int) -> EventDraft? {
        let leg = draft.leg ?? 0
        guard state.nodes[place].legs.indices.contains(leg),
            // The outputs of a gate belong to no attempt.
            draft.attempt ?? 0 == state.nodes[place].legs[leg].attempts
        else { return nil }
        let isEnd = draft.type == EventType.attemptFinished
        if choice.fates[place] == .kept {
            let copy = moved(draft, place, leg: draft.leg)
            return isEnd ? kept(copy) : copy
        }
        guard let fate = choice.legs[LegID(node: place, leg: leg)] else { return nil }
        let newLeg = draft.leg.map { _ in fate.place }
        guard let params = fate.params else {
            let copy = moved(draft, place, leg: newLeg)
            return isEnd ? kept(copy) : copy
        }
        guard draft.type == EventType.attemptStarted else { return nil }
        var data = draft.data
        data["params"] = .object(params)
        return moved(draft, place, leg: newLeg, data: data)
    }

    /// The event under the path and the leg that the new run has for it.
    private func moved(_ draft: EventDraft, _ place: Int, leg: Int?, data: JSONObject? = nil)
        -> EventDraft
    {
        var data = data ?? draft.data
        let path = choice.new.paths[place]
        if draft.type == EventType.attemptFinished, data["kept_as"] == nil,
            path != draft.node || leg != draft.leg
        {
            data["kept_as"] = [
                "node": draft.node.map(JSON.string) ?? .null,
                "leg": draft.leg.map(JSON.integer) ?? .null,
            ]
        }
        return EventDraft(draft.type, node: path, leg: leg, attempt: draft.attempt, data: data)
    }

    /// The same with the run from which it is kept; the first one, where it is kept once more.
    private func kept(_ draft: EventDraft) -> EventDraft {
        var draft = draft
        if draft.data["kept_from"] == nil { draft.data["kept_from"] = .string(run) }
        return draft
    }
}
