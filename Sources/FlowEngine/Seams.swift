package import FlowJSON
package import FlowSpec
package import FlowSystem

/// Where events go. Appended events are seen by readers after `commit`.
package protocol EventLog: AnyObject {
    /// Gives the drafts their numbers and times and adds them to the log.
    func append(_ drafts: [EventDraft]) throws(EngineError) -> [Event]
    /// Journals what has been appended: it survives the end of flow, not the end of the machine.
    func commit() throws(EngineError)
    /// Makes everything journaled durable: it survives the end of the machine.
    func sync() throws(EngineError)
}

/// Where values too large for an event are kept, by their content.
package protocol ContentStore: Sendable {
    /// Keeps the bytes and gives their SHA-256 in hexadecimal.
    func put(_ bytes: [UInt8]) throws(EngineError) -> String
    func get(_ hash: String) throws(EngineError) -> [UInt8]
}

/// Starts attempts and tells how they ended.
package protocol AttemptRunner: AnyObject {
    /// How many attempts can run at once.
    var capacity: Int { get }
    /// Hands to `use`, piece by piece and in order, for each attempt the result of an earlier leg that
    /// stands for it, where that is known without long work; nil: start it, and the runner looks
    /// longer.
    func recall(_ attempts: [Attempt], _ use: ([AttemptOutcome?]) -> Void)
    /// Starts an attempt and returns at once. Called by what `drive` calls, as is `cancel`.
    func start(_ attempt: Attempt)
    /// Asks a running attempt to end.
    func cancel(_ leg: LegID)
    /// Calls `advance`, first with nothing, then with what has happened since the last call, until it
    /// says that the run is over: one call at a time, though not all from the same thread.
    func drive(_ advance: ([AttemptReport]) -> Pause)
}

extension AttemptRunner {
    /// The result of an earlier leg that stands for an attempt.
    package func recalled(_ attempt: Attempt) -> AttemptOutcome? {
        var outcome: AttemptOutcome?
        recall([attempt]) { outcome = $0[0] }
        return outcome
    }
}

/// What a run waits for.
package enum Pause: Sendable {
    /// For a report, though not longer than until this moment; nil: for ever.
    case until(Timestamp?)
    /// For nothing any more.
    case over
}

/// Tells of branches in the repository's git.
package protocol MergeWatch: AnyObject {
    /// Looks whether branches are in the default branch.
    /// - Parameter known: what an earlier look gave, so that a branch that is gone since counts by
    ///   what it was.
    func look(at known: MergeLook) throws(EngineError) -> MergeLook
}

/// Somebody who looks on: the terminal, annotations, a stream.
package protocol EventSink: AnyObject {
    func saw(_ event: Event)
    /// No further event is at hand now: what was gathered may be shown.
    func pause()
    /// An event from before a run was taken up again.
    func recalled(_ event: Event)
    /// These nodes, by their paths, are open in a run that was taken up again, whatever became of them
    /// before.
    func reopened(_ nodes: [String])
    /// The last line that a running attempt printed.
    func heard(_ leg: LegID, _ line: String)
}

extension EventSink {
    package func pause() {}
    package func reopened(_ nodes: [String]) {}
}

/// A leg by the places of its node and of itself.
package struct LegID: Sendable, Hashable {
    package let node: Int
    package let leg: Int

    package init(node: Int, leg: Int) {
        self.node = node
        self.leg = leg
    }
}

/// What the runner has to tell.
package enum AttemptReport: Sendable {
    case started(LegID, attempt: Int, pid: Int)
    case printed(LegID, line: String)
    case finished(LegID, AttemptOutcome)
    /// Somebody asks the whole run to end.
    case interrupted
    /// Something outside has changed: there may be requests, or places in pools.
    case poked
}

/// Places in pools that hold across processes and crashes, first come first served among runs.
package protocol PlaceKeeper: AnyObject {
    /// Queues for one place of a pool, unless the run queues for one already.
    /// - Parameter size: what the workflow gives the pool; the smallest of all who use it counts.
    func ask(for pool: String, size: Int) throws(EngineError)
    /// The pools of which the run has got a place since the last call. Journaled when it returns.
    func granted() throws(EngineError) -> [String]
    /// Gives one place back, and wakes whoever waits for it.
    func release(_ pool: String) throws(EngineError)
    /// Gives every place back and leaves every queue.
    func releaseAll() throws(EngineError)
}

/// What people ask of a run from another terminal.
package enum RunRequest: Sendable, Hashable {
    case cancel(by: String)
    /// - Parameters:
    ///   - node: the gate's path.
    ///   - form: the fields of the gate's form, checked against it.
    case decide(
        node: String, approves: Bool, by: String, via: Gate.Channel, form: JSONObject)
}

/// Where requests wait until the run's owner takes them.
package protocol RequestBox: AnyObject {
    /// Takes what is there, oldest first. It is gone for good with the log's next commit, so that a
    /// request and what the run makes of it are journaled together.
    func takeRequests() throws(EngineError) -> [RunRequest]
}

/// How an attempt ended, with what it handed over.
package struct AttemptOutcome: Sendable {
    package var result: CommandResult
    /// In the order in which they were written.
    package var outputs: [(name: String, value: JSON)]
    /// Events of its own that the command wrote.
    package var events: [EventDraft]
    /// Why what it handed over cannot be taken; makes the attempt a failure.
    package var mistake: String?
    /// The last line it printed.
    package var lastLine: String
    /// The run whose result stands for this one; nil: the command ran.
    package var cachedFrom: String?
    /// Why no earlier result stood for this one: the fields that changed since the last time, such as
    /// `env.MODE` or `inputs: src/a.c`. Empty without `cache` and where something was cached.
    package var cacheMisses: [String] = []

    package init(
        result: CommandResult, outputs: [(name: String, value: JSON)] = [],
        events: [EventDraft] = [], mistake: String? = nil, lastLine: String = ""
    ) {
        self.result = result
        self.outputs = outputs
        self.events = events
        self.mistake = mistake
        self.lastLine = lastLine
    }
}

/// A failure of the engine itself, which stops the run.
package struct EngineError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable { case storage, content, damaged, busy }

    package let code: Code
    package let doing: String
    package let message: String

    package init(code: Code, doing: String, message: String) {
        self.code = code
        self.doing = doing
        self.message = message
    }

    package var description: String { "cannot \(doing): \(message)" }
}
