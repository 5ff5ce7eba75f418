package import FlowJSON
package import FlowSpec
package import FlowSystem

/// What has happened in a run: a fold of its events and nothing else.
///
/// Applying an event costs O(1), except that a node's end costs O(its dependents).
package struct RunState: Sendable {
    /// One node of the run.
    package struct NodeState: Sendable {
        package var phase = Phase.waiting
        /// Needs that are not settled, or behind which a node is open again.
        package var unmet: Int
        /// The workflow it belongs to.
        package let frame: Int
        /// Empty until the node has been expanded.
        package var legs: [LegState] = []
        package var isMatrix = false
        /// Legs that are not settled.
        package var openLegs = 0
        /// Legs that may run at once; nil: any number.
        package var maxParallel: Int?
        package var failFast = true
        /// Whether a leg failed and the others are therefore not to go on.
        package var hasFailed = false
        /// Whether a node somewhere above it failed and was not tolerated.
        package var failedAbove = false
        /// Of a node that waits for people.
        package var gate: GateState?
        /// Attempts of its legs before it was looked at anew.
        var attemptsBefore = 0
        package var settlement: Settlement?

        init(unmet: Int, frame: Int) {
            self.unmet = unmet
            self.frame = frame
        }
    }

    package enum Phase: Sendable, Hashable { case waiting, ready, expanded, settled }

    /// How a node ended.
    package struct Settlement: Sendable, Hashable {
        package let result: NodeResult
        /// A failure that its dependents go on after.
        package let isTolerated: Bool
        /// A sentence.
        package let reason: String
        /// The run whose results stand for all its legs; nil: something ran.
        package let cachedFrom: String?

        /// Whether `success()` of a dependent counts it as success.
        package var letsDependentsGoOn: Bool { result == .success || isTolerated }
    }

    /// One leg of a node; a node without a matrix has one.
    package struct LegState: Sendable {
        /// What tells it from the other legs; empty where there is no matrix.
        package let key: String
        package let matrix: JSON
        package var phase = LegPhase.pending
        package var attempts = 0
        /// Attempts whose end flow did not see; they do not count as tries.
        package var lost = 0
        package var result: NodeResult?
        /// A failure that its node's dependents go on after.
        package var isTolerated = false
        /// The outputs of its last attempt.
        package var outputs: [(name: String, value: OutputValue)] = []
        /// The sentence that says how the last attempt ended.
        package var reason = ""
        /// The run whose result stands for this leg; nil: its command ran.
        package var cachedFrom: String?
        /// Of a node that is a workflow: the place in `frames` once it has begun.
        package var frame: Int?

        init(key: String, matrix: JSON, phase: LegPhase = .pending) {
            self.key = key
            self.matrix = matrix
            self.phase = phase
        }

        /// One for which an earlier result stands.
        init(cachedFrom run: String) {
            self.init(key: "", matrix: .null, phase: .settled)
            result = .success
            cachedFrom = run
        }
    }

    package enum LegPhase: Sendable, Hashable {
        /// Of a gate: somebody has to decide.
        case waiting
        case pending, running
        case retrying(at: Timestamp)
        case settled
    }

    package internal(set) var nodes: [NodeState] = []
    /// The run's own workflow first, then those that are nodes, in the order in which they began.
    package internal(set) var frames: [Frame] = []
    package internal(set) var graph = Graph()
    /// What nodes are called in the log: the id, in a workflow that is a node `deploy/build`.
    package internal(set) var paths: [String] = []
    package internal(set) var status = RunStatus.running
    /// Whether somebody has asked the run to end.
    package private(set) var isCancelling = false
    package private(set) var startedAt: Timestamp?
    /// Nodes that became ready and have not been looked at, oldest first.
    package internal(set) var readied: [Int] = []

    var places: [String: Int] = [:]
    /// In milliseconds, by path.
    let durations: [String: Int]
    let usualDuration: Int

    /// - Parameter durations: what nodes took in earlier runs, in milliseconds by path.
    package init(_ workflow: Workflow, params: JSONObject = [:], durations: [String: Int] = [:]) {
        self.durations = durations
        usualDuration =
            durations.isEmpty ? 1 : max(1, durations.values.reduce(0, +) / durations.count)
        enter(workflow, as: nil, params: params)
    }

    /// Nodes of the run's own workflow that are not settled.
    package var openNodes: Int { frames[0].openNodes }

    /// The place of a node by its path; of one that began anew, the newest.
    package func place(of path: String) -> Int? { places[path] }

    /// What the file says of a node.
    package func definition(_ place: Int) -> Node {
        let frame = frames[nodes[place].frame]
        return frame.workflow.nodes[place - frame.nodes.lowerBound]
    }

    package mutating func takeReadied() -> [Int] {
        defer { readied = [] }
        return readied
    }

    /// Takes in the next event of the log.
    package mutating func apply(_ event: Event) {
        switch event.type {
        case EventType.runStarted: startedAt = event.time
        case EventType.runResumed:
            if status.isFinal {
                reopen()
                isCancelling = false
            }
            status = .running
        case EventType.runCancelling: isCancelling = true
        case EventType.runWaiting: status = .waiting
        case EventType.runFinished:
            status = event.data["status"]?.stringValue.flatMap(RunStatus.init) ?? .failure
        default:
            if let path = event.draft.node, let place = places[path] { apply(event, to: place) }
        }
    }

    private mutating func apply(_ event: Event, to place: Int) {
        switch event.type {
        case EventType.nodeReady:
            nodes[place].phase = .ready
            if event.data["legs"] == nil { expand(place, [LegState(key: "", matrix: .null)]) }
        case EventType.nodeExpanded:
            nodes[place].isMatrix = true
            nodes[place].maxParallel = event.data["max_parallel"]?.intValue
            nodes[place].failFast = event.data["fail_fast"]?.boolValue ?? true
            let legs = event.data["legs"]?.arrayValue ?? []
            expand(
                place,
                legs.map {
                    LegState(key: $0["key"]?.stringValue ?? "", matrix: $0["matrix"] ?? .null)
                })
        case EventType.approvalRequested:
            nodes[place].gate = GateState(event)
            expand(place, [LegState(key: "", matrix: .null, phase: .waiting)])
        case EventType.approvalChecked, EventType.approvalDecided: nodes[place].gate?.take(event)
        case EventType.nodeFinished: settle(place, event)
        default: applyToLeg(event, place, event.draft.leg ?? 0)
        }
    }

    private mutating func expand(_ place: Int, _ legs: [LegState]) {
        // A node that was reopened counts its attempts on; what they were tells nothing now.
        let before = nodes[place].legs.map(\.attempts).max() ?? nodes[place].attemptsBefore
        nodes[place].phase = .expanded
        nodes[place].legs = legs
        nodes[place].openLegs = legs.count
        nodes[place].hasFailed = false
        guard before > 0 else { return }
        for leg in legs.indices {
            nodes[place].legs[leg].attempts = before
            nodes[place].legs[leg].lost = before
        }
    }

    private mutating func applyToLeg(_ event: Event, _ place: Int, _ index: Int) {
        guard nodes[place].legs.indices.contains(index) else { return }
        switch event.type {
        case EventType.attemptStarted:
            nodes[place].legs[index].phase = .running
            nodes[place].legs[index].attempts = event.draft.attempt ?? 1
            nodes[place].legs[index].outputs = []
            if let frame = event.data["params"]?.objectValue { begin(place, index, frame) }
        case EventType.nodeOutput:
            guard let name = event.data["name"]?.stringValue else { return }
            // A log that ended before the attempt did may say it again.
            nodes[place].legs[index].outputs.removeAll { $0.name == name }
            nodes[place].legs[index].outputs.append((name, OutputValue(event.data)))
        case EventType.attemptFinished: finishAttempt(event, place, index)
        default: break
        }
    }

    private mutating func begin(_ place: Int, _ index: Int, _ params: JSONObject) {
        guard case .workflow(let inner, _) = definition(place).work else { return }
        enter(inner.workflow, as: LegID(node: place, leg: index), params: params)
    }

    private mutating func finishAttempt(_ event: Event, _ place: Int, _ index: Int) {
        nodes[place].legs[index].reason = event.data["reason"]?.stringValue ?? ""
        if event.data["lost"] == true {
            nodes[place].legs[index].lost += 1
            nodes[place].legs[index].phase = .pending
            nodes[place].legs[index].outputs = []
            return
        }
        // Said by this event and not by `attempt.retrying`, without which the log may end.
        if let delay = event.data["retry_ms"]?.doubleValue {
            nodes[place].legs[index].phase = .retrying(
                at: event.time.adding(seconds: delay / 1000))
            return
        }
        let result = event.data["result"]?.stringValue.flatMap(NodeResult.init) ?? .failure
        nodes[place].legs[index].phase = .settled
        nodes[place].legs[index].attempts = event.draft.attempt ?? 1
        nodes[place].legs[index].result = result
        nodes[place].legs[index].isTolerated = event.data["tolerated"] == true
        nodes[place].legs[index].cachedFrom = event.data["cached_from"]?.stringValue
        nodes[place].openLegs -= 1
        if result == .failure, event.data["tolerated"] != true { nodes[place].hasFailed = true }
    }

    private mutating func settle(_ place: Int, _ event: Event) {
        let settlement = Settlement(
            result: event.data["result"]?.stringValue.flatMap(NodeResult.init) ?? .failure,
            isTolerated: event.data["tolerated"] == true,
            reason: event.data["reason"]?.stringValue ?? "",
            cachedFrom: event.data["cached_from"]?.stringValue)
        nodes[place].phase = .settled
        nodes[place].settlement = settlement
        if nodes[place].legs.isEmpty, let from = settlement.cachedFrom {
            nodes[place].legs = [LegState(cachedFrom: from)]
        }
        frames[nodes[place].frame].openNodes -= 1
        if nodes[place].unmet == 0 { tellDependents(of: place) }
    }

    /// Tells those behind a node that it is settled and nothing above it is open, and those behind
    /// what had been kept while something above it was open again.
    private mutating func tellDependents(of place: Int) {
        var told = [place]
        while let place = told.popLast() {
            let settlement = nodes[place].settlement
            let failed = settlement?.result == .failure && settlement?.isTolerated == false
            for dependent in graph.dependents[place] {
                if failed || nodes[place].failedAbove { nodes[dependent].failedAbove = true }
                nodes[dependent].unmet -= 1
                guard nodes[dependent].unmet == 0 else { continue }
                switch nodes[dependent].phase {
                case .waiting: readied.append(dependent)
                case .settled: told.append(dependent)
                case .ready, .expanded: break
                }
            }
        }
    }
}

/// The value of an output: small ones stand in the event, large ones are kept by content.
package enum OutputValue: Sendable, Hashable {
    case inline(JSON)
    /// SHA-256 of the value's compact JSON text, in the run's content store.
    case stored(hash: String, bytes: Int)

    init(_ data: JSONObject) {
        if let hash = data["ref"]?.stringValue {
            self = .stored(hash: hash, bytes: data["bytes"]?.intValue ?? 0)
        } else {
            self = .inline(data["value"] ?? .null)
        }
    }
}
