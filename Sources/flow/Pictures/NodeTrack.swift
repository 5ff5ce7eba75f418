internal import FlowEngine
internal import FlowJSON
internal import FlowText

/// One leg's attempts in time; times in microseconds since 1970.
struct LegTrack {
    /// One attempt.
    struct Bar {
        let start: Int64
        var end: Int64
        let attempt: Int
        var look = Look.running
        /// Empty, or a sentence.
        var reason = ""
    }

    /// A time in which it waited.
    struct Wait {
        enum Cause: CaseIterable { case place, retry, decision }

        let start: Int64
        let end: Int64
        let cause: Cause
    }

    var key = ""
    var bars: [Bar] = []
    var waits: [Wait] = []
    var look = Look.pending
    var isOpen = false
    var waitingSince: (time: Int64, cause: Wait.Cause)?

    mutating func start(attempt: Int, at time: Int64) {
        settleWait(at: time)
        bars.append(Bar(start: time, end: time, attempt: attempt))
        isOpen = true
        look = .running
    }

    mutating func finish(_ look: Look, _ reason: String, at time: Int64, retryMs: Double?) {
        if isOpen, let last = bars.indices.last {
            bars[last].end = max(bars[last].start, time)
            bars[last].look = look
            bars[last].reason = reason
        }
        isOpen = false
        self.look = look
        if retryMs != nil { waitingSince = (time, .retry) }
    }

    mutating func settleWait(at time: Int64) {
        if let wait = waitingSince, time > wait.time {
            waits.append(Wait(start: wait.time, end: time, cause: wait.cause))
        }
        waitingSince = nil
    }
}

/// One node's story in time, also of a node inside a workflow that is a node.
struct NodeTrack {
    /// `deploy`, `deploy/build`, `deploy.2/build`.
    let path: String
    /// Safe to show.
    let title: String
    var readyAt: Int64?
    var endedAt: Int64?
    /// When a decision was made on it.
    var decidedAt: Int64?
    var isMatrix = false
    /// By their places; one where there is no matrix.
    var legs: [LegTrack] = []
    /// The places of the tracks inside it, in the order of their first events.
    var inner: [Int] = []
    var look = Look.pending
    /// Empty, or a sentence.
    var reason = ""

    init(path: String, title: String) {
        self.path = path
        self.title = title
    }

    mutating func take(_ event: Event, at time: Int64) {
        switch event.type {
        case EventType.nodeReady:
            (readyAt, endedAt, decidedAt) = (time, nil, nil)
            look = .waiting
            isMatrix = event.data["legs"] != nil
            legs = Array(legs.prefix(isMatrix ? legs.count : 1))
            if !isMatrix { leg(0) { $0.waitingSince = (time, .place) } }
        case EventType.nodeExpanded:
            isMatrix = true
            for (place, member) in (event.data["legs"]?.arrayValue ?? []).enumerated() {
                leg(place) { leg in
                    leg.key = VisibleText.safe(member["key"]?.stringValue ?? "")
                    leg.waitingSince = (time, .place)
                }
            }
        case EventType.approvalRequested: leg(0) { $0.waitingSince = (time, .decision) }
        case EventType.approvalDecided:
            decidedAt = time
            leg(0) { $0.settleWait(at: time) }
        case EventType.attemptStarted:
            endedAt = nil
            look = .running
            leg(event.draft.leg ?? 0) { $0.start(attempt: event.draft.attempt ?? 1, at: time) }
        case EventType.attemptFinished: finishAttempt(event, at: time)
        case EventType.nodeFinished: finish(event, at: time)
        default: break
        }
    }

    private mutating func leg(_ place: Int, _ change: (inout LegTrack) -> Void) {
        guard place >= 0 else { return }
        while legs.count <= place { legs.append(LegTrack()) }
        change(&legs[place])
    }

    private mutating func finishAttempt(_ event: Event, at time: Int64) {
        let isCached = event.data["cached_from"]?.stringValue != nil
        let isLost = event.data["lost"] == true
        let result = event.data["result"]?.stringValue.flatMap(NodeResult.init) ?? .failure
        let look =
            isLost
            ? .lost
            : Look(result, tolerated: event.data["tolerated"] == true, cached: isCached)
        let reason = VisibleText.safe(event.data["reason"]?.stringValue ?? "")
        leg(event.draft.leg ?? 0) { leg in
            leg.finish(look, reason, at: time, retryMs: event.data["retry_ms"]?.doubleValue)
        }
    }

    private mutating func finish(_ event: Event, at time: Int64) {
        let result = event.data["result"]?.stringValue.flatMap(NodeResult.init) ?? .failure
        let isCached = event.data["cached_from"]?.stringValue != nil
        look = Look(result, tolerated: event.data["tolerated"] == true, cached: isCached)
        reason = VisibleText.safe(event.data["reason"]?.stringValue ?? "")
        endedAt = time
        for place in legs.indices {
            // What never began waited for nothing that the picture should show.
            if legs[place].bars.isEmpty, legs[place].waitingSince?.cause == .place {
                legs[place].waitingSince = nil
            }
            legs[place].settleWait(at: time)
        }
    }

    /// Ends what is open at the end of the picture.
    mutating func close(at end: Int64, isLive: Bool) {
        for place in legs.indices {
            legs[place].settleWait(at: end)
            if legs[place].isOpen, let last = legs[place].bars.indices.last {
                legs[place].bars[last].end = max(legs[place].bars[last].start, end)
                legs[place].bars[last].look = isLive ? .running : .lost
                if !isLive { legs[place].look = .lost }
            }
        }
        guard endedAt == nil, readyAt != nil || !legs.isEmpty else { return }
        let isRunning = legs.contains { $0.isOpen } || !inner.isEmpty
        look = isRunning ? (isLive ? .running : .lost) : .waiting
    }

    /// From the first attempt to the last end; of a node that holds others, from its readiness.
    var span: (start: Int64, end: Int64)? {
        let starts = legs.compactMap { $0.bars.first?.start }
        let ends = legs.compactMap { $0.bars.last?.end }
        if let start = starts.min(), let end = ends.max() { return (start, end) }
        guard let readyAt, let endedAt, !inner.isEmpty || decidedAt != nil else { return nil }
        return (readyAt, endedAt)
    }

    /// Sentences, safe to show.
    var facts: [String] {
        var facts = [look.words]
        if let span { facts[0] += " in " + Timeline.words(span.end - span.start) }
        if isMatrix { facts.append("\(legs.count) legs") }
        let attempts = legs.reduce(0) { $0 + $1.bars.count }
        if attempts > max(1, isMatrix ? legs.count : 1) { facts.append("\(attempts) attempts") }
        if !reason.isEmpty { facts.append(reason) }
        return facts
    }
}
