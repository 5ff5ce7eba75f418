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
    /// Recorded and not yet journaled.
    private var unseen: [Event] = []
    /// Values larger than this many bytes of JSON are kept by content.
    private static let inlineLimit = 16 << 10
    /// Microseconds for which an event may wait to be journaled, where nothing waits for it.
    private static let patience: Int64 = 5_000
    /// Events that are journaled together at most.
    private static let mostUnseen = 1_000

    package init(
        scheduler: Scheduler, log: any EventLog, content: any ContentStore,
        runner: any AttemptRunner, sinks: [any EventSink], clock: any Clock
    ) {
        self.scheduler = scheduler
        self.log = log
        self.content = content
        self.runner = runner
        self.sinks = sinks
        self.clock = clock
    }

    /// What has happened so far.
    package var state: RunState { scheduler.state }

    /// Begins a new run with these facts about it.
    package func create(_ data: JSONObject) throws(EngineError) {
        try record([
            EventDraft(EventType.runCreated, data: data), EventDraft(EventType.runStarted),
        ])
        try journal()
    }

    /// Takes up a run whose log has these events: finished attempts stay finished, an attempt whose
    /// end nobody saw runs again.
    package func resume(_ events: [Event]) throws(EngineError) {
        for event in events {
            scheduler.apply(event)
            sinks.forEach { $0.recalled(event) }
        }
        try record([EventDraft(EventType.runResumed)] + scheduler.lostAttempts())
    }

    /// Runs to the end, and makes the log durable.
    /// - Throws: `EngineError` when the log or a store fails; the run can be resumed then.
    package func run() throws(EngineError) -> RunStatus {
        while true {
            let now = clock.now()
            if patienceEnds(after: now) == now { try journal() }
            switch scheduler.next(at: now) {
            case .record(let drafts): try record(drafts)
            case .start(let attempt):
                if isUnjournaled(attempt) { try journal() }
                runner.start(attempt)
            case .cancel(let legs):
                try journal()
                legs.forEach(runner.cancel)
            case .wait(let deadline):
                let wake = [deadline, patienceEnds(after: now)].compactMap { $0 }.min()
                for report in runner.reports(until: wake) { try take(report) }
            case .finished(let status):
                try journal(durably: true)
                return status
            }
        }
    }

    private func take(_ report: AttemptReport) throws(EngineError) {
        switch report {
        case .started(let leg, let attempt, let pid):
            try record(scheduler.started(leg, attempt: attempt, pid: pid))
        case .printed(let leg, let line): sinks.forEach { $0.heard(leg, line) }
        case .finished(let leg, let outcome):
            try record(scheduler.finished(leg, outcome, outputs: try kept(outcome)))
        case .interrupted: scheduler.cancel()
        case .poked: break
        }
    }

    private func kept(_ outcome: AttemptOutcome) throws(EngineError) -> [(
        name: String, value: OutputValue
    )] {
        var values: [(name: String, value: OutputValue)] = []
        guard outcome.result.succeeded, outcome.mistake == nil else { return values }
        for (name, value) in outcome.outputs {
            let bytes = value.bytes()
            if bytes.count <= Self.inlineLimit {
                values.append((name, .inline(value)))
            } else {
                let hash = try content.put(bytes)
                values.append((name, .stored(hash: hash, bytes: bytes.count)))
            }
        }
        return values
    }

    private func record(_ drafts: [EventDraft]) throws(EngineError) {
        guard !drafts.isEmpty else { return }
        for event in try log.append(drafts) {
            scheduler.apply(event)
            unseen.append(event)
        }
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
        for event in unseen { sinks.forEach { $0.saw(event) } }
        unseen = []
    }
}
