package import FlowJSON
package import FlowSystem

/// Which finished runs stay: those that are young enough, as long as all state fits the quota.
package struct PruneRules: Sendable, Hashable {
    /// Runs that ended longer ago go; nil: age does not matter.
    package var days: Int?
    /// While the state folder holds more, the oldest finished runs go; nil: size does not matter.
    package var quotaBytes: Int?

    package init(days: Int? = 30, quotaBytes: Int? = 2_000_000_000) {
        self.days = days
        self.quotaBytes = quotaBytes
    }
}

/// What a prune took away, or would take away.
package struct PruneReport: Sendable, Hashable {
    /// Ids of the runs, oldest first.
    package var runs: [String] = []
    package var events = 0
    /// Values kept by content that no run refers to any more.
    package var objects = 0
    /// Folders whose run was gone already.
    package var folders = 0
    /// Of run folders, events and objects.
    package var freedBytes = 0
    /// Of the whole state folder, afterwards.
    package var keptBytes = 0
    /// Whether nothing has been touched.
    package var isDry = false

    package init() {}

    package var json: JSON {
        [
            "runs": .array(runs.map(JSON.string)), "events": .integer(events),
            "objects": .integer(objects), "folders": .integer(folders),
            "freed_bytes": .integer(freedBytes), "kept_bytes": .integer(keptBytes),
            "dry_run": .bool(isDry),
        ]
    }
}

extension RunStore {
    /// Removes finished runs, the oldest first, until the rules hold: their events, their folders and
    /// the values that only they refer to. A run that is running, waiting or interrupted stays.
    /// - Parameters:
    ///   - isDry: only says what would go.
    ///   - now: ages are counted from it.
    package func prune(
        _ rules: PruneRules = PruneRules(), isDry: Bool = false, now: Timestamp
    ) throws(StoreError) -> PruneReport {
        PruneReport()
    }

    /// Prunes by the standard rules where the state folder is over the quota. For the end of a run:
    /// costs a few reads where it is not.
    /// - Returns: nil where there was nothing to do.
    package func pruneWhenOver(
        _ rules: PruneRules = PruneRules(), after run: String, now: Timestamp
    )
        throws(StoreError) -> PruneReport?
    {
        nil
    }
}
