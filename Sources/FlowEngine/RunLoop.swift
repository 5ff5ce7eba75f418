package import FlowJSON
internal import FlowSpec
package import FlowSystem

/// Carries a run to its end: asks the scheduler what is next, does it, and hands back what happened.
///
/// Everything it does is in the log before anything that depends on it starts: an attempt starts once
/// all events of the run, of its node and of its leg are journaled. The node's readiness is one of
/// them, and the ends of all that it needs were recorded before that. What nobody waits for is
/// journaled together with what happens in the next moment (`patience`), so that short attempts
/// share commits.
package final class RunLoop {
    private var scheduler: Scheduler
    private let log: any EventLog
    private let content: any ContentStore
    private let runner: any AttemptRunner
    private let sinks: [any EventSink]
    private let clock: any Clock
    private let outside: Outside
    /// Recorded and not yet journaled.
    private var unseen: [Event] = []
    /// How the run has ended.
    private var ending: Result<RunStatus, EngineError>?
    /// Values larger than this many bytes of JSON are kept by content.
    private static let inlineLimit = 16 << 10
    /// Microseconds for which an event may wait to be journaled, where nothing waits for it.
    private static let patience: Int64 = 5_000
    /// Events that are journaled together at most.
    private static let mostUnseen = 1_000
    /// How long a run that queues for a place waits at most before it looks itself.
    private static let queuePatience = 0.1

    /// What of the world beyond this run it may have to do with.
    package struct Outside {
        package var places: (any PlaceKeeper)?
        package var requests: (any RequestBox)?
        package var merges: (any MergeWatch)?

        package init(
            places: (any PlaceKeeper)? = nil, requests: (any RequestBox)? = nil,
            merges: (any MergeWatch)? = nil
        ) {
            self.places = places
            self.requests = requests
            self.merges = merges
        }
    }

    package init(
        scheduler: consuming Scheduler, log: any EventLog, content: any ContentStore,
        runner: any AttemptRunner, sinks: [any EventSink], clock: any Clock,
        outside: Outside = Outside()
    ) {
        self.scheduler = scheduler
        self.log = log
        self.content = content
        self.runner = runner
        self.sinks = sinks
        self.clock = clock
        self.outside = outside
    }

    /// What has happened so far.
    package var state: RunState { scheduler.state }

    /// Begins a new run with these facts about it.
    /// - Parameter kept: what it takes over from an earlier run (`RetryPlan`).
    package func create(_ data: JSONObject, keeping kept: [EventDraft] = [])
        throws(EngineError)
    {
        try record([
            EventDraft(EventType.runCreated, data: data),
            EventDraft(EventType.runStarted, data: scheduler.room.facts),
        ])
        if !kept.isEmpty { try take(over: kept) }
        try journal()
    }

    /// Adds the events of another run as they are, and goes on behind them.
    private func take(over kept: [EventDraft]) throws(EngineError) {
        for event in try log.append(kept + [EventDraft(EventType.runResumed)]) {
            scheduler.apply(event)
            sinks.forEach { $0.recalled(event) }
        }
    }

    /// Takes up a run whose log has these events: finished attempts stay finished, an attempt whose
    /// end nobody saw runs again.
    package func resume(_ events: [Event]) throws(EngineError) {
        for event in events {
            scheduler.apply(event)
            sinks.forEach { $0.recalled(event) }
        }
        try record(
            [EventDraft(EventType.runResumed, data: scheduler.room.facts)]
                + scheduler.lostAttempts())
        let open = state.unsettled
        sinks.forEach { $0.reopened(open) }
        let wasCancelling = state.isCancelling
        try takeRequests()
        // Who ends a run does not wait for git.
        if state.isCancelling == wasCancelling { try lookForMerges() }
    }

    /// Runs to the end, or until only people can go on, and makes the log durable.
    /// - Throws: `EngineError` when the log or a store fails; the run can be resumed then.
    package func run() throws(EngineError) -> RunStatus {
        runner.drive { reports in
            do throws(EngineError) {
                return try advance(reports)
            } catch {
                ending = .failure(error)
                return .over
            }
        }
        guard let ending else { fatalError("a drive ends only when the run is over") }
        return try ending.get()
    }

    /// Takes in what has happened and does what can be done at once.
    private func advance(_ reports: [AttemptReport]) throws(EngineError) -> Pause {
        for report in reports { try take(report) }
        if scheduler.isQueued {
            // Ending what a dead flow has left takes its time, in which others may want to write.
            try journal()
            try takePlaces()
        }
        while true {
            let now = clock.now()
            if patienceEnds(after: now) == now { try journal() }
            switch scheduler.next(at: now) {
            case .record(let drafts): try record(drafts)
            case .recall(let attempts): try recall(attempts)
            case .start(let attempt): try start(attempt)
            case .cancel(let legs):
                try journal()
                legs.forEach(runner.cancel)
            case .ask(let pool, let size):
                // The places have a store of their own, whose locks must not wait for the log's.
                try journal()
                try outside.places?.ask(for: pool, size: size)
                try takePlaces(or: pool)
            case .release(let pool):
                try journal()
                try outside.places?.release(pool)
            case .wait(let deadline): return .until(wake(deadline, after: now))
            case .finished(let status):
                try journal(durably: true)
                try outside.places?.releaseAll()
                ending = .success(status)
                return .over
            }
        }
    }

    private func recall(_ attempts: [Attempt]) throws(EngineError) {
        var rest = attempts[...]
        var failure: EngineError?
        runner.recall(attempts) { outcomes in
            defer { rest = rest.dropFirst(outcomes.count) }
            guard failure == nil else { return }
            do throws(EngineError) {
                try record(recalled: Array(zip(rest.map(\.leg), outcomes)))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func record(recalled: [(LegID, AttemptOutcome?)]) throws(EngineError) {
        try record(recalled.flatMap { scheduler.recalled($0, $1) })
        for case (let leg, let outcome?) in recalled where !outcome.outputs.isEmpty {
            try record(scheduler.finished(leg, outcome))
        }
    }

    private func start(_ attempt: Attempt) throws(EngineError) {
        if attempt.isMatrix, attempt.cache != nil, let outcome = runner.recalled(attempt) {
            return try record(scheduler.finished(attempt.leg, outcome))
        }
        if isUnjournaled(attempt) { try journal() }
        runner.start(attempt)
    }

    /// When the run looks again, even if nothing happens.
    private func wake(_ deadline: Timestamp?, after now: Timestamp) -> Timestamp? {
        let look = scheduler.isQueued ? now.adding(seconds: Self.queuePatience) : nil
        return [deadline, patienceEnds(after: now), look].compactMap { $0 }.min()
    }

    private func take(_ report: AttemptReport) throws(EngineError) {
        switch report {
        case .started(let leg, let attempt, let pid):
            try record(scheduler.started(leg, attempt: attempt, pid: pid))
        case .printed(let leg, let line): sinks.forEach { $0.heard(leg, line) }
        case .finished(let leg, let outcome):
            try record(scheduler.finished(leg, outcome))
        case .interrupted: try record(scheduler.cancelling(by: "signal"))
        case .poked: try takeRequests()
        }
    }

    /// - Parameter pool: what is had at once where nobody keeps places.
    private func takePlaces(or pool: String? = nil) throws(EngineError) {
        guard let places = outside.places else {
            if let pool { scheduler.granted(pool) }
            return
        }
        for pool in try places.granted() { scheduler.granted(pool) }
    }

    private func takeRequests() throws(EngineError) {
        let requests = try outside.requests?.takeRequests() ?? []
        for request in requests {
            switch request {
            case .cancel(let by): try record(scheduler.cancelling(by: by))
            case .decide(let node, let approves, let by, let via, let form):
                try record(
                    scheduler.decided(
                        node, approves ? .approved : .rejected, by: by, via: via.rawValue,
                        form: form))
            }
        }
        // Who asked waits until it is taken, even where it changes nothing.
        if !requests.isEmpty { try journal() }
    }

    /// Opens the gates whose branches have been merged, and notes what is new of the others.
    private func lookForMerges() throws(EngineError) {
        let gates = scheduler.mergeGates
        guard let merges = outside.merges, !gates.isEmpty else { return }
        // Git takes its time, in which others may want to write.
        try journal()
        for (path, known) in gates {
            try record(scheduler.looked(path, Self.look(at: known, merges)))
        }
    }

    /// Where git cannot be asked the gate stays open; no run ends for that.
    private static func look(at known: MergeLook, _ merges: any MergeWatch) -> MergeLook {
        do throws(EngineError) {
            return try merges.look(at: known)
        } catch {
            return known.failing(error.message)
        }
    }

    private func record(_ drafts: [EventDraft]) throws(EngineError) {
        guard !drafts.isEmpty else { return }
        var kept: [EventDraft] = []
        for draft in drafts { kept.append(try completed(draft)) }
        for event in try log.append(kept) {
            scheduler.apply(event)
            unseen.append(event)
        }
        for draft in kept where draft.type == EventType.approvalRequested {
            guard let path = draft.node, let look = MergeLook(draft.data) else { continue }
            try record(scheduler.looked(path, look))
        }
    }

    /// What only the world knows is added, and large values are put where events point to them.
    private func completed(_ draft: EventDraft) throws(EngineError) -> EventDraft {
        var draft = draft
        if draft.type == EventType.approvalRequested, let merges = outside.merges,
            let wanted = MergeLook(draft.data)
        {
            try journal()
            for (name, value) in Self.look(at: wanted, merges).data.members {
                draft.data[name] = value
            }
        }
        if draft.type == EventType.nodeOutput, let value = draft.data["value"] {
            let bytes = value.bytes()
            if bytes.count > Self.inlineLimit {
                draft.data["value"] = nil
                draft.data["ref"] = .string(try content.put(bytes))
                draft.data["bytes"] = .integer(bytes.count)
            }
        }
        return draft
    }

    /// Whether something that the attempt depends on has not been journaled.
    private func isUnjournaled(_ attempt: Attempt) -> Bool {
        unseen.contains { event in
            guard let node = event.draft.node else { return true }
            guard node == attempt.nodeID else { return false }
            return event.draft.leg == nil || event.draft.leg == attempt.leg.leg
        }
    }

    /// When what has been recorded must be journaled; nil: there is nothing. A clock that was set
    /// makes nothing wait longer.
    private func patienceEnds(after now: Timestamp) -> Timestamp? {
        guard let oldest = unseen.first?.time else { return nil }
        let waited = now.microseconds - oldest.microseconds
        guard unseen.count < Self.mostUnseen, (0..<Self.patience).contains(waited) else {
            return now
        }
        return Timestamp(microseconds: oldest.microseconds + Self.patience)
    }

    /// Commits what was recorded, and only then lets it be seen: nobody is shown what a kill of flow
    /// in the next moment would undo.
    private func journal(durably: Bool = false) throws(EngineError) {
        try log.commit()
        if durably { try log.sync() }
        guard !unseen.isEmpty else { return }
        for sink in sinks {
            unseen.forEach(sink.saw)
            sink.pause()
        }
        unseen.removeAll(keepingCapacity: true)
    }
}
