internal import FlowJSON
package import FlowSpec
package import FlowSystem

/// Decides what happens next in a run, from what has happened: a pure state machine. It starts
/// nothing and reads no clock; the caller does what `next` says and hands the events back.
///
/// A node's end costs O(its dependents), a leg's start O(log nodes).
package struct Scheduler {
    /// What the caller is to do.
    package enum Step {
        /// Add to the log and hand the events to `apply`.
        case record([EventDraft])
        /// Journal what has been recorded, then start this.
        case start(Attempt)
        /// Ask these running attempts to end.
        case cancel([LegID])
        /// Journal, then wait for a report or for this moment.
        case wait(until: Timestamp?)
        /// The run has ended.
        case finished(RunStatus)
    }

    package let workflow: Workflow
    package let graph: Graph
    package private(set) var state: RunState
    let contexts: ContextBuilder
    /// Attempts that may run at once.
    let capacity: Int
    /// Nodes that take part; nil: all.
    private let selection: Set<Int>?

    var starts: StartQueue
    var inFlight: Set<LegID> = []
    private var touched: [LegID] = []
    private(set) var stopping: Set<Int> = []
    private var toCancel: [LegID] = []
    /// The `needs` context of matrix nodes, which every leg sees.
    private var needs: [Int: JSON] = [:]
    package private(set) var isCancelled = false

    package init(
        _ workflow: Workflow, contexts: ContextBuilder, capacity: Int, selection: Set<String>? = nil
    ) {
        self.workflow = workflow
        self.contexts = contexts
        self.capacity = capacity
        graph = Graph(workflow.nodes)
        state = RunState(workflow.nodes, graph)
        starts = StartQueue(graph.height)
        self.selection = selection.map { ids in
            Set(workflow.nodes.indices.filter { ids.contains(workflow.nodes[$0].id) })
        }
    }

    // MARK: What has happened

    /// Takes in an event of the log, a new one or, when a run is resumed, an old one.
    package mutating func apply(_ event: Event) {
        state.apply(event)
        if event.type == EventType.runResumed { takeUp() }
        guard let id = event.draft.node, let node = state.place(of: id) else { return }
        let leg = LegID(node: node, leg: event.draft.leg ?? 0)
        switch event.type {
        case EventType.nodeReady where event.data["legs"] == nil,
            EventType.nodeExpanded:
            stopping.remove(node)
            starts.begin(node)
            touched.append(leg)
        case EventType.attemptFinished:
            inFlight.remove(leg)
            starts.open(node)
            touched.append(leg)
            retry(leg)
        case EventType.nodeFinished: needs[node] = nil
        default: break
        }
    }

    /// Nodes that a resumption has opened again may start their legs.
    private mutating func takeUp() {
        for (place, node) in state.nodes.enumerated() where node.phase == .expanded {
            stopping.remove(place)
            starts.begin(place)
            touched.append(LegID(node: place, leg: 0))
        }
    }

    /// Puts a leg that is to be tried again in the queue.
    private mutating func retry(_ leg: LegID) {
        guard state.nodes[leg.node].legs.indices.contains(leg.leg) else { return }
        switch state.nodes[leg.node].legs[leg.leg].phase {
        case .pending: starts.add(again: leg)
        case .retrying(let time): starts.add(leg, at: time)
        case .running, .settled: break
        }
    }

    /// The drafts for attempts that the log saw begin and not end: flow was killed meanwhile. They
    /// run again. Call it once, after the old events.
    package func lostAttempts() -> [EventDraft] {
        var drafts: [EventDraft] = []
        for (place, node) in state.nodes.enumerated() where node.phase == .expanded {
            for (index, leg) in node.legs.enumerated() where leg.phase == .running {
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

    /// Asks the run to end: running nodes are ended and those that have not begun are skipped, unless
    /// their condition holds in a cancelled run (as on GitHub: `always()`, `cancelled()`).
    package mutating func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        for (place, node) in state.nodes.enumerated()
        where node.phase == .expanded && !goesOnCancelled(place) {
            stop(place)
            cancelRunning(of: place)
        }
    }

    private func goesOnCancelled(_ place: Int) -> Bool {
        guard workflow.nodes[place].condition?.usesStatusFunction == true else { return false }
        let reason = try? contexts.skipReason(
            workflow.nodes[place], place, state, graph, isCancelled: true)
        return reason == .some(.none)
    }

    private mutating func cancelRunning(of node: Int) {
        toCancel += inFlight.filter { $0.node == node }.sorted { $0.leg < $1.leg }
    }

    // MARK: What is to be done

    /// The next thing to do at this moment.
    package mutating func next(at now: Timestamp) -> Step {
        let settled = settleTouched()
        if !settled.isEmpty { return .record(settled) }
        let decided = decideReadied()
        if !decided.isEmpty { return .record(decided) }
        if !toCancel.isEmpty {
            defer { toCancel = [] }
            return .cancel(toCancel)
        }
        if inFlight.count < capacity, let leg = nextLeg(at: now) { return start(leg) }
        if state.openNodes == 0 { return end() }
        return .wait(until: inFlight.count < capacity ? starts.nextTime : nil)
    }

    private mutating func end() -> Step {
        if state.status.isFinal { return .finished(state.status) }
        let failed = state.nodes.contains {
            $0.settlement?.result == .failure && $0.settlement?.isTolerated == false
        }
        // A cancelled node without a cancel is one of before the run was resumed.
        let isCancelled =
            isCancelled || state.nodes.contains { $0.settlement?.result == .cancelled }
        let status: RunStatus = isCancelled ? .cancelled : failed ? .failure : .success
        var data: JSONObject = ["status": .string(status.rawValue)]
        let outputs = contexts.outputs(of: workflow, state)
        if !outputs.isEmpty { data["outputs"] = .object(outputs) }
        return .record([EventDraft(EventType.runFinished, data: data)])
    }

    // MARK: Nodes that have become ready

    private mutating func decideReadied() -> [EventDraft] {
        state.takeReadied().flatMap(decide)
    }

    private func decide(_ place: Int) -> [EventDraft] {
        let node = workflow.nodes[place]
        // A log may end between a matrix node's two events.
        let isAnnounced = state.nodes[place].phase == .ready
        guard state.nodes[place].phase == .waiting || isAnnounced, state.nodes[place].unmet == 0
        else { return [] }
        if let selection, !selection.contains(place) {
            return [finished(node, .skipped, "it was not selected", tolerated: true)]
        }
        do throws(ExpressionError) {
            if let reason = try contexts.skipReason(
                node, place, state, graph, isCancelled: isCancelled)
            {
                return [finished(node, .skipped, reason)]
            }
            guard let matrix = node.matrix else {
                return [EventDraft(EventType.nodeReady, node: node.id)]
            }
            let expansion = try contexts.expand(matrix, node, place, state, graph)
            let ready = EventDraft(
                EventType.nodeReady, node: node.id,
                data: ["legs": .integer(expansion.legs.count)])
            let expanded = EventDraft(
                EventType.nodeExpanded, node: node.id, data: expansion.data)
            return isAnnounced ? [expanded] : [ready, expanded]
        } catch {
            let isTolerated = contexts.isTolerated(node, place, state, graph)
            return [finished(node, .failure, error.message, tolerated: isTolerated)]
        }
    }

    func finished(
        _ node: Node, _ result: NodeResult, _ reason: String, tolerated: Bool = false
    ) -> EventDraft {
        var data: JSONObject = ["result": .string(result.rawValue), "reason": .string(reason)]
        if tolerated { data["tolerated"] = true }
        return EventDraft(EventType.nodeFinished, node: node.id, data: data)
    }

    func draft(
        _ type: String, _ leg: LegID, _ attempt: Int, _ data: JSONObject
    ) -> EventDraft {
        EventDraft(
            type, node: workflow.nodes[leg.node].id,
            leg: state.nodes[leg.node].isMatrix ? leg.leg : nil, attempt: attempt, data: data)
    }

    // MARK: Legs

    private mutating func nextLeg(at now: Timestamp) -> LegID? {
        let state = state
        let inFlight = inFlight
        return starts.next(at: now) { leg in
            guard state.nodes[leg.node].phase == .expanded, !inFlight.contains(leg),
                state.nodes[leg.node].legs.indices.contains(leg.leg)
            else { return false }
            switch state.nodes[leg.node].legs[leg.leg].phase {
            case .pending: return true
            case .retrying(let time): return time <= now
            case .running, .settled: return false
            }
        } limits: { node in
            StartQueue.Limits(
                legs: state.nodes[node].legs.count, atOnce: state.nodes[node].maxParallel,
                isStopped: state.nodes[node].phase == .settled)
        }
    }

    private mutating func start(_ leg: LegID) -> Step {
        let number = state.nodes[leg.node].legs[leg.leg].attempts + 1
        do throws(ExpressionError) {
            let attempt = try contexts.attempt(
                leg, number: number, workflow.nodes[leg.node], state, graph,
                needs: try needs(of: leg.node))
            inFlight.insert(leg)
            return .start(attempt)
        } catch {
            var data: JSONObject = [
                "result": "failure", "exit": nil, "signal": nil, "duration_ms": 0, "cpu_ms": 0,
                "max_rss_kb": 0, "reason": .string(error.message),
            ]
            if contexts.isTolerated(workflow.nodes[leg.node], leg.node, state, graph, leg: leg.leg)
            {
                data["tolerated"] = true
            }
            return .record([
                draft(EventType.attemptStarted, leg, number, ["pid": nil]),
                draft(EventType.attemptFinished, leg, number, data),
            ])
        }
    }

    /// Settled needs do not change, so the legs of a matrix share them.
    private mutating func needs(of place: Int) throws(ExpressionError) -> JSON {
        if let known = needs[place] { return known }
        let value = try contexts.needs(workflow.nodes[place], state, graph, place: place)
        if state.nodes[place].isMatrix { needs[place] = value }
        return value
    }

    private mutating func settleTouched() -> [EventDraft] {
        var drafts: [EventDraft] = []
        for leg in touched where state.nodes[leg.node].phase == .expanded {
            stopIfFailed(leg)
            let node = state.nodes[leg.node]
            let isStopped = stopping.contains(leg.node) && !hasRunning(leg.node)
            if node.openLegs == 0 || isStopped {
                drafts.append(settlement(leg.node))
                stopping.insert(leg.node)
                starts.close(leg.node)
            }
        }
        touched = []
        var seen: Set<String> = []
        return drafts.filter { seen.insert($0.node ?? "").inserted }
    }

    private func hasRunning(_ node: Int) -> Bool {
        starts.running(node) > 0
    }

    /// The first leg that fails ends the others of its matrix.
    private mutating func stopIfFailed(_ leg: LegID) {
        let node = state.nodes[leg.node]
        guard node.isMatrix, node.failFast, !stopping.contains(leg.node),
            node.legs.indices.contains(leg.leg), node.legs[leg.leg].phase == .settled,
            node.legs[leg.leg].result == .failure, !node.legs[leg.leg].isTolerated
        else { return }
        stop(leg.node)
        cancelRunning(of: leg.node)
    }

    private mutating func stop(_ node: Int) {
        stopping.insert(node)
        starts.close(node)
        touched.append(LegID(node: node, leg: 0))
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
        return finished(
            workflow.nodes[place], result, reason(node, result, failed.count),
            tolerated: isTolerated)
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
}
