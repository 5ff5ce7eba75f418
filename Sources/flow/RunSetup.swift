internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

/// Joins the engine to the machine for one run.
struct RunSetup {
    let workflow: Workflow
    let params: JSONObject
    let identity: RunIdentity
    let state: StateFolder
    let selection: Set<String>?
    let capacity: Int
    let secrets: RunSecrets
    /// Where progress goes instead of standard output.
    let progressToError: Bool

    /// How a run went.
    struct Ending {
        let status: RunStatus
        let outputs: JSONObject
    }

    /// Runs to the end. `begin` creates the run or takes it up.
    func execute(_ log: any EventLog, begin: (RunLoop) throws -> Void) throws -> Ending {
        let privateFolder =
            secrets.values.isEmpty
            ? nil : try PrivateFolder.make(identity.id, environment: Environment.all)
        let marks = RunMarks(state)
        try marks.begin(identity.id, privateFolder: privateFolder)
        Signals.block()
        // `flow run | head` ends the view, not the run.
        Signals.ignoreClosedPipes()
        let processGuard = try ProcessGuard()
        let orphans = try Orphans()
        let executor = try LocalExecutor(
            capacity: capacity, places: places(privateFolder, orphans), processGuard: processGuard)
        defer { executor.close() }
        let stop = StopRequests(orphans) { executor.interrupt() }
        try Signals.watch { stop.received($0) }
        let content = ContentFolder(state)
        let scheduler = Scheduler(
            workflow,
            contexts: ContextBuilder(
                identity: identity, params: params, workflowEnv: workflow.env,
                secrets: secrets.context,
                content: { hash throws(EngineError) in try content.get(hash) },
                hashFiles: { [root = identity.workspace] in FileHash.of($0, below: root) }),
            capacity: capacity, selection: selection)
        let view = makeView()
        defer { view.close() }
        let outputs = OutputsSink()
        let loop = RunLoop(
            scheduler: scheduler, log: log, content: content, runner: executor,
            sinks: [outputs, view], clock: SystemClock())
        try begin(loop)
        let status = try loop.run()
        orphans.end { _ in false }
        // Where that fails, as where the run was stopped by an error, the next flow does it.
        try? marks.end(identity.id)
        return Ending(status: status, outputs: outputs.outputs)
    }

    private func places(_ privateFolder: String?, _ orphans: Orphans) -> LocalExecutor.Places {
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
        let titles = workflow.nodes.map { (id: $0.id, title: $0.title) }
        if device.isTerminal, Environment["TERM"] != "dumb", device.size != nil {
            return LiveView(titles, run: identity, device: device)
        }
        return PlainView(titles, run: identity, device: device)
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

/// Keeps the outputs of the run's last event.
private final class OutputsSink: EventSink {
    private(set) var outputs: JSONObject = [:]

    func saw(_ event: Event) {
        if event.type == EventType.runFinished {
            outputs = event.data["outputs"]?.objectValue ?? [:]
        }
    }

    func recalled(_ event: Event) {}

    func heard(_ leg: LegID, _ line: String) {}
}
