internal import FlowJSON

/// Taking a run up again: after the old events nothing runs, and what is open may go on.
extension Scheduler {
    mutating func takeUp() {
        touched = []
        touchedFrames = []
        toCancel = []
        stopping = []
        cancelledFrames = []
        gates = OpenGates()
        recallable = []
        held = []
        readyBefore = []
        starts = StartQueue()
        starts.grow(by: state.graph.height[...])
        takeUp(frame: 0)
        if state.isCancelling { cancel(frame: 0) }
    }

    /// Lets a workflow go on. Of one that has begun anew, what there was before stays as it is.
    private mutating func takeUp(frame: Int) {
        if frame > 0, state.frames[frame].openNodes == 0 { touchedFrames.append(frame) }
        for place in state.frames[frame].nodes {
            let node = state.nodes[place]
            switch node.phase {
            case .expanded:
                touched.append(LegID(node: place, leg: 0))
                if let gate = node.gate, node.legs.first?.phase == .waiting {
                    gates.add(place, until: gate.deadline)
                } else {
                    takeUp(place, node)
                }
            case .waiting, .ready: if node.unmet == 0 { readyBefore.append(place) }
            case .settled: break
            }
        }
    }

    private mutating func takeUp(_ place: Int, _ node: RunState.NodeState) {
        // A workflow that had begun goes on without being started.
        let begun = node.legs.compactMap { $0.phase == .running ? $0.frame : nil }
        let first = begun.prefix(node.maxParallel ?? begun.count)
        starts.begin(place, running: first.count)
        for (index, leg) in node.legs.enumerated() {
            if case .retrying(let time) = leg.phase {
                starts.add(LegID(node: place, leg: index), at: time)
            }
        }
        for frame in first { takeUp(frame: frame) }
        for frame in begun.dropFirst(first.count) { hold(frame) }
    }

    // MARK: Workflows that wait for their turn

    /// Lets a workflow wait: several legs of one matrix that had ended badly are more than may run at
    /// once. Its gates stay open to people.
    private mutating func hold(_ frame: Int) {
        held.insert(frame)
        for place in state.frames[frame].nodes where state.nodes[place].phase == .expanded {
            let node = state.nodes[place]
            if let gate = node.gate { gates.add(place, until: gate.deadline) }
            for leg in node.legs where leg.phase == .running {
                if let inner = leg.frame { hold(inner) }
            }
        }
    }

    func isHeld(_ place: Int) -> Bool {
        !held.isEmpty && held.contains(state.nodes[place].frame)
    }

    /// Whether the leg was a workflow that had not gone on: its gates were all it waited for.
    mutating func letGo(_ leg: LegID) -> Bool {
        guard !held.isEmpty, state.nodes[leg.node].legs.indices.contains(leg.leg) else {
            return false
        }
        return state.nodes[leg.node].legs[leg.leg].frame.map { held.remove($0) != nil } ?? false
    }

    /// A leg of the node has ended: the first workflow that waits for its turn goes on.
    mutating func goOnWithNext(of place: Int) {
        guard !held.isEmpty, !isHeld(place), !stopping.contains(place) else { return }
        let frame = state.nodes[place].legs.lazy.compactMap { leg in
            leg.phase == .running ? leg.frame : nil
        }.first(where: held.contains)
        guard let frame else { return }
        starts.goOn(place)
        release(frame)
        takeUp(frame: frame)
    }

    /// Takes back what `hold` did.
    private mutating func release(_ frame: Int) {
        held.remove(frame)
        for place in state.frames[frame].nodes where state.nodes[place].phase == .expanded {
            for leg in state.nodes[place].legs where leg.phase == .running {
                if let inner = leg.frame { release(inner) }
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
