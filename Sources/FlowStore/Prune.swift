package import FlowJSON

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
