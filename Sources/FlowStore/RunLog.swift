package import FlowEngine
internal import FlowJSON
internal import FlowSystem

/// The log of one run, written by the flow that owns the run.
///
/// A log that has failed stays failed: what had not been journaled is gone, and what it says after
/// that would have a gap.
package final class RunLog: EventLog {
    let database: Database
    let number: Int
    private let id: String
    /// The newest request that has been handed out, and the newest that the log has deleted.
    var takenRequest = 0
    private var forgottenRequest = 0
    private var seq: Int
    private var isOpen: Bool
    private var failure: EngineError?
    private let clock: any Clock

    /// - Parameter isOpen: whether a transaction has begun that belongs to the log.
    init(
        _ database: Database, number: Int, id: String, seq: Int, isOpen: Bool = false,
        clock: any Clock = SystemClock()
    ) {
        self.database = database
        self.number = number
        self.id = id
        self.seq = seq
        self.isOpen = isOpen
        self.clock = clock
    }

    package func append(_ drafts: [EventDraft]) throws(EngineError) -> [Event] {
        try attempt { () throws(StoreError) in
            try begin()
            var events: [Event] = []
            for draft in drafts {
                let event = Event(seq: seq + 1, time: clock.now(), run: id, draft: draft)
                try insert(event)
                seq += 1
                events.append(event)
            }
            return events
        }
    }

    package func commit() throws(EngineError) {
        try attempt { () throws(StoreError) in
            guard isOpen || takenRequest > forgottenRequest else { return }
            try begin()
            try database.execute("COMMIT")
            isOpen = false
        }
    }

    package func sync() throws(EngineError) {
        try attempt { () throws(StoreError) in try database.sync() }
    }

    /// Opens the transaction that the next `commit` ends, unless it is open; what was taken from the
    /// request box is gone with it.
    private func begin() throws(StoreError) {
        if !isOpen { try database.execute("BEGIN IMMEDIATE") }
        isOpen = true
        guard takenRequest > forgottenRequest else { return }
        try database.run(
            "DELETE FROM requests WHERE run = ? AND number <= ?",
            [.integer(Int64(number)), .integer(Int64(takenRequest))])
        forgottenRequest = takenRequest
    }

    func attempt<Result>(_ work: () throws(StoreError) -> Result) throws(EngineError)
        -> Result
    {
        if let failure { throw failure }
        do throws(StoreError) {
            return try work()
        } catch {
            if isOpen { try? database.execute("ROLLBACK") }
            isOpen = false
            failure = error.forEngine
            throw error.forEngine
        }
    }

    private func insert(_ event: Event) throws(StoreError) {
        let draft = event.draft
        try database.run(
            """
            INSERT INTO events (run, seq, time, type, node, leg, attempt, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(Int64(number)), .integer(Int64(event.seq)),
                .integer(event.time.microseconds), .text(draft.type), .init(draft.node),
                .init(draft.leg), .init(draft.attempt), .text(JSON.object(draft.data).text()),
            ])
        switch draft.type {
        case EventType.runFinished:
            try database.run(
                "UPDATE runs SET status = ?, finished = ? WHERE number = ?",
                [
                    .init(draft.data["status"]?.stringValue), .integer(event.time.microseconds),
                    .integer(Int64(number)),
                ])
        case EventType.runWaiting:
            try database.run(
                "UPDATE runs SET status = 'waiting' WHERE number = ?", [.integer(Int64(number))])
        case EventType.runResumed:
            try database.run(
                "UPDATE runs SET status = 'running', finished = NULL WHERE number = ?",
                [.integer(Int64(number))])
        default: break
        }
    }
}
