package import FlowEngine
package import FlowJSON
package import FlowSystem

/// All runs of a repository and their events, in `runs.db`.
package final class RunStore {
    /// The number of the tables' present shape; an older flow refuses a file with a higher one.
    package static var schema: Int { Schema.current }

    /// One line of the list of runs.
    package struct Summary: Sendable, Hashable {
        package let id: String
        package let workflow: String
        /// `running` also for a run whose owner has died; see `RunLock.isHeld`.
        package let status: String
        package let created: Timestamp
        package let finished: Timestamp?
        /// Whether something else did it, and its log was imported.
        package var isImported: Bool { id.hasPrefix(RunStore.importedPrefix) }

        package var json: JSON {
            [
                "run": .string(id), "workflow": .string(workflow), "status": .string(status),
                "created": .string(created.rfc3339),
                "finished": finished.map { .string($0.rfc3339) } ?? .null,
                "duration_ms": finished.map {
                    .integer(Int($0.microseconds - created.microseconds) / 1000)
                } ?? .null,
            ]
        }
    }

    package let state: StateFolder
    let database: Database

    /// Opens the store of a state folder, or makes it. A file of an older flow is migrated, after a
    /// copy of it has been put beside it. Where this user may only read what is there, the store can
    /// only be asked, and the file stays as it is.
    /// - Throws: `newer` for a file that a later version of flow has written.
    package init(_ state: StateFolder) throws(StoreError) {
        self.state = state
        if state.obstacle == nil {
            database = try Database(path: state.runsDatabase)
            try Schema.prepare(database)
        } else {
            database = try Database(reading: state.runsDatabase)
            try Schema.check(database)
        }
    }

    // MARK: Runs

    /// Registers a new run and gives its log. Both are seen, and survive, from the log's first
    /// `commit` on, so that there is no run without a beginning; until then use this store for
    /// nothing else.
    package func create(_ id: String, workflow: String, at time: Timestamp) throws(StoreError)
        -> RunLog
    {
        try database.execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            // imported runs have numbers below zero
            try database.run(
                """
                INSERT INTO runs (number, id, workflow, status, created)
                VALUES ((SELECT max(0, coalesce(max(number), 0)) + 1 FROM runs), ?, ?, 'running', ?)
                """,
                [.text(id), .text(workflow), .integer(time.microseconds)])
        } catch {
            try? database.execute("ROLLBACK")
            throw error
        }
        return RunLog(database, number: database.lastRowID, id: id, seq: 0, isOpen: true)
    }

    /// The log of a run, to go on writing it.
    package func log(of id: String) throws(StoreError) -> RunLog {
        let number = try number(of: id)
        let last = try database.run(
            "SELECT max(seq) FROM events WHERE run = ?", [.integer(Int64(number))])
        return RunLog(database, number: number, id: id, seq: last.first?.first?.int ?? 0)
    }

    /// The newest runs first, imported ones after the repository's own.
    package func runs(limit: Int = 50) throws(StoreError) -> [Summary] {
        try database.run(
            """
            SELECT id, workflow, status, created, finished FROM runs
            ORDER BY number DESC LIMIT ?
            """, [.integer(Int64(limit))]
        ).compactMap(summary)
    }

    /// The run that a name means: `last`, an id, or the beginning of one.
    /// - Throws: `notFound` and `ambiguous`, with the ids that begin so.
    package func find(_ name: String) throws(StoreError) -> Summary {
        if name == "last" {
            guard let last = try runs(limit: 1).first else {
                throw StoreError(
                    code: .notFound, doing: "find the last run",
                    message: "there is none yet; start one with flow run")
            }
            return last
        }
        let columns = "SELECT id, workflow, status, created, finished FROM runs "
        let exact = try database.run(columns + "WHERE id = ?", [.text(name)])
        if let run = exact.first.flatMap(summary) { return run }
        let found = try database.run(
            columns + "WHERE substr(id, 1, ?) = ? ORDER BY number DESC LIMIT 6",
            [.integer(Int64(name.unicodeScalars.count)), .text(name)]
        ).compactMap(summary)
        guard let run = found.first else {
            throw StoreError(
                code: .notFound, doing: "find the run \(name)",
                message: "no run has this id; flow runs lists them")
        }
        guard found.count == 1 else {
            throw StoreError(
                code: .ambiguous, doing: "find the run \(name)",
                message: "several begin so: " + found.map(\.id).joined(separator: ", "))
        }
        return run
    }

    private func summary(_ row: [Database.Value]) -> Summary? {
        guard let id = row[0].text, let workflow = row[1].text, let status = row[2].text,
            let created = row[3].int
        else { return nil }
        return Summary(
            id: id, workflow: workflow, status: status,
            created: Timestamp(microseconds: Int64(created)),
            finished: row[4].int.map { Timestamp(microseconds: Int64($0)) })
    }

    func number(of id: String) throws(StoreError) -> Int {
        let row = try database.run("SELECT number FROM runs WHERE id = ?", [.text(id)])
        guard let number = row.first?.first?.int else {
            throw StoreError(
                code: .notFound, doing: "find the run \(id)", message: "no run has this id")
        }
        return number
    }

    // MARK: Events

    /// The events of a run after a number and up to another, in order, handed over one by one.
    package func events(
        of id: String, after seq: Int = 0, through last: Int = .max, _ event: (Event) -> Void
    ) throws(StoreError) {
        let number = try number(of: id)
        var damaged: Int?
        try database.each(
            """
            SELECT seq, time, type, node, leg, attempt, data FROM events
            WHERE run = ? AND seq > ? AND seq <= ? ORDER BY seq
            """, [.integer(Int64(number)), .integer(Int64(seq)), .integer(Int64(last))]
        ) { row in
            guard let seq = row[0].int, let time = row[1].int, let type = row[2].text,
                let data = row[6].text.flatMap({ try? JSON.read($0) })?.objectValue
            else {
                damaged = damaged ?? row[0].int
                return
            }
            event(
                Event(
                    seq: seq, time: Timestamp(microseconds: Int64(time)), run: id,
                    draft: EventDraft(
                        type, node: row[3].text, leg: row[4].int, attempt: row[5].int, data: data)))
        }
        if let damaged {
            throw StoreError(
                code: .damaged, doing: "read the events of \(id)",
                message: "event \(damaged) cannot be read")
        }
    }

    /// All events of a run.
    package func events(of id: String) throws(StoreError) -> [Event] {
        var events: [Event] = []
        try self.events(of: id) { events.append($0) }
        return events
    }
}

extension RunStore {
    /// What SQLite's own check finds wrong; nil where all is well. Reads the whole file.
    package func integrityProblem() throws(StoreError) -> String? {
        let answer = try database.run("PRAGMA integrity_check").first?.first?.text ?? "no answer"
        return answer == "ok" ? nil : answer
    }
}
