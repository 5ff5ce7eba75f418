internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

/// The group of runs that a run belongs to, of which one goes on at a time.
struct RunGroup {
    let name: String
    let onConflict: Concurrency.Conflict

    /// As `StorePlaces` knows it.
    var pool: String { "group:\(name)" }

    /// - Returns: nil where the workflow names no group.
    static func of(_ workflow: Workflow, params: JSONObject, identity: RunIdentity) throws
        -> RunGroup?
    {
        guard let concurrency = workflow.concurrency else { return nil }
        let context = EvaluationContext(values: [
            "params": .object(params),
            "flow": [
                "run-id": .string(identity.id), "workflow": .string(identity.workflow),
                "now": .string(identity.now.rfc3339), "branch": .string(identity.branch),
                "repository": .string(identity.workspace), "attempt": 1,
                "status": .string(RunStatus.running.rawValue),
            ],
        ])
        let name: String
        do {
            name = try concurrency.group.evaluate(in: context).expressionText
        } catch {
            throw Misuse("cannot evaluate the group of \(workflow.name): \(error)")
        }
        guard !name.isEmpty else {
            throw Misuse("the group of \(workflow.name) is empty: concurrency.group has no value")
        }
        return RunGroup(name: name, onConflict: concurrency.onConflict)
    }
}

/// What a run shares with the other runs of a state folder: places in pools, and its group.
struct RunPlaces {
    let group: RunGroup?
    /// nil where the workflow knows neither pools nor a group.
    let keeper: StorePlaces?
    private let run: String

    /// Take the run's lock first.
    init(_ workflow: Workflow, params: JSONObject, identity: RunIdentity, in state: StateFolder)
        throws
    {
        run = identity.id
        group = try RunGroup.of(workflow, params: params, identity: identity)
        guard group != nil || !workflow.allPools.isEmpty else {
            keeper = nil
            return
        }
        keeper = try StorePlaces(state, run: run) { dead in
            (try? RunMarks(state).sweep(dead)) != nil
        }
    }

    /// Queues for the group, and does what the workflow says where another run has it.
    /// - Parameter isNew: whether the run is about to begin; one that goes on only queues.
    /// - Throws: `Misuse` where the workflow says `on-conflict: fail`; nothing is queued for then.
    func enter(asking store: RunStore, isNew: Bool) throws {
        guard let group, let keeper else { return }
        // First asked, then looked: what is free now may be taken in a moment.
        try keeper.ask(for: group.pool, size: 1)
        let holders = try keeper.holders(of: group.pool)
        guard !holders.contains(run) else { return }
        let before = try keeper.waiting(for: group.pool).prefix { $0 != run }
        guard let other = (holders + before).first else { return }
        switch isNew ? group.onConflict : .queue {
        case .queue:
            Output.note("waits for the run \(other), which has the group \(group.name)")
        case .fail:
            try keeper.releaseAll()
            throw Misuse(
                "the run \(other) has the group \(group.name), and this workflow says "
                    + "on-conflict: fail; nothing was started", code: Program.failed)
        case .cancel:
            for run in holders + before { try ask(run, of: store) }
            Output.note("asked the run \(other) to end, which has the group \(group.name)")
        }
    }

    /// Says of which pools another run has thought otherwise.
    func noteDisagreements() {
        for found in keeper?.disagreements ?? [] {
            Output.note(
                "warning: the pool \(found.pool) has \(found.size) places here and \(found.otherSize) in "
                    + "the run \(found.otherRun); the smaller size counted")
        }
    }

    /// One that has only just taken its place is not in the store yet: it is waited for.
    private func ask(_ other: String, of store: RunStore) throws {
        do {
            try store.ask(run: other, .cancel(by: "run \(run)"))
        } catch {
            if error.code != .notFound { throw error }
        }
    }
}
