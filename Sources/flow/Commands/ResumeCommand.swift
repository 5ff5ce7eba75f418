internal import FlowArguments
internal import FlowEngine
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with an interrupted, failed or cancelled run; finished nodes are kept.",
        examples: [("flow resume last", "goes on with the newest run")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Option(help: "attempts at once", valueName: "n") var maxParallel: Int?
    @Flag(help: "print the run as JSON when it has ended") var json: Bool

    func run() throws -> Int32 {
        let capacity = try RunCapacity.checked(maxParallel)
        let session = try Session()
        let store = try session.runs()
        let summary = try store.find(name)
        if summary.status == RunStatus.success.rawValue {
            throw Misuse("the run \(summary.id) has succeeded; start a new one with flow run")
        }
        guard let lock = try RunLock(store.state, run: summary.id) else {
            throw Misuse("the run \(summary.id) is going on", code: Program.failed)
        }
        let events = try store.events(of: summary.id)
        let restored = try RunRecord.restore(
            summary.id, events.first, from: ContentFolder(store.state),
            workspace: session.workspace.root)
        let secrets = try RunSecrets(restored.workflow, root: session.workspace.root)
        // What got out of its process group when flow was killed must not meet its successor, and
        // what lost attempts left may be what fills the disk.
        try RunMarks(store.state).sweep(summary.id)
        try Files.remove(Path.join(store.state.folder(ofRun: summary.id), "attempts"))
        let setup = RunSetup(
            workflow: restored.workflow, params: restored.params, identity: restored.identity,
            state: store.state, selection: restored.selection,
            capacity: capacity, secrets: secrets, progressToError: json)
        let log = try store.log(of: summary.id)
        let ending = try setup.execute(log) {
            try $0.resume(events)
        }
        return withExtendedLifetime(lock) {
            RunReport(ending: ending, run: summary.id, workflow: summary.workflow)
                .finish(asJSON: json)
        }
    }
}
