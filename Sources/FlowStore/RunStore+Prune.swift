internal import FlowEngine
package import FlowSystem

extension RunStore {
    /// Removes finished runs, the oldest first, until the rules hold: their events, their folders and
    /// the values that only they refer to. A run that is running, waiting or interrupted stays, and
    /// so does what is younger than an hour and belongs to no run yet. What a retry has kept of a run
    /// that goes can still be read.
    ///
    /// Killed at any moment it leaves no half run: the next one goes on. Reads all events. Call it
    /// only after the last `commit` of a log of this store.
    /// - Parameters:
    ///   - keeping: hashes of values that stay although no run refers to them.
    ///   - isDry: only says what would go.
    ///   - now: ages are counted from it.
    package func prune(
        _ rules: PruneRules = PruneRules(), keeping: Set<String> = [], isDry: Bool = false,
        now: Timestamp = SystemClock().now()
    ) throws(StoreError) -> PruneReport {
        try prune(rules, keeping: keeping, isDry: isDry, now: now) { _ in }
    }

    /// Where a prune stands; tests end the process there.
    enum PruneMoment: Sendable, Hashable, CaseIterable { case planned, rowsGone, folderGone, swept }

    func prune(
        _ rules: PruneRules, keeping: Set<String>, isDry: Bool, now: Timestamp,
        reached: (PruneMoment) -> Void
    ) throws(StoreError) -> PruneReport {
        let survey = try PruneSurvey(self, keeping: keeping, now: now)
        let plan = PrunePlan(
            survey.runs, objects: survey.objects.map { $0.map(\.diskBytes) },
            total: survey.total - survey.orphans.reduce(0) { $0 + $1.bytes }, rules: rules, now: now
        )
        reached(.planned)
        var report = PruneReport()
        report.isDry = isDry
        var stays = Set<Int>()
        let removed = Set(plan.removed)
        let gone = Set(plan.removed.map { survey.runs[$0].id })
        let kept = removed.isEmpty ? nil : try KeptLogs(self)
        for (place, run) in survey.runs.enumerated() {
            var goes = removed.contains(place)
            let keptBytes = goes ? try kept?.hand(over: run.id, gone: gone, isDry: isDry) ?? 0 : 0
            if goes, !isDry { goes = try remove(run, reached) }
            if goes {
                report.runs.append(run.id)
                report.events += run.events
                report.freedBytes += run.bytes - keptBytes
            } else {
                stays.formUnion(run.objects)
            }
        }
        let young = now.adding(seconds: -ContentFolder.grace)
        let content = ContentFolder(state)
        for place in plan.freed where !stays.contains(place) {
            guard let object = survey.objects[place],
                isDry || content.remove(object.hash, untouchedSince: young)
            else { continue }
            report.objects += 1
            report.freedBytes += object.diskBytes
        }
        reached(.swept)
        for folder in survey.orphans where isDry || (try? Files.remove(folder.path)) != nil {
            report.folders += 1
            report.freedBytes += folder.bytes
        }
        if !isDry {
            for path in survey.strays {
                report.freedBytes += content.removeStray(path, untouchedSince: young)
            }
            try tidy()
        }
        report.keptBytes = survey.total - report.freedBytes
        return report
    }

    /// Removes one run, unless somebody has taken it up meanwhile. Its folder goes after its events,
    /// so that no run is left without one; a folder without a run is collected later.
    private func remove(_ run: PrunePlan.Run, _ reached: (PruneMoment) -> Void)
        throws(StoreError) -> Bool
    {
        let path = state.lock(ofRun: run.id)
        var lock: LockedFile?
        if Files.exists(path) {
            lock = try? LockedFile(path)
            if lock == nil { return false }
        }
        let number = Database.Value.integer(Int64(run.number))
        let isGone = try database.transaction { () throws(StoreError) in
            let status = try database.run("SELECT status FROM runs WHERE number = ?", [number])
            guard let word = status.first?.first?.text, RunStatus(rawValue: word)?.isFinal == true
            else { return false }
            for table in ["requests", "events"] {
                try database.run("DELETE FROM \(table) WHERE run = ?", [number])
            }
            try database.run("DELETE FROM runs WHERE number = ?", [number])
            return true
        }
        guard isGone else { return false }
        reached(.rowsGone)
        do throws(SystemError) {
            try Files.remove(state.folder(ofRun: run.id))
        } catch {
            throw StoreError(error)
        }
        reached(.folderGone)
        withExtendedLifetime(lock) {}
        return true
    }

    /// Forgets durations of workflows without runs, and gives free pages back to the disk where they
    /// are many. That waits for other flows, so it is left for later while one is at work.
    private func tidy() throws(StoreError) {
        try database.run(
            "DELETE FROM durations WHERE workflow NOT IN (SELECT workflow FROM runs)")
        let free = try unusedBytes()
        guard free > 16 << 20 || free * 2 > FileStatus(state.runsDatabase)?.diskBytes ?? 0 else {
            return
        }
        let unfinished = try database.run("SELECT id FROM runs WHERE status = 'running'")
        guard !unfinished.contains(where: { RunLock.isHeld(state, run: $0[0].text ?? "") }) else {
            return
        }
        try? database.execute("VACUUM")
        try? database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// The bytes of the database's file that hold nothing.
    func unusedBytes() throws(StoreError) -> Int {
        let pages = try database.run("PRAGMA freelist_count").first?.first?.int ?? 0
        let size = try database.run("PRAGMA page_size").first?.first?.int ?? 0
        return pages * size
    }
}
