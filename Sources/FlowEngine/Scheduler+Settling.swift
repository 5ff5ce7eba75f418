internal import FlowJSON
internal import FlowSpec

extension Scheduler {
    /// The drafts for nodes, and for workflows that are nodes, of which the last part has ended.
    mutating func settleTouched() -> [EventDraft] {
        var drafts: [EventDraft] = []
        // What fails ends others, which are touched by that; and a workflow must know that it was
        // ended before it is asked how it ended.
        var done: Set<Int> = []
        while let place = touched.popLast()?.node {
            guard state.nodes[place].phase == .expanded, !done.contains(place) else { continue }
            let ending = settled(place)
            if !ending.isEmpty { done.insert(place) }
            drafts += ending
        }
        for frame in touchedFrames { drafts += frameEnding(frame) }
        touchedFrames = []
        return drafts
    }

    private mutating func settled(_ place: Int) -> [EventDraft] {
        if let gate = gateSettlement(place) { return gate }
        stopIfFailed(place)
        let isStopped = stopping.contains(place) && starts.running(place) == 0
        guard state.nodes[place].openLegs == 0 || isStopped else { return [] }
        stopping.insert(place)
        starts.close(place)
        return [settlement(place)]
    }

    /// The first leg that fails ends the others of its matrix.
    private mutating func stopIfFailed(_ place: Int) {
        guard state.nodes[place].isMatrix, state.nodes[place].failFast,
            state.nodes[place].hasFailed, !stopping.contains(place)
        else { return }
        stop(place)
        cancelRunning(of: place)
    }

    mutating func stop(_ place: Int) {
        stopping.insert(place)
        starts.close(place)
        touched.append(LegID(node: place, leg: 0))
    }

    private func settlement(_ place: Int) -> EventDraft {
        let node = state.nodes[place]
        let settled = node.legs.filter { $0.phase == .settled }
        let failed = settled.filter { $0.result == .failure }
        let isTolerated = !failed.isEmpty && failed.allSatisfy(\.isTolerated)
        let isWhole = settled.count == node.legs.count
        let result: NodeResult =
            !failed.isEmpty
            ? .failure
            : !isWhole || settled.contains { $0.result == .cancelled } ? .cancelled : .success
        var draft = finished(
            place, result, reason(node, result, failed.count), tolerated: isTolerated)
        if isWhole, let from = node.legs.first?.cachedFrom,
            node.legs.allSatisfy({ $0.cachedFrom != nil })
        {
            draft.data["cached_from"] = .string(from)
        }
        return draft
    }

    private func reason(_ node: RunState.NodeState, _ result: NodeResult, _ failed: Int) -> String {
        if !node.isMatrix, let leg = node.legs.first, leg.phase == .settled { return leg.reason }
        switch result {
        case .failure:
            let first = node.legs.first { $0.result == .failure }
            return "\(failed) of \(node.legs.count) legs failed, the first (\(first?.key ?? "")): "
                + (first?.reason ?? "")
        case .cancelled: return "it was cancelled"
        default: return node.legs.isEmpty ? "its matrix is empty" : "all legs succeeded"
        }
    }

    // MARK: Workflows that are nodes

    /// How a workflow whose nodes are settled ended, and with which outputs.
    func ending(of frame: Int) -> (status: RunStatus, reason: String, outputs: JSONObject) {
        let outputs = contexts[frame].outputs(of: state.frames[frame], state)
        var failed: Int?
        var cancelled: Int?
        for place in state.frames[frame].nodes {
            guard let settlement = state.nodes[place].settlement else { continue }
            if settlement.result == .failure, !settlement.isTolerated { failed = failed ?? place }
            // A cancelled node without a cancel is one of before the run was resumed.
            if settlement.result == .cancelled { cancelled = cancelled ?? place }
        }
        if cancelledFrames.contains(frame) || cancelled != nil {
            return (.cancelled, "it was cancelled", outputs.values)
        }
        guard let failed else {
            // What a node that did not succeed would have given may be missed.
            guard let failure = outputs.failure, state.hasSucceeded(frame: frame) else {
                return (.success, "", outputs.values)
            }
            return (.failure, failure, outputs.values)
        }
        return (
            .failure,
            "\(state.paths[failed]) failed: \(state.nodes[failed].settlement?.reason ?? "")",
            outputs.values
        )
    }

    /// The drafts for the leg that a workflow is, whose nodes are settled.
    private func frameEnding(_ frame: Int) -> [EventDraft] {
        guard let leg = state.frames[frame].parent,
            state.nodes[leg.node].legs[leg.leg].frame == frame,
            state.nodes[leg.node].legs[leg.leg].phase == .running,
            state.frames[frame].openNodes == 0
        else { return [] }
        let number = state.nodes[leg.node].legs[leg.leg].attempts
        let ending = ending(of: frame)
        var data: JSONObject = ["result": .string(ending.status.rawValue)]
        if !ending.reason.isEmpty { data["reason"] = .string(ending.reason) }
        var drafts: [EventDraft] = []
        if ending.status == .success {
            for (name, value) in ending.outputs.members {
                drafts.append(
                    draft(
                        EventType.nodeOutput, leg, number,
                        ["name": .string(name), "value": value]))
            }
        } else if ending.status == .failure,
            contexts(of: leg.node).isTolerated(
                state.definition(leg.node), leg.node, state, leg: leg.leg)
        {
            data["tolerated"] = true
        }
        drafts.append(draft(EventType.attemptFinished, leg, number, data))
        return drafts
    }
}
