internal import FlowJSON
package import FlowSpec

/// What of an earlier run a new one takes over, and what it does anew. Pure.
///
/// Anew runs what did not succeed, what is named, and everything behind either. A matrix node keeps
/// its finished legs, a workflow that is a node what is finished inside it. What is kept is kept as
/// it was, whatever params say now.
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
    ///   - redo: nodes and legs that run anew; empty: what did not succeed or, in a run that
    ///     succeeded, everything.
    package init(
        _ events: [Event], _ state: RunState, run: String, workflow: Workflow, redo: [NodeAddress]
    ) {
        guard !redo.isEmpty || state.status != .success else {
            drafts = []
            kept = []
            return
        }
        var choice = RetryChoice(state, redo: redo)
        choice.choose(0, of: workflow, wasCancelled: state.status == .cancelled)
        drafts = Self.copies(events, state, choice, run: run)
        kept = state.nodes.indices.filter { choice.fates[$0] == .kept }.map { state.paths[$0] }
    }

    private static func copies(
        _ events: [Event], _ state: RunState, _ choice: RetryChoice, run: String
    ) -> [EventDraft] {
        var last: [Place: Int] = [:]
        for (index, event) in events.enumerated() {
            guard let place = event.draft.node.flatMap(state.place) else { continue }
            last[Place(node: place, type: event.type)] = index
            last[Place(node: place, type: event.type, leg: event.draft.leg ?? 0)] = index
        }
        return events.enumerated().compactMap { index, event -> EventDraft? in
            guard let place = event.draft.node.flatMap(state.place),
                let fate = choice.fates[place], fate != .anew
            else { return nil }
            let latest = { (type: String) in last[Place(node: place, type: type)] ?? -1 }
            switch event.type {
            case EventType.nodeReady, EventType.nodeExpanded, EventType.approvalRequested:
                return index == latest(event.type) ? event.draft : nil
            case EventType.approvalChecked, EventType.approvalDecided:
                return index > latest(EventType.approvalRequested) ? event.draft : nil
            case EventType.nodeFinished:
                guard fate == .kept, index == latest(event.type) else { return nil }
                return event.draft.kept(from: run)
            case EventType.attemptRetrying: return nil
            case EventType.attemptFinished:
                // A workflow that was taken up again has ended twice in one attempt.
                let end = Place(node: place, type: event.type, leg: event.draft.leg ?? 0)
                guard index == last[end] else { return nil }
                return copy(event.draft, of: place, state, choice, run: run)
            default: return copy(event.draft, of: place, state, choice, run: run)
            }
        }
    }

    /// The event of a leg's last attempt, where the leg is kept or goes on inside.
    private static func copy(
        _ draft: EventDraft, of place: Int, _ state: RunState, _ choice: RetryChoice, run: String
    ) -> EventDraft? {
        let leg = draft.leg ?? 0
        guard state.nodes[place].legs.indices.contains(leg),
            // The outputs of a gate belong to no attempt.
            draft.attempt ?? 0 == state.nodes[place].legs[leg].attempts
        else { return nil }
        let id = LegID(node: place, leg: leg)
        if choice.continued.contains(id) {
            return draft.type == EventType.attemptStarted ? draft : nil
        }
        guard choice.fates[place] == .kept || choice.keptLegs.contains(id) else { return nil }
        return draft.type == EventType.attemptFinished ? draft.kept(from: run) : draft
    }

    private struct Place: Hashable {
        let node: Int
        let type: String
        /// nil: of the node as a whole.
        var leg: Int?
    }
}

extension EventDraft {
    /// The same with the run from which it is kept; the first one, where it is kept once more.
    fileprivate func kept(from run: String) -> EventDraft {
        var draft = self
        if draft.data["kept_from"] == nil { draft.data["kept_from"] = .string(run) }
        return draft
    }
}

/// What becomes of each node and leg of an earlier run.
struct RetryChoice {
    enum Fate: Sendable {
        case kept, anew
        /// A matrix of which some legs are kept, or a workflow that goes on inside.
        case open
    }

