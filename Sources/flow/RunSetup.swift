internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// Joins the engine to the machine for one run.
struct RunSetup {
    let workflow: Workflow
    let params: JSONObject
    let identity: RunIdentity
    let state: StateFolder
    let selection: Set<String>?
    let capacity: Int
    let secrets: RunSecrets
    /// What has been read of the cache; nil: nothing yet.
    var cache: CacheMemory?
    /// Made before the program has much memory, which it would share with the guard and copy page by
    /// page as it goes on.
    let processGuard: ProcessGuard
    /// Where progress goes instead of standard output.
    let progressToError: Bool

    /// How a run went.
    struct Ending {
        let status: RunStatus
        /// Why, as a sentence, unless it succeeded or waits.
        let reason: String
        let outputs: JSONObject
        /// Whether all that went wrong is an output of the run.
        let hasFailedOutput: Bool
        /// What a run that waits, waits for.
        let gates: [OpenGate]
        /// What its nodes wrote for people, by their paths.
        let summaries: [(node: String, text: String)]
    }

    /// What a run knows of other runs when it begins.
    struct Outlook {
        let places: RunPlaces
        /// What nodes took earlier, in milliseconds by path.
        let durations: [String: Int]
    }

    /// Looks at the other runs, and queues for the group. Call it with the run's lock, and before the
    /// run is created.
    /// - Parameter isNew: whether the run is about to begin.
    func outlook(_ store: RunStore, isNew: Bool) throws -> Outlook {
        let places = try RunPlaces(workflow, params: params, identity: identity, in: state)
        try places.enter(asking: store, isNew: isNew)
        return Outlook(places: places, durations: try store.durations(of: workflow.name))
    }

    /// What its expressions look at.
    var contexts: ContextBuilder {
        let content = ContentFolder(state)
        return ContextBuilder(
            identity: identity, params: params, workflowEnv: workflow.env,
            secrets: secrets.context,
            content: { hash throws(EngineError) in try content.get(hash) },
            hashFiles: { [root = identity.workspace] in FileHash.of($0, below: root) })
    }

    /// Runs to the end, or until only people can go on. `begin` creates the run or takes it up.
    func execute(
        _ store: RunStore, _ log: RunLog, _ outlook: Outlook, begin: (RunLoop) throws -> Void
    ) throws -> Ending {
        let privateFolder =
            secrets.values.isEmpty
            ? nil : try PrivateFolder.make(identity.id, environment: Environment.all)
        let marks = RunMarks(state)
        try marks.begin(identity.id, privateFolder: privateFolder)
        Signals.block()
        // `flow run | head` ends the view, not the run.
        Signals.ignoreClosedPipes()
        let orphans = try Orphans()
        let places = attemptPlaces(privateFolder, orphans)
        let results = openCache()
        defer { results?.flush() }
        let executor = try LocalExecutor(
            capacity: capacity, places: places, processGuard: processGuard,
            cache: results.map {
                AttemptCache(
                    $0, workflow: identity.workflow, version: Version.text, places: places)
            })
        defer { executor.close() }
        // Before the run is seen by others, so that no request is missed.
        let control = try ControlPipe(state, run: identity.id) { executor.poke() }
        let gitLane = try Lane(processGuard: nil)
        let stop = StopRequests(orphans) {
            executor.interrupt()
            gitLane.cancel()
        }
        try Signals.watch { stop.received($0) }
        let measured = DurationsSink()
        let scheduler = Scheduler(
            workflow, contexts: contexts,
            room: AttemptRoom(attempts: capacity, processors: ProcessImage.processors),
            selection: selection, group: outlook.places.group?.name,
            durations: outlook.durations)
        let view = makeView()
        defer { view.close() }
        let end = EndSink()
        let summaries = SummarySink()
        let loop = RunLoop(
            scheduler: scheduler, log: log, content: ContentFolder(state), runner: executor,
            sinks: [end, measured, summaries, view], clock: SystemClock(),
            outside: RunLoop.Outside(
                places: outlook.places.keeper, requests: log,
                merges: StageMergeWatch(workspace: identity.workspace, lane: gitLane)))
        try begin(loop)
        let status = try withExtendedLifetime(control) { try loop.run() }
        orphans.end { _ in false }
        // Only for the order of the next run, so a failure changes nothing of this one.
        try? store.keep(durations: measured.milliseconds, of: workflow.name)
        // Where that fails, as where the run was stopped by an error, the next flow does it.
        try? marks.end(identity.id)
        StatePruning(store, workspace: identity.workspace).pruneWhenOver()
        let ending = Ending(
            status: status, reason: end.reason, outputs: end.outputs,
            hasFailedOutput: status == .failure && loop.state.hasSucceeded(frame: 0),
            gates: status == .waiting ? OpenGate.all(of: loop.state) : [],
            summaries: progressToError ? [] : RunSummaries.texts(of: summaries.attempts, state))
        if Environment.isGitHubActions { try report(ending, store) }
        return ending
    }

