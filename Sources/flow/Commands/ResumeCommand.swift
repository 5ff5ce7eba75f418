internal import FlowArguments
internal import FlowEngine
internal import FlowStore

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that waits, was interrupted, failed or was cancelled.",
        examples: [("flow resume last", "goes on with the newest run")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Option(help: "attempts at once", valueName: "n") var maxParallel: Int?
    @Flag(help: "print the run as JSON when it has ended") var json: Bool

    func run() throws -> Int32 {
        let capacity = try RunCapacity.checked(maxParallel)
        let session = try Session()
        let store = try session.runs()
        let summary = try store.find(name)
        guard
            let taken = try TakenRun.take(
                summary.id, of: store, session, capacity: capacity, progressToError: json)
        else { throw Misuse("the run \(summary.id) is going on", code: Program.failed) }
        if taken.status == .success {
            throw Misuse("the run \(summary.id) has succeeded; start a new one with flow run")
        }
        // To go on is the later wish.
        try store.withdrawCancels(run: summary.id)
        let wasEnding = taken.status == .interrupted && taken.run.state.isCancelling
        let report = try taken.goOn()
        if wasEnding, report.ending.status == .cancelled {
            Output.note(
                "it was being cancelled when its flow ended, which is done now; "
                    + "flow resume \(summary.id) goes on with it")
        }
        return report.finish(asJSON: json)
    }
}