    private let state: RunState
    /// Of the nodes of workflows that are looked into.
    private(set) var fates: [Int: Fate] = [:]
    /// Of nodes that are open.
    private(set) var keptLegs: Set<LegID> = []
    /// Legs that are workflows which go on inside.
    private(set) var continued: Set<LegID> = []
    private var wholes: Set<Int> = []
    private var named: Set<LegID> = []
    /// Legs inside which something is named.
    private var entered: Set<LegID> = []

    init(_ state: RunState, redo: [NodeAddress]) {
        self.state = state
        for address in redo {
            if let leg = address.leg {
                named.insert(LegID(node: address.place, leg: leg))
            } else {
                wholes.insert(address.place)
            }
            var frame = state.nodes[address.place].frame
            while let parent = state.frames[frame].parent {
                entered.insert(parent)
                frame = state.nodes[parent.node].frame
            }
        }
    }

    /// - Parameters:
    ///   - frame: a workflow of the earlier run.
    ///   - workflow: what stands for it in the new one.
    mutating func choose(_ frame: Int, of workflow: Workflow, wasCancelled: Bool) {
        let nodes = Dictionary(
            workflow.nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for place in order(of: frame) {
            let old = state.definition(place)
            guard let new = nodes[old.id], new.needs == old.needs,
                state.graph.needs[place].allSatisfy({ fates[$0] == .kept })
            else {
                fates[place] = .anew
                continue
            }
            let fate = fate(of: place, new, wasCancelled: wasCancelled)
            fates[place] = fate
            if fate == .kept { state.nodes[place].legs.forEach { keepInside($0) } }
        }
    }

    /// What is inside a leg that is kept is kept as well.
    private mutating func keepInside(_ leg: RunState.LegState) {
        guard let frame = leg.frame else { return }
        for place in state.frames[frame].nodes {
            fates[place] = .kept
            state.nodes[place].legs.forEach { keepInside($0) }
        }
    }

    /// The nodes of a workflow, each behind what it needs.
    private func order(of frame: Int) -> [Int] {
        let range = state.frames[frame].nodes
        var unmet = range.map { state.graph.needs[$0].count }
        var order = range.filter { unmet[$0 - range.lowerBound] == 0 }
        var next = 0
        while next < order.count {
            for dependent in state.graph.dependents[order[next]] {
                unmet[dependent - range.lowerBound] -= 1
                if unmet[dependent - range.lowerBound] == 0 { order.append(dependent) }
            }
            next += 1
        }
        return order
    }

    private mutating func fate(of place: Int, _ new: Node, wasCancelled: Bool) -> Fate {
        let node = state.nodes[place]
        if wholes.contains(place) { return .anew }
        let legs = node.legs.indices.map { LegID(node: place, leg: $0) }
        let isNamed = legs.contains { named.contains($0) || entered.contains($0) }
        if let settlement = node.settlement, !isNamed {
            switch settlement.result {
            case .success: return .kept
            case .failure where settlement.isTolerated: return .kept
            case .skipped where settlement.isTolerated || !wasCancelled: return .kept
            default: break
            }
        }
        guard !legs.isEmpty, node.gate == nil, node.isMatrix == (new.matrix != nil) else {
            return .anew
        }
        for leg in legs { choose(leg, new) }
        return legs.contains { keptLegs.contains($0) || continued.contains($0) } ? .open : .anew
    }

    private mutating func choose(_ id: LegID, _ new: Node) {
        let leg = state.nodes[id.node].legs[id.leg]
        if named.contains(id) { return }
        if leg.phase == .settled, leg.result == .success, !entered.contains(id) {
            keptLegs.insert(id)
            keepInside(leg)
            return
        }
        guard let frame = leg.frame, case .workflow(let inner, _) = new.work else { return }
        continued.insert(id)
        choose(frame, of: inner.workflow, wasCancelled: leg.result == .cancelled)
    }
}
