internal import FlowJSON
internal import FlowSpec

extension Scheduler {
    /// The drafts for somebody's wish that the run end: running nodes are ended and those that have
    /// not begun are skipped, unless their condition holds in a cancelled run (as on GitHub:
    /// `always()`, `cancelled()`).
    package func cancelling(by: String) -> [EventDraft] {
        guard !state.isCancelling, !state.status.isFinal else { return [] }
        return [EventDraft(EventType.runCancelling, data: ["by": .string(by)])]
    }

    /// Ends one workflow, and those that are nodes of it.
    mutating func cancel(frame: Int) {
        guard cancelledFrames.insert(frame).inserted else { return }
        for place in state.frames[frame].nodes
        where state.nodes[place].phase == .expanded && !goesOnCancelled(place) {
            stop(place)
            cancelRunning(of: place)
        }
    }

    private func goesOnCancelled(_ place: Int) -> Bool {
        let node = state.definition(place)
        guard node.condition?.usesStatusFunction == true else { return false }
        let reason = try? contexts(of: place).skipReason(node, place, state, isCancelled: true)
        return reason == .some(.none)
    }

    mutating func cancelRunning(of place: Int) {
        toCancel += inFlight.filter { $0.node == place }.sorted { $0.leg < $1.leg }
        for leg in state.nodes[place].legs where leg.phase == .running {
            if let frame = leg.frame { cancel(frame: frame) }
        }
    }

    // MARK: Taking a run up again

    /// After the old events: nothing runs, and legs of open nodes may start.
    mutating func takeUp() {
        touched = []
        touchedFrames = []
        toCancel = []
        stopping = []
        cancelledFrames = []
        gates = OpenGates()
        recallable = []
        starts = StartQueue()
        starts.grow(state.graph.height)
        for frame in state.frames.indices.dropFirst() where state.frames[frame].openNodes == 0 {
            touchedFrames.append(frame)
        }
        for (place, node) in state.nodes.enumerated() where node.phase == .expanded {
            touched.append(LegID(node: place, leg: 0))
            if let gate = node.gate, node.legs.first?.phase == .waiting {
                gates.add(place, until: gate.deadline)
            } else {
                takeUp(place, node)
            }
        }
        if state.isCancelling { cancel(frame: 0) }
    }

    private mutating func takeUp(_ place: Int, _ node: RunState.NodeState) {
        // A workflow that had begun goes on without being started.
        starts.begin(place, running: node.legs.count { $0.frame != nil && $0.phase == .running })
        for (index, leg) in node.legs.enumerated() {
            if case .retrying(let time) = leg.phase {
                starts.add(LegID(node: place, leg: index), at: time)
            }
        }
    }

    /// The drafts for attempts that the log saw begin and not end: flow was killed meanwhile. They
    /// run again. Call it once, after the old events.
    package func lostAttempts() -> [EventDraft] {
        var drafts: [EventDraft] = []
        for (place, node) in state.nodes.enumerated() where node.phase == .expanded {
            for (index, leg) in node.legs.enumerated()
            where leg.phase == .running && leg.frame == nil {
                drafts.append(
                    draft(
                        EventType.attemptFinished, LegID(node: place, leg: index), leg.attempts,
                        [
                            "lost": true, "exit": nil, "signal": nil, "duration_ms": nil,
                            "cpu_ms": nil, "max_rss_kb": nil,
                            "reason": "flow ended before it saw how this attempt ended",
                        ]
                    ))
            }
        }
        return drafts
    }
}