    private func report(_ ending: Ending, _ store: RunStore) throws {
        let events = try store.events(of: identity.id)
        StepReport(
            summary: StepSummary(
                workflow: workflow, run: identity.id, ending: ending, events: events, state: state)
        ).write()
    }

    /// Opens the cache where the workflow uses it, which costs as much as a few nodes, and begins to
    /// read what it knows of it.
    private func openCache() -> ResultCacheStore? {
        guard workflow.usesCache else { return nil }
        let memory = cache ?? CacheMemory(state.cacheDatabase)
        memory.prepare(identity.workflow)
        return ResultCacheStore(
            state, memory: memory, workspace: identity.workspace, isSecret: secrets.mask.test)
    }

    private func attemptPlaces(_ privateFolder: String?, _ orphans: Orphans)
        -> LocalExecutor.Places
    {
        var places = LocalExecutor.Places(
            workspace: identity.workspace, folder: state.folder(ofRun: identity.id),
            stageProgram: Programs.stage, runID: identity.id, environment: Environment.all)
        places.dotEnv = secrets.dotEnv
        places.mask = secrets.mask
        places.privateFolder = privateFolder
        places.orphans = orphans
        return places
    }

    private func makeView() -> any RunView {
        let device = progressToError ? TerminalDevice.error : .output
        if Environment.isGitHubActions {
            let view = ActionsView(workflow, run: identity, device: device, state: state)
            view.hide(secrets.values.map(\.value))
            return view
        }
        if device.isTerminal, Environment["TERM"] != "dumb", device.size != nil {
            return LiveView(workflow, run: identity, device: device)
        }
        return PlainView(workflow, run: identity, device: device)
    }
}

extension Workflow {
    /// Whether a node of it, or of a workflow within it, may be stood for by an earlier result.
    var usesCache: Bool {
        everyWorkflow.contains { $0.nodes.contains { $0.cache != nil } }
    }
}

/// Any stopping signal asks the run to stop; Ctrl-C twice ends flow at once, with all that it started.
private final class StopRequests: Sendable {
    private let orphans: Orphans
    private let first: @Sendable () -> Void
    private let interrupts = Counter()

    init(_ orphans: Orphans, _ first: @escaping @Sendable () -> Void) {
        self.orphans = orphans
        self.first = first
    }

    func received(_ signal: Int32) {
        if signal == Signals.interrupt, interrupts.next() > 1 {
            // The guard ends the groups; what has left its group would go on.
            orphans.endDescendants()
            exit(Program.cancelled)
        }
        first()
    }
}

/// Keeps what the run's last event says.
private final class EndSink: EventSink {
    private(set) var outputs: JSONObject = [:]
    private(set) var reason = ""

    func saw(_ event: Event) {
        if event.type == EventType.runFinished {
            outputs = event.data["outputs"]?.objectValue ?? [:]
            reason = event.data["reason"]?.stringValue ?? ""
        }
    }

    func recalled(_ event: Event) {}

    func heard(_ leg: LegID, _ line: String) {}
}

/// How long the successful attempt of each node took in this run; of a matrix, the longest leg's.
private final class DurationsSink: EventSink {
    private(set) var milliseconds: [String: Int] = [:]

    func saw(_ event: Event) {
        guard event.type == EventType.attemptFinished, event.data["result"] == "success",
            event.data["cached_from"] == nil, event.data["kept_from"] == nil,
            let node = event.draft.node, let took = event.data["duration_ms"]?.intValue
        else { return }
        milliseconds[node] = max(milliseconds[node] ?? 0, took)
    }

    func recalled(_ event: Event) {}

    func heard(_ leg: LegID, _ line: String) {}
}
