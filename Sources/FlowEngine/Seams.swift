package import FlowJSON
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
    /// Starts an attempt and returns at once.
    func start(_ attempt: Attempt)
    /// Asks a running attempt to end.
    func cancel(_ leg: LegID)
    /// What has happened since the last call; waits for something until `deadline` (nil: for ever),
    /// or until `interrupt` makes it return.
    func reports(until deadline: Timestamp?) -> [AttemptReport]
}

/// Somebody who looks on: the terminal, annotations, a stream.
package protocol EventSink: AnyObject {
    func saw(_ event: Event)
    /// An event from before a run was taken up again.
    func recalled(_ event: Event)
    /// The last line that a running attempt printed.
    func heard(_ leg: LegID, _ line: String)
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
