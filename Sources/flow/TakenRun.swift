internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// A run as the store has it: its events, and the workflow that it keeps.
struct RecordedRun {
    let summary: RunStore.Summary
    let events: [Event]
    let restored: RunRecord.Restored
    /// What the events come to.
    let state: RunState

    init(_ summary: RunStore.Summary, _ store: RunStore, _ workspace: Workspace) throws {
        try summary.checkIsOwn()
        self.summary = summary
        events = try store.events(of: summary.id)
        restored = try RunRecord.restore(
            summary.id, events.first, from: ContentFolder(store.state), workspace: workspace.root)
        var state = RunState(restored.workflow, params: restored.params)
        for event in events { state.apply(event) }
        self.state = state
    }

    var id: String { summary.id }
}

extension RunStore.Summary {
    /// - Throws: for an imported run: nothing is known of it but its steps.
    func checkIsOwn() throws {
        guard isImported else { return }
        throw Misuse(
            "the run \(id) was imported (\(VisibleText.safe(workflow))): it has steps and no workflow "
                + "that could go on, run again or be looked into; see flow show and flow events",
            code: Program.failed)
    }
}

/// A run that has begun earlier and that this flow owns now.
struct TakenRun {
    /// As it stood when it was taken.
    let run: RecordedRun
    private let store: RunStore
    private let log: RunLog
    private let session: Session
    private let capacity: Int
    private let progressToError: Bool
    private let lock: RunLock

    /// - Returns: nil when another flow owns the run.
    static func take(
        _ id: String, of store: RunStore, _ session: Session, capacity: Int, progressToError: Bool
    ) throws -> TakenRun? {
        try store.find(id).checkIsOwn()
        guard let lock = try RunLock(store.state, run: id) else { return nil }
        // Read again under the lock: it may have ended a moment ago.
        let run = try RecordedRun(store.find(id), store, session.workspace)
        return TakenRun(
            run: run, store: store, log: try store.log(of: id), session: session,
            capacity: capacity, progressToError: progressToError, lock: lock)
    }

    /// How the run stands, nobody else being at it.
    var status: RunStatus { store.status(of: run.summary) }

    /// Writes a word on an open gate down, for good.
    func write(_ decision: EventDraft) throws {
        _ = try log.append([decision])
        try log.commit()
        try log.sync()
    }

    /// Goes on to the run's end, or until it waits for people.
    /// - Throws: also where a secret of the workflow is missing; nothing has happened then.
    func goOn() throws -> RunReport {
        let restored = run.restored
        let setup = RunSetup(
            workflow: restored.workflow, params: restored.params, identity: restored.identity,
            state: store.state, selection: restored.selection, capacity: capacity,
            secrets: try RunSecrets(restored.workflow, root: session.workspace.root),
            processGuard: try ProcessGuard(), progressToError: progressToError)
        // What got out of its process group when flow was killed must not meet its successor, and
        // what lost attempts left may be what fills the disk.
        try RunMarks(store.state).sweep(run.id)
        for name in ["attempts", "scratch"] {
            try Files.remove(Path.join(store.state.folder(ofRun: run.id), name))
        }
        let outlook = try setup.outlook(store, isNew: false)
        let events = try store.events(of: run.id)
        let ending = try setup.execute(store, log, outlook) { try $0.resume(events) }
        outlook.places.noteDisagreements()
        return withExtendedLifetime(lock) {
            RunReport(ending: ending, run: run.id, workflow: run.summary.workflow)
        }
    }
}

/// What has become of a request.
enum Delivery {
    case taken
    /// Nobody is at the run; the request is there for whoever takes it up.
    case unowned
    /// Somebody is at the run and has not taken it yet: it asks git, or is stopped.
    case unanswered

    static let silence =
        "the flow that has the run does not answer yet: it asks git, or is stopped (Ctrl-Z); it takes "
        + "this once it goes on"
}

extension RunStore {
    /// How often an owner is looked at before it counts as one that does not answer, and the
    /// milliseconds in between.
    private static let looks = (most: 600, pause: UInt32(5))

    /// Asks something of a run and waits until its owner has taken it: one that ends in this moment
    /// may not.
    func deliver(_ request: RunRequest, to run: String) throws -> Delivery {
        try ask(run: run, request)
        for _ in 0..<Self.looks.most {
            guard RunLock.isHeld(state, run: run) else {
                return try requests(run: run).contains(request) ? .unowned : .taken
            }
            if try !requests(run: run).contains(request) { return .taken }
            Thread.pause(milliseconds: Self.looks.pause)
        }
        return .unanswered
    }
}
