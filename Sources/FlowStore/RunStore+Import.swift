package import FlowEngine
internal import FlowJSON
package import FlowSystem

/// A run that something else did, as its log told of it.
package struct ImportedRun {
    /// One step; its event's time is told, not ours.
    package struct Step {
        let time: Timestamp
        let draft: EventDraft

        package init(_ draft: EventDraft, at time: Timestamp) {
            self.draft = draft
            self.time = time
        }
    }

    /// The log that it is from, and what that calls the run.
    package let log: String
    package let name: String
    /// What it ended as; `unknown` where the log does not say.
    package let status: RunStatus
    /// In their order; one at least.
    package let steps: [Step]

    package init(log: String, name: String, status: RunStatus, steps: [Step]) {
        self.log = log
        self.name = name
        self.status = status
        self.steps = steps
    }

    /// Of the log and the name only, so that the same run is found again.
    package var id: String {
        let key = JSON.array([.string(log), .string(name)]).bytes(.compact)
        return RunStore.importedPrefix + SHA256.hex(key).prefix(16)
    }

    fileprivate var workflow: String { "imported:\(log)" }
    fileprivate var created: Timestamp { steps.map(\.time).min() ?? Timestamp(seconds: 0) }
    fileprivate var finished: Timestamp { steps.map(\.time).max() ?? Timestamp(seconds: 0) }
}

/// What came of runs that were to be imported.
package struct ImportReport: Sendable, Hashable {
    package var added = 0
    /// Runs that have gone on since they were imported.
    package var updated = 0
    /// Runs that were there as they are.
    package var known = 0
    /// Steps of the first two.
    package var steps = 0
    /// Names of runs that are there with other steps; they stay as they were.
    package var differing: [String] = []

    package init() {}
}

extension RunStore {
    static let importedPrefix = "imported-"

    /// Adds runs of a log, or none of them: a flow that is killed meanwhile leaves the store as it was.
    /// A run that is there is left alone, or taken further where the log has more of it.
    ///
    /// Their numbers are below zero, the newest run's the highest, so that the repository's own runs
    /// stand before them and `last` is one of its own. Other flows cannot write meanwhile.
    /// - Parameters:
    ///   - count: how many there are, the oldest first.
    ///   - run: makes one; called once for each, in order.
    ///   - now: their ages are counted from it when runs are pruned.
    package func add(
        imported count: Int, _ run: (Int) -> ImportedRun, now: Timestamp = SystemClock().now()
    ) throws(StoreError) -> ImportReport {
        try database.transaction { () throws(StoreError) in
            var report = ImportReport()
            let lowest = try database.run("SELECT min(number) FROM runs").first?.first?.int ?? 0
            for place in 0..<count {
                try add(
                    run(place), number: min(lowest, 0) - (count - place), now: now, &report)
            }
            return report
        }
    }

    private func add(
        _ run: ImportedRun, number: Int, now: Timestamp, _ report: inout ImportReport
    ) throws(StoreError) {
        let id = run.id
        let known = try database.run("SELECT number, status FROM runs WHERE id = ?", [.text(id)])
        guard let known = known.first, let old = known[0].int else {
            try database.run(
                "INSERT INTO runs (number, id, workflow, status, created, finished) "
                    + "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .integer(Int64(number)), .text(id), .text(run.workflow),
                    .text(run.status.rawValue), .integer(run.created.microseconds),
                    .integer(run.finished.microseconds),
                ])
            try write(run, number: number, now: now)
            report.added += 1
            report.steps += run.steps.count
            return
        }
        let isEqual = try steps(of: old, begin: run.steps)
        guard let isEqual else {
            report.differing.append(run.name)
            return
        }
        if isEqual, known[1].text == run.status.rawValue {
            report.known += 1
            return
        }
        try database.run("DELETE FROM events WHERE run = ?", [.integer(Int64(old))])
        try database.run(
            "UPDATE runs SET status = ?, created = ?, finished = ? WHERE number = ?",
            [
                .text(run.status.rawValue), .integer(run.created.microseconds),
                .integer(run.finished.microseconds), .integer(Int64(old)),
            ])
        try write(run, number: old, now: now)
        report.updated += 1
        report.steps += run.steps.count
    }

    /// Whether the steps that are kept of a run are all of these; nil where these do not begin with them.
    private func steps(of number: Int, begin steps: [ImportedRun.Step]) throws(StoreError)
        -> Bool?
    {
        var place = 0
        var isSame = true
        try database.each(
            """
            SELECT time, type, node, data FROM events
            WHERE run = ? AND type NOT IN (?, ?) ORDER BY seq
            """,
            [.integer(Int64(number)), .text(EventType.runCreated), .text(EventType.runFinished)]
        ) { row in
            guard isSame, place < steps.count else {
                isSame = false
                return
            }
            let step = steps[place]
            isSame =
                row == [
                    .integer(step.time.microseconds), .text(step.draft.type),
                    .init(step.draft.node), .text(JSON.object(step.draft.data).text()),
                ]
            place += 1
        }
        return isSame ? place == steps.count : nil
    }

    private func write(_ run: ImportedRun, number: Int, now: Timestamp) throws(StoreError) {
        let beginning = EventDraft(
            EventType.runCreated,
            data: [
                "workflow": .string(run.workflow),
                "imported": ["log": .string(run.log), "run": .string(run.name)],
            ])
        let end = EventDraft(
            EventType.runFinished, data: ["status": .string(run.status.rawValue)])
        let steps =
            [ImportedRun.Step(beginning, at: now)] + run.steps
            + [ImportedRun.Step(end, at: run.finished)]
        for (place, step) in steps.enumerated() {
            try database.run(
                "INSERT INTO events (run, seq, time, type, node, data) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .integer(Int64(number)), .integer(Int64(place + 1)),
                    .integer(step.time.microseconds), .text(step.draft.type),
                    .init(step.draft.node), .text(JSON.object(step.draft.data).text()),
                ])
        }
    }
}
