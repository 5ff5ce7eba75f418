package import FlowSystem

extension RunStore {
    /// After this long what the state folder takes is measured again.
    private static let measureAgain = 86_400.0
    /// A folder that stays over its quota, since nothing in it may go, is left alone this long.
    private static let tryAgain = 3600.0

    /// Prunes by the rules where the state folder is over their quota. For the end of a run, after
    /// the last `commit` of its log and while its lock is held, so that the run itself stays.
    ///
    /// Under the quota it costs one read and one question to the file system: since the folder was
    /// measured it cannot have grown by more than the disk's free space has shrunk. It is measured
    /// when that does not answer, and once a day.
    /// - Returns: nil where there was nothing to do.
    package func pruneWhenOver(
        _ rules: PruneRules = PruneRules(), keeping: () throws(StoreError) -> Set<String>,
        now: Timestamp = SystemClock().now()
    ) throws(StoreError) -> PruneReport? {
        guard let quota = rules.quotaBytes else { return nil }
        let free = Files.freeBytes(at: state.path)
        if let last = try lastUsage(), let free {
            let age = Double(now.microseconds - last.time.microseconds) / 1e6
            let most = last.bytes + max(0, last.free - free)
            if age < Self.measureAgain, most <= quota { return nil }
            if age < Self.tryAgain, last.bytes > quota { return nil }
        }
        var total = Files.diskUse(of: state.path) - (try unusedBytes())
        var report: PruneReport?
        if total > quota {
            report = try prune(rules, keeping: try keeping(), now: now)
            total = report?.keptBytes ?? total
        }
        try database.run(
            "INSERT OR REPLACE INTO usage (number, time, bytes, free) VALUES (1, ?, ?, ?)",
            [
                .integer(now.microseconds), .integer(Int64(total)),
                .integer(Int64(Files.freeBytes(at: state.path) ?? 0)),
            ])
        return report
    }

    private func lastUsage() throws(StoreError) -> (time: Timestamp, bytes: Int, free: Int)? {
        guard let row = try database.run("SELECT time, bytes, free FROM usage").first,
            let time = row[0].int, let bytes = row[1].int, let free = row[2].int
        else { return nil }
        return (Timestamp(microseconds: Int64(time)), bytes, free)
    }
}
