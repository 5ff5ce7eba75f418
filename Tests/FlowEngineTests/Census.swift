import FlowEngine
import FlowJSON
import FlowSpec

/// Counts what of the language really happened in the runs of a test, so that a promise is not kept
/// by workflows in which nothing can break it.
struct Census {
    /// Parts of the language, and of what people do with a run.
    enum Part: String, CaseIterable {
        case workflow = "workflows as nodes"
        case workflowLeg = "workflows as legs"
        case nested = "workflows in workflows"
        case approved = "gates approved"
        case rejected = "gates rejected"
        case expired = "gates decided by time"
        case waiting = "runs that waited for people"
        case pool = "attempts with a place"
        case poolWait = "pools waited for"
        case group = "runs with a group"
        case groupWait = "groups waited for"
        case processors = "attempts of several processors"
        case matrix = "matrices"
        case empty = "empty matrices"
        case batch = "batches"
        case include, exclude, key
        case broken = "matrices ended by a leg"
        case full = "starts that filled max-parallel"
        case retry = "retries"
        case timeout = "timeouts"
        case signal = "attempts ended by a signal"
        case unstartable = "attempts that could not start"
        case tolerated = "tolerated failures"
        case skipped = "skipped nodes"
        case cached = "attempts stood for by earlier ones"
        case cancelled = "cancelled runs"
        case late = "attempts begun in a cancelled run"
        case lost = "attempts whose end nobody saw"
        case resumed = "times a run was taken up"
    }

    private(set) var counts: [Part: Int] = [:]
    private(set) var runs = 0

    private mutating func add(_ part: Part, _ count: Int = 1) {
        if count > 0 { counts[part, default: 0] += count }
    }

    /// Adds a run that has ended, with all its events.
    mutating func add(_ trace: Simulation.Trace) {
        runs += 1
        add(.full, trace.runner.watch.fullMatrices)
        for pool in trace.places.waited { add(pool.hasPrefix("group:") ? .groupWait : .poolWait) }
        if trace.state.frames[0].workflow.concurrency != nil { add(.group) }
        for frame in trace.state.frames {
            guard let parent = frame.parent else { continue }
            add(trace.state.nodes[parent.node].isMatrix ? .workflowLeg : .workflow)
            if trace.state.nodes[parent.node].frame > 0 { add(.nested) }
        }
        for start in trace.runner.started {
            let node = trace.state.definition(start.leg.node)
            if node.pool != nil { add(.pool) }
            if node.resources.cpus ?? 1 > 1 { add(.processors) }
        }
        for place in trace.state.nodes.indices { add(node: place, trace.state) }
        var isCancelling = false
        for event in trace.log.events { add(event, &isCancelling) }
    }

    private mutating func add(node place: Int, _ state: RunState) {
        let node = state.nodes[place]
        if node.settlement?.result == .skipped { add(.skipped) }
        if node.settlement?.isTolerated == true, node.settlement?.result == .failure {
            add(.tolerated)
        }
        guard node.isMatrix, let matrix = state.definition(place).matrix else { return }
        add(node.legs.isEmpty ? .empty : .matrix)
        if matrix.batch != nil { add(.batch) }
        if matrix.include != nil { add(.include) }
        if matrix.exclude != nil { add(.exclude) }
        if matrix.key != nil { add(.key) }
        if node.failFast, node.hasFailed, node.legs.contains(where: { $0.result == nil }) {
            add(.broken)
        }
    }

    private mutating func add(_ event: Event, _ isCancelling: inout Bool) {
        switch event.type {
        case EventType.runWaiting: add(.waiting)
        case EventType.runResumed: add(.resumed)
        case EventType.runCancelling:
            isCancelling = true
            add(.cancelled)
        case EventType.approvalDecided:
            let isTime = event.data["via"] == "timeout"
            add(isTime ? .expired : event.data["verdict"] == "approved" ? .approved : .rejected)
        case EventType.attemptRetrying: add(.retry)
        case EventType.attemptStarted where isCancelling: add(.late)
        case EventType.attemptFinished:
            if event.data["lost"] == true { add(.lost) }
            if event.data["cached_from"] != nil { add(.cached) }
            if event.data["signal"]?.intValue != nil { add(.signal) }
            let reason = event.data["reason"]?.stringValue ?? ""
            if reason.hasPrefix("it ran longer") { add(.timeout) }
            if reason.contains("no such program") { add(.unstartable) }
        default: break
        }
    }

    /// The parts that never happened, but for those that the test cannot meet.
    func missing(except others: Set<Part> = []) -> [String] {
        Part.allCases.filter { counts[$0] == nil && !others.contains($0) }.map(\.rawValue)
    }

    /// One line for each part.
    var text: String {
        "\(runs) runs\n"
            + Part.allCases.map { "  \(counts[$0, default: 0]) \($0.rawValue)\n" }.joined()
    }
}
