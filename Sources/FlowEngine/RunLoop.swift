package import FlowJSON
internal import FlowSpec
package import FlowSystem

/// Carries a run to its end: asks the scheduler what is next, does it, and hands back what happened.
///
/// Everything it does is in the log before anything that depends on it starts.
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
            switch scheduler.next(at: clock.now()) {
            case .record(let drafts): try record(drafts)
            case .start(let attempt):
                try journal()
                runner.start(attempt)
            case .cancel(let legs):
                try journal()
                legs.forEach(runner.cancel)
            case .wait(let deadline):
                try journal()
                for report in runner.reports(until: deadline) { try take(report) }
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

    /// Commits what was recorded, and only then lets it be seen: nobody is shown what a kill of flow
    /// in the next moment would undo.
    private func journal(durably: Bool = false) throws(EngineError) {
        try log.commit()
        if durably { try log.sync() }
        for event in unseen { sinks.forEach { $0.saw(event) } }
        unseen = []
    }
}
