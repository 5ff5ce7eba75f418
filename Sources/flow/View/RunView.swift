internal import FlowEngine
internal import FlowJSON
internal import FlowSystem
internal import FlowText

/// Shows a run while it goes on.
protocol RunView: EventSink {
    /// Shows the last state and puts the terminal back.
    func close()
}

/// What a view remembers of a node.
struct NodeProgress {
    enum Phase { case waiting, running, retrying, deciding, done(NodeResult, tolerated: Bool) }

    /// Its path in the run.
    let id: String
    let title: String
    /// In how many workflows that are nodes it stands.
    var depth = 0
    var phase = Phase.waiting
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    var legs = 0
    var legsDone = 0
    var attempt = 1
    /// The last line it printed, or why it ended as it did.
    var message = ""
    /// The run whose result stands for it, or from which it is kept.
    var from: String?
    /// What was asked, seen and said of it, of a gate.
    private(set) var gate: GateState?

    mutating func take(_ event: Event) {
        switch event.type {
        case EventType.nodeExpanded: legs = event.data["legs"]?.arrayValue?.count ?? 0
        case EventType.attemptStarted:
            if endedAt != nil { (startedAt, endedAt) = (nil, nil) }
            startedAt = startedAt ?? event.time
            attempt = event.draft.attempt ?? 1
            phase = .running
        case EventType.attemptFinished:
            if event.data["lost"] != true { legsDone = min(legs, legsDone + 1) }
        case EventType.attemptRetrying:
            legsDone -= 1
            phase = .retrying
        case EventType.approvalRequested:
            phase = .deciding
            show(GateState(event))
        case EventType.approvalChecked, EventType.approvalDecided:
            guard var gate else { return }
            gate.take(event)
            show(gate)
        case EventType.nodeFinished:
            endedAt = event.time
            from = (event.data["cached_from"] ?? event.data["kept_from"])?.stringValue
            let result = event.data["result"]?.stringValue.flatMap(NodeResult.init) ?? .failure
            // Nodes that were not selected let their dependents go on too.
            phase = .done(
                result, tolerated: result == .failure && event.data["tolerated"] == true)
            message = VisibleText.safe(event.data["reason"]?.stringValue ?? "")
        default: break
        }
    }

    /// It has ended, and is to be looked at again.
    mutating func reopen() {
        guard isDone else { return }
        phase = .waiting
        (startedAt, endedAt, from, message) = (nil, nil, nil, "")
    }

    private mutating func show(_ gate: GateState) {
        self.gate = gate
        message = VisibleText.safe(gate.ending?.reason ?? gate.waiting)
    }

    /// Seconds it has taken so far.
    func elapsed(at now: Timestamp) -> Double? {
        startedAt.map { Double((endedAt ?? now).microseconds - $0.microseconds) / 1_000_000 }
    }

    var endedMicroseconds: Int64 { endedAt?.microseconds ?? 0 }

    var isDone: Bool { if case .done = phase { true } else { false } }
}

/// Durations as people read them.
enum DurationWords {
    /// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
    static func text(seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        switch seconds {
        case ..<9.95: return "\(Double(Int((seconds * 10).rounded())) / 10) s"
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(whole % 60) s"
        default: return "\(whole / 3600) h \(whole / 60 % 60) min"
        }
    }
}

/// How results look.
extension NodeResult {
    var symbol: String {
        switch self {
        case .success: "✓"
        case .failure: "✗"
        case .cancelled: "■"
        case .skipped: "–"
        }
    }

    var style: Style {
        switch self {
        case .success: .green
        case .failure: .red
        case .cancelled: .yellow
        case .skipped: .faint
        }
    }
}

/// The last line of every view: how many nodes ended how.
enum RunWords {
    /// What is said when a run is asked to end (`run.cancelling`).
    static func ending(_ event: Event) -> String {
        let by = event.data["by"]?.stringValue ?? ""
        let next = by == "signal" ? "; Ctrl-C again kills it" : " (by \(VisibleText.safe(by)))"
        return "cancelled: what runs has its grace to end\(next)"
    }

    static func summary(_ nodes: [NodeProgress]) -> String {
        let nodes = nodes.filter { $0.depth == 0 }
        var counts: [(NodeResult, Int)] = []
        for result in [NodeResult.success, .failure, .cancelled, .skipped] {
            let count = nodes.count { node in
                if case .done(let own, _) = node.phase { own == result } else { false }
            }
            if count > 0 { counts.append((result, count)) }
        }
        let words: [NodeResult: String] = [
            .success: "succeeded", .failure: "failed", .cancelled: "cancelled", .skipped: "skipped",
        ]
        return counts.map { "\($0.1) \(words[$0.0] ?? "")" }.joined(separator: ", ")
    }
}
