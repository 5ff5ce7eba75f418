internal import FlowStore
internal import FlowSystem

/// Keeps the state folder within its limits: results of the cache first, then runs.
struct StatePruning {
    private let store: RunStore
    private let workspace: String

    init(_ store: RunStore, workspace: String) {
        self.store = store
        self.workspace = workspace
    }

    func prune(_ rules: PruneRules, isDry: Bool) throws -> PruneReport {
        try store.prune(rules, keeping: cached(rules, isDry: isDry), isDry: isDry)
    }

    /// At the end of a run, with its lock; where it fails, the next one does it.
    func pruneWhenOver() {
        let rules = PruneRules()
        _ = try? store.pruneWhenOver(
            rules, keeping: { () throws(StoreError) in cached(rules, isDry: false) })
    }

    /// What the cache still needs. It may take half of the quota.
    private func cached(_ rules: PruneRules, isDry: Bool) -> Set<String> {
        guard Files.exists(store.state.cacheDatabase) else { return [] }
        let cache = ResultCacheStore(store.state, workspace: workspace)
        if !isDry {
            _ = cache.prune(
                olderThan: rules.days.map { .seconds($0 * 86_400) },
                maxBytes: rules.quotaBytes.map { $0 / 2 })
        }
        return cache.referencedObjects()
    }
}
