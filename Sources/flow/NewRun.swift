internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

/// A run that is about to begin.
struct NewRun {
    private let workflow: Workflow
    private let bytes: [UInt8]
    private let params: JSONObject
    private let session: Session
    private let secrets: RunSecrets
    private let processGuard: ProcessGuard
    /// What has been read of the cache.
    var cache: CacheMemory?
    /// The run's fixed time; nil: when it is created.
    var now: Timestamp?
    /// Nodes that take part; nil: all.
    var selection: Set<String>?
    /// The earlier run of which it takes over what is finished.
    var retryOf: String?
    /// What that is, for a run whose expressions look at this.
    var kept: (ContextBuilder) -> [EventDraft] = { _ in [] }

    /// - Throws: what is wrong with the secrets, before anything is made.
    init(
        _ workflow: Workflow, _ bytes: [UInt8], params: JSONObject, session: Session,
        processGuard: ProcessGuard
    ) throws {
        self.processGuard = processGuard
        secrets = try RunSecrets(workflow, root: session.workspace.root)
        self.workflow = workflow
        self.bytes = bytes
        self.params = params
        self.session = session
    }

    /// Creates the run and carries it to its end, or until it waits for people.
    /// - Parameter asJSON: whether standard output is for JSON, and progress goes elsewhere.
    func carryOut(_ store: RunStore, capacity: Int, asJSON: Bool) throws -> RunReport {
        let created = SystemClock().now()
        let id = RunID.make(at: created)
        guard let lock = try RunLock(store.state, run: id) else {
            throw Misuse("another flow has the run \(id)", code: Program.failed)
        }
        let identity = RunIdentity(
            id: id, workflow: workflow.name, now: now ?? created,
            workspace: session.workspace.root, branch: session.workspace.branch ?? "")
        let setup = RunSetup(
            workflow: workflow, params: params, identity: identity, state: store.state,
            selection: selection, capacity: capacity, secrets: secrets, cache: cache,
            processGuard: processGuard, progressToError: asJSON)
        let outlook = try outlook(setup, store)
        let record = RunRecord(identity, workflow, bytes, params: params, selection: selection)
        var facts = try record.facts(keeping: ContentFolder(store.state))
        if let retryOf { facts["retry_of"] = .string(retryOf) }
        let log = try store.create(id, workflow: workflow.name, at: created)
        let kept = kept(setup.contexts)
        let ending = try setup.execute(store, log, outlook) {
            try $0.create(facts, keeping: kept)
        }
        outlook.places.noteDisagreements()
        return withExtendedLifetime(lock) {
            RunReport(ending: ending, run: id, workflow: workflow.name)
        }
    }

    /// Where another run has the group and the workflow says to fail, nothing is left behind.
    private func outlook(_ setup: RunSetup, _ store: RunStore) throws -> RunSetup.Outlook {
        do {
            return try setup.outlook(store, isNew: true)
        } catch {
            try? Files.remove(store.state.folder(ofRun: setup.identity.id))
            throw error
        }
    }
}
