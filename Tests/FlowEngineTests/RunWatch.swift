import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem

/// Watches from outside that a run keeps its promises: reads its log and sees what it starts.
struct RunWatch {
    private(set) var state: RunState
    /// Broken promises, in words.
    private(set) var violations: [String] = []
    /// Starts that left a matrix with as many legs as it may run at once.
    private(set) var fullMatrices = 0
    private let log: MemoryLog
    private let places: FakePlaces
    /// How many events of the log it knows.
    private var known = 0
    private var settled: Set<Int> = []
    /// Tries that have ended, by node and leg; lost ones do not count.
    private var tries: [LegID: Int] = [:]
    /// Legs whose last attempt has ended for good, and whether with success.
    private var done: [LegID: Bool] = [:]
    private var widths: [Int: Int] = [:]
    /// Matrices that a failed leg has ended.
    private var broken: Set<Int> = []

    init(_ workflow: Workflow, _ log: MemoryLog, _ places: FakePlaces) {
        self.log = log
        self.places = places
        state = RunState(workflow)
    }

    func tries(of leg: LegID) -> Int { tries[leg, default: 0] }

    mutating func violate(_ words: String) { violations.append(words) }

    private mutating func check(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { violate(violation()) }
    }

    // MARK: What it starts

    /// - Parameters:
    ///   - running: attempts that have not ended.
    ///   - room: what may run at once.
    mutating func saw(
        start attempt: Attempt, _ name: String, _ running: [Attempt], _ room: AttemptRoom
    ) {
        learn()
        for event in log.events[log.journaled...] {
            check(!depends(attempt, on: event), "\(name) started before \(event) was journaled")
        }
        check(running.count < room.attempts, "\(name) is one more than the capacity")
        check(done[attempt.leg] == nil, "\(name) had ended already")
        check(!running.contains { $0.leg == attempt.leg }, "\(name) runs twice at once")
        checkTurn(attempt.leg, name)
        checkShares(attempt, name, running, room)
        checkWidths(attempt, name, running)
        let frame = state.frames[state.nodes[attempt.leg.node].frame]
        check(
            state.frames[0].workflow.concurrency == nil || places.held("group:g") == 1,
            "\(name) of \(frame.workflow.name) started without the group")
    }

    /// Whether the leg may begin at all, whatever else runs.
    private mutating func checkTurn(_ leg: LegID, _ name: String) {
        let needs = state.graph.needs[leg.node]
        for need in needs {
            let path = state.paths[need]
            check(settled.contains(need), "\(name) started before \(path) was settled")
        }
        let asks = state.definition(leg.node).condition?.usesStatusFunction == true
        check(
            asks
                || needs.allSatisfy { state.nodes[$0].settlement?.letsDependentsGoOn == true },
            "\(name) started although a need did not succeed")
        check(!broken.contains(leg.node), "\(name) started after a leg of its matrix had failed")
        check(
            !state.isCancelling || asks
                || outer(leg.node).contains {
                    state.definition($0.node).condition?.usesStatusFunction == true
                }, "\(name) started in a cancelled run")
    }

    private mutating func checkShares(
        _ attempt: Attempt, _ name: String, _ running: [Attempt], _ room: AttemptRoom
    ) {
        let node = state.definition(attempt.leg.node)
        let used = running.reduce(min(node.resources.cpus ?? 1, room.processors)) { sum, other in
            sum + min(state.definition(other.leg.node).resources.cpus ?? 1, room.processors)
        }
        let most =
            node.resources.cpus == nil ? max(room.attempts, room.processors) : room.processors
        check(used <= most, "\(name) makes it \(used) processors of \(room)")
        if let pool = node.pool {
            let others = running.count { state.definition($0.leg.node).pool == pool }
            check(others < places.held(pool), "\(name) has no place in \(pool)")
        }
    }

    /// A workflow is a leg too, which runs while something within it does.
    private mutating func checkWidths(_ attempt: Attempt, _ name: String, _ running: [Attempt]) {
        for leg in [attempt.leg] + outer(attempt.leg.node) {
            guard let width = widths[leg.node] else { continue }
            var legs: Set<LegID> = [leg]
            for other in running {
                legs.formUnion(
                    ([other.leg] + outer(other.leg.node)).filter { $0.node == leg.node })
            }
            let path = state.paths[leg.node]
            check(
                legs.count <= width, "\(name) is one more than max-parallel \(width) of \(path)")
            if legs.count == width { fullMatrices += 1 }
        }
    }

    /// The legs that are the workflows around a node, the nearest first.
    private func outer(_ place: Int) -> [LegID] {
        var legs: [LegID] = []
        var frame = state.nodes[place].frame
        while let parent = state.frames[frame].parent {
            legs.append(parent)
            frame = state.nodes[parent.node].frame
        }
        return legs
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

    // MARK: What it says

    /// Reads on in the log.
    mutating func learn() {
        // What was there before the run was taken up was watched then, or in the run that it is of.
        let old = log.events[known...].lastIndex { $0.type == EventType.runResumed } ?? -1
        for (index, event) in zip(known..., log.events[known...]) {
            let wasOver = state.status.isFinal
            state.apply(event)
            if wasOver, event.type == EventType.runResumed { reopen() }
            guard let id = event.draft.node, let node = state.place(of: id) else { continue }
            let leg = LegID(node: node, leg: event.draft.leg ?? 0)
            if index > old, event.type == EventType.attemptStarted, event.data["params"] != nil {
                checkTurn(leg, "\(id)[\(leg.leg)]")
            }
            learn(event, leg)
        }
        known = log.events.count
    }

    private mutating func learn(_ event: Event, _ leg: LegID) {
        switch event.type {
        case EventType.nodeFinished: settled.insert(leg.node)
        case EventType.nodeExpanded: widths[leg.node] = event.data["max_parallel"]?.intValue
        case EventType.attemptFinished where event.data["lost"] != true:
            tries[leg, default: 0] += 1
            guard event.data["retry_ms"] == nil else { return }
            done[leg] = event.data["result"] == "success"
            if state.nodes[leg.node].isMatrix, state.nodes[leg.node].failFast,
                event.data["result"] == "failure", event.data["tolerated"] != true
            {
                broken.insert(leg.node)
            }
        default: break
        }
    }

    /// A run that had ended badly goes on: what did not succeed may run again.
    private mutating func reopen() {
        for (place, node) in state.nodes.enumerated() where node.settlement == nil {
            settled.remove(place)
            broken.remove(place)
            // Nodes behind an open one are looked at anew.
            let isNew = node.phase == .waiting
            done = done.filter { $0.key.node != place || ($0.value && !isNew) }
        }
    }
}
