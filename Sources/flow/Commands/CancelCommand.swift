internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowStore
internal import FlowSystem

struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End a run: what runs is ended, what has not begun is skipped.",
        examples: [
            ("flow cancel last", "asks the newest run to end, and returns"),
            ("flow cancel last --wait", "returns when it has ended"),
        ])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Flag(help: "return when the run has ended") var wait: Bool
    @Option(name: ["--as"], help: "who asks; git's identity unless given", valueName: "name")
    var author: String?
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let session = try Session()
        let store = try session.runs()
        let id = try store.find(name).id
        try refuseEnded(id, store)
        let by = try Person.current(author, gitFolder: session.workspace.gitFolder).description
        let delivery = try store.deliver(.cancel(by: by), to: id)
        if delivery == .unanswered { Output.note(Delivery.silence) }
        var hasOwner = delivery != .unowned
        while true {
            if !hasOwner, let status = try end(id, store, session) {
                return say(id, status, "the run \(id) is \(status.rawValue)")
            }
            guard wait else { return say(id, .running, "asked the run \(id) to end") }
            try RunLock.wait(store.state, run: id)
            let status = store.status(of: try store.find(id))
            if status.isFinal { return say(id, status, "the run \(id) is \(status.rawValue)") }
            hasOwner = false
        }
    }

    /// Ends a run that nobody is at, as its owner would.
    /// - Returns: nil when somebody took it up meanwhile; the request is there for them.
    private func end(_ id: String, _ store: RunStore, _ session: Session) throws -> RunStatus? {
        let taken = try TakenRun.take(
            id, of: store, session, capacity: ProcessImage.processors, progressToError: true)
        guard let taken else { return nil }
        if taken.status.isFinal {
            try store.withdrawCancels(run: id)
            return taken.status
        }
        return try taken.goOn().ending.status
    }

    private func refuseEnded(_ id: String, _ store: RunStore) throws {
        let status = store.status(of: try store.find(id))
        guard status.isFinal else { return }
        throw Misuse("the run \(id) has ended: \(status.rawValue)", code: Program.failed)
    }

    private func say(_ id: String, _ status: RunStatus, _ words: String) -> Int32 {
        if json {
            Output.print(["run": .string(id), "status": .string(status.rawValue)])
        } else {
            Output.print(words)
        }
        return [.running, .cancelled].contains(status) ? Program.succeeded : Program.failed
    }
}
