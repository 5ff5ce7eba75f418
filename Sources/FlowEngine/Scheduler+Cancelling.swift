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
        do throws(ExpressionError) {
            return try contexts(of: place).skipReason(node, place, state, isCancelled: true) == nil
        } catch {
            return false
        }
    }

    mutating func cancelRunning(of place: Int) {
        toCancel += inFlight.filter { $0.node == place }.sorted { $0.leg < $1.leg }
        for leg in state.nodes[place].legs where leg.phase == .running {
            // One that has not gone on need not be ended.
            if let frame = leg.frame, !held.contains(frame) { cancel(frame: frame) }
        }
    }
}
