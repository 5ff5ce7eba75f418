internal import FlowJSON
package import FlowSpec
package import FlowSystem

/// Decides what happens next in a run, from what has happened: a pure state machine. It starts
/// nothing and reads no clock; the caller does what `next` says and hands the events back.
///
/// A node's end costs O(its dependents), a leg's start O(log nodes).
package struct Scheduler: ~Copyable {
    /// What the caller is to do.
    package enum Step {
        /// Add to the log and hand the events to `apply`.
        case record([EventDraft])
        /// Look which of these an earlier result stands for, and say so to `recalled`.
        case recall([Attempt])
        /// Journal what has been recorded, then start this.
        case start(Attempt)
        /// Ask these running attempts to end.
        case cancel([LegID])
        /// Queue for a place of a pool that holds across processes.
        case ask(pool: String, size: Int)
        /// Give a place back.
        case release(pool: String)
        /// Journal, then wait for a report or for this moment.
        case wait(until: Timestamp?)
        /// The run has ended, or waits for people.
        case finished(RunStatus)
    }

    package let workflow: Workflow
    package private(set) var state: RunState
    /// What expressions of each workflow look at, by its frame.
    private(set) var contexts: [ContextBuilder]
    /// What attempts share.
    let room: AttemptRoom
    /// Nodes of the run's own workflow that take part; nil: all.
    private let selection: Set<Int>?

    /// Nodes without a matrix whose earlier results are to be looked for, before anything of them is
    /// recorded: one event has to be enough for each of ten thousand nodes that need not run.
    var recallable: ArraySlice<Int> = []
    var starts = StartQueue()
    var inFlight: Set<LegID> = []
    /// Processors that running attempts have taken.
    private var usedCPUs = 0
    var places: PlaceBook
    /// The pools of all its workflows, each with the smallest size given.
    let pools: [Pool]
    /// Legs and frames of which something was settled, to be looked at.
    var touched: [LegID] = []
    var touchedFrames: [Int] = []
    var stopping: Set<Int> = []
    var cancelledFrames: Set<Int> = []
    var toCancel: [LegID] = []
    var gates = OpenGates()
    /// Workflows that go on once another leg of their matrix has ended.
    var held: Set<Int> = []
    /// Nodes to be looked at that became ready before the run, or their workflow, was taken up.
    var readyBefore: [Int] = []
    /// The `needs` context of matrix nodes, which every leg sees.
    private var needs: [Int: JSON] = [:]

    /// - Parameters:
    ///   - selection: ids of the nodes that take part; nil: all.
    ///   - group: the group that the run must have before anything starts; nil: none.
    ///   - durations: what nodes took in earlier runs, in milliseconds by path.
    package init(
        _ workflow: Workflow, contexts: ContextBuilder, room: AttemptRoom,
        selection: Set<String>? = nil, group: String? = nil, durations: [String: Int] = [:]
    ) {
        self.workflow = workflow
        self.contexts = [contexts]
        self.room = room
        state = RunState(workflow, params: contexts.params, durations: durations)
        places = PlaceBook(group: group)
        pools = workflow.allPools
        self.selection = selection.map { ids in
            Set(workflow.nodes.indices.filter { ids.contains(workflow.nodes[$0].id) })
        }
        starts.grow(by: state.graph.height[...])
    }

    func contexts(of place: Int) -> ContextBuilder { contexts[state.nodes[place].frame] }

    func isCancelled(_ place: Int) -> Bool { cancelledFrames.contains(state.nodes[place].frame) }

    // MARK: What has happened

    /// Takes in an event of the log, a new one or, when a run is resumed, an old one.
    package mutating func apply(_ event: Event) {
        state.apply(event)
        while contexts.count < state.frames.count {
            let frame = state.frames[contexts.count]
            contexts.append(contexts[0].entering(frame.workflow, params: frame.params))
            starts.grow(by: state.graph.height[frame.nodes])
        }
        switch event.type {
        case EventType.runResumed:
            // Finds them itself.
            _ = state.takeReadied()
            takeUp()
        case EventType.runCancelling: cancel(frame: 0)
        default: break
        }
        guard let path = event.draft.node, let place = state.place(of: path) else { return }
        applyToNode(event, LegID(node: place, leg: event.draft.leg ?? 0))
    }

    private mutating func applyToNode(_ event: Event, _ leg: LegID) {
        switch event.type {
        case EventType.nodeReady where event.data["legs"] == nil, EventType.nodeExpanded:
            stopping.remove(leg.node)
            starts.begin(leg.node)
            touched.append(leg)
        case EventType.approvalRequested:
            stopping.remove(leg.node)
            gates.add(leg.node, until: state.nodes[leg.node].gate?.deadline)
        case EventType.approvalDecided: touched.append(leg)
        case EventType.attemptFinished:
            leave(leg)
            if !letGo(leg) {
                starts.open(leg.node)
                goOnWithNext(of: leg.node)
            }
            touched.append(leg)
            retry(leg)
        case EventType.nodeFinished:
            needs[leg.node] = nil
            gates.remove(leg.node)
            let frame = state.nodes[leg.node].frame
            if state.frames[frame].openNodes == 0 { touchedFrames.append(frame) }
        default: break
        }
    }

    /// An attempt no longer runs: what it had is free.
    private mutating func leave(_ leg: LegID) {
        guard inFlight.remove(leg) != nil else { return }
        let node = state.definition(leg.node)
        usedCPUs -= room.share(of: node)
        if let pool = node.pool { places.leave(pool) }
    }

    /// Puts a leg that is to be tried again in the queue.
    private mutating func retry(_ leg: LegID) {
        guard state.nodes[leg.node].legs.indices.contains(leg.leg) else { return }
        switch state.nodes[leg.node].legs[leg.leg].phase {
        case .pending: starts.add(again: leg)
        case .retrying(let time): starts.add(leg, at: time)
        case .running, .settled, .waiting: break
        }
    }

    // MARK: What is to be done

    /// The next thing to do at this moment.
    package mutating func next(at now: Timestamp) -> Step {
        let settled = settleTouched()
        if !settled.isEmpty { return .record(settled) }
        let expired = expireGates(at: now)
        if !expired.isEmpty { return .record(expired) }
        let decided = decideReadied()
        if !decided.isEmpty { return .record(decided) }
        if !toCancel.isEmpty {
            defer { toCancel = [] }
            return .cancel(toCancel)
        }
        if state.openNodes == 0 { return end() }
        if let step = groupStep() { return step }
        if let step = recallStep() { return step }
        if hasRoom, let leg = nextLeg(at: now) { return start(leg) }
        if let step = placeStep() { return step }
        if isWaitingForPeople { return waitForPeople() }
        return .wait(until: nextTime)
    }

    /// Whether one more attempt may run, if it takes little.
    var hasRoom: Bool { inFlight.count < room.attempts && usedCPUs < room.mostCPUs }

    private var nextTime: Timestamp? {
        let start = hasRoom ? starts.nextTime : nil
        return [start, gates.nextDeadline].compactMap(\.self).min()
    }

    private mutating func end() -> Step {
        if let step = places.releaseAll() { return step }
        if state.status.isFinal { return .finished(state.status) }
        let ending = ending(of: 0)
        var data: JSONObject = ["status": .string(ending.status.rawValue)]
        if !ending.reason.isEmpty { data["reason"] = .string(ending.reason) }
        if !ending.outputs.isEmpty { data["outputs"] = .object(ending.outputs) }
        return .record([EventDraft(EventType.runFinished, data: data)])
    }

    // MARK: Nodes that have become ready

    private mutating func decideReadied() -> [EventDraft] {
        var readied = state.takeReadied()
        if !readyBefore.isEmpty {
            let before = Set(readyBefore)
            readied = readyBefore + readied.filter { !before.contains($0) }
            readyBefore = []
        }
        var drafts: [EventDraft] = []
        for place in readied where !isHeld(place) { drafts += decide(place) }
        return drafts
    }

    /// - Parameter recalls: whether an earlier result may be looked for.
    private mutating func decide(_ place: Int, recalls: Bool = true) -> [EventDraft] {
        let node = state.definition(place)
        // A log may end between a matrix node's two events.
        let isAnnounced = state.nodes[place].phase == .ready
        guard state.nodes[place].phase == .waiting || isAnnounced, state.nodes[place].unmet == 0
        else { return [] }
        if let selection, state.nodes[place].frame == 0, !selection.contains(place) {
            return [finished(place, .skipped, "it was not selected", tolerated: true)]
        }
        let contexts = contexts(of: place)
        do throws(ExpressionError) {
            let isCancelled = isCancelled(place)
            if let reason = try contexts.skipReason(node, place, state, isCancelled: isCancelled) {
                return [finished(place, .skipped, reason)]
            }
            if case .approve(let gate) = node.work {
                return [try request(gate, node, place, contexts)]
            }
            guard let matrix = node.matrix else {
                guard recalls, node.cache != nil else { return [ready(place)] }
                recallable.append(place)
                return []
            }
            let expansion = try contexts.expand(matrix, node, place, state)
            let ready = EventDraft(
                EventType.nodeReady, node: state.paths[place],
                data: ["legs": .integer(expansion.legs.count)])
            let expanded = EventDraft(
                EventType.nodeExpanded, node: state.paths[place], data: expansion.data)
            return isAnnounced ? [expanded] : [ready, expanded]
        } catch {
            let isTolerated = contexts.isTolerated(node, place, state)
            return [finished(place, .failure, error.message, tolerated: isTolerated)]
        }
    }

    private func ready(_ place: Int) -> EventDraft {
        EventDraft(EventType.nodeReady, node: state.paths[place])
    }

    func finished(
        _ place: Int, _ result: NodeResult, _ reason: String, tolerated: Bool = false
    ) -> EventDraft {
        var data: JSONObject = ["result": .string(result.rawValue), "reason": .string(reason)]
        if tolerated { data["tolerated"] = true }
        return EventDraft(EventType.nodeFinished, node: state.paths[place], data: data)
    }

    func draft(
        _ type: String, _ leg: LegID, _ attempt: Int, _ data: JSONObject
    ) -> EventDraft {
        EventDraft(
            type, node: state.paths[leg.node],
            leg: state.nodes[leg.node].isMatrix ? leg.leg : nil, attempt: attempt, data: data)
    }

    // MARK: Earlier results

    /// Results that are looked for at once.
    private static let mostRecalled = 1_000

    private mutating func recallStep() -> Step? {
        if recallable.isEmpty { return nil }
        var attempts: [Attempt] = []
        var drafts: [EventDraft] = []
        let places = recallable.prefix(Self.mostRecalled)
        for place in places {
            if isCancelled(place) {
                // It was not when it was decided.
                drafts += decide(place, recalls: false)
            } else if let attempt = try? attempt(
                LegID(node: place, leg: 0), number: state.nodes[place].attemptsBefore + 1)
            {
                attempts.append(attempt)
            } else {
                // The start says which expression fails.
                drafts.append(ready(place))
            }
        }
        recallable.removeFirst(places.count)
        if !drafts.isEmpty {
            recallable = ArraySlice(attempts.map(\.leg.node)) + recallable
            return .record(drafts)
        }
        return attempts.isEmpty ? nil : .recall(attempts)
    }

    /// The drafts for a node whose earlier result has been looked for.
    /// - Parameter outcome: what stands for its attempt; nil: it has to run.
    package func recalled(_ leg: LegID, _ outcome: AttemptOutcome?) -> [EventDraft] {
        guard let outcome, let from = outcome.cachedFrom, outcome.outputs.isEmpty else {
            return [ready(leg.node)]
        }
        var draft = finished(leg.node, .success, "")
        draft.data["cached_from"] = .string(from)
        return [draft]
    }

    // MARK: Legs

    private mutating func attempt(_ leg: LegID, number: Int) throws(ExpressionError) -> Attempt {
        let contexts = contexts(of: leg.node)
        return try contexts.attempt(leg, number: number, state.definition(leg.node), state) {
            () throws(ExpressionError) in try needs(of: leg.node)
        }
    }

    private mutating func nextLeg(at now: Timestamp) -> LegID? {
        let state = state
        let inFlight = inFlight
        let places = places
        let (room, used) = (room, usedCPUs)
        return starts.next(at: now) { leg in
            guard state.nodes[leg.node].phase == .expanded, !inFlight.contains(leg),
                state.nodes[leg.node].legs.indices.contains(leg.leg)
            else { return false }
            switch state.nodes[leg.node].legs[leg.leg].phase {
            case .pending: return true
            case .retrying(let time): return time <= now
            case .running, .settled, .waiting: return false
            }
        } limits: { place in
            let node = state.definition(place)
            return StartQueue.Limits(
                legs: state.nodes[place].legs.count, atOnce: state.nodes[place].maxParallel,
                isStopped: state.nodes[place].phase == .settled,
                fits: room.fits(node, beside: used),
                missing: node.pool.flatMap { places.isFree($0) ? nil : $0 })
        }
    }

    private mutating func start(_ leg: LegID) -> Step {
        let node = state.definition(leg.node)
        let number = state.nodes[leg.node].legs[leg.leg].attempts + 1
        do throws(ExpressionError) {
            if case .workflow(let inner, let with) = node.work {
                let needs = try needs(of: leg.node)
                let params = try contexts(of: leg.node)
                    .params(inner, with, leg, node, state, needs: needs)
                return .record([
                    draft(
                        EventType.attemptStarted, leg, number,
                        ["pid": nil, "params": .object(params)])
                ])
            }
            let attempt = try attempt(leg, number: number)
            inFlight.insert(leg)
            usedCPUs += room.share(of: node)
            if let pool = node.pool { places.enter(pool) }
            return .start(attempt)
        } catch {
            return .record(unstartable(leg, number, node, error))
        }
    }

    private func unstartable(
        _ leg: LegID, _ number: Int, _ node: Node, _ error: ExpressionError
    ) -> [EventDraft] {
        var data: JSONObject = [
            "result": "failure", "exit": nil, "signal": nil, "duration_ms": 0, "cpu_ms": 0,
            "max_rss_kb": 0, "reason": .string(error.message),
        ]
        if contexts(of: leg.node).isTolerated(node, leg.node, state, leg: leg.leg) {
            data["tolerated"] = true
        }
        return [
            draft(EventType.attemptStarted, leg, number, ["pid": nil]),
            draft(EventType.attemptFinished, leg, number, data),
        ]
    }

    /// Settled needs do not change, so the legs of a matrix share them.
    private mutating func needs(of place: Int) throws(ExpressionError) -> JSON {
        if let known = needs[place] { return known }
        let value = try contexts(of: place).needs(state.definition(place), state, place: place)
        if state.nodes[place].isMatrix { needs[place] = value }
        return value
    }
}
