internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowText

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why a node ran, was skipped, was cached, waited or failed.",
        examples: [
            ("flow why last propose", "a node of the newest run"),
            ("flow why last 'report[eu]'", "one leg; report.2 is the one at place 2"),
            ("flow why last deploy/build", "a node of a workflow that is a node"),
        ])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Argument(help: "a node or a leg", valueName: "node") var node: String
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let session = try Session()
        let store = try session.history()
        let run = try RecordedRun(store.find(name), store, session.workspace)
        let reader = WhyReader(
            run.events, run.state, status: store.status(of: run.summary),
            contexts: run.contexts(store))
        let why = reader.why(try run.address(node))
        if json {
            var object: JSONObject = ["run": .string(run.id)]
            for (key, value) in why.json.members { object[key] = value }
            Output.print(.object(object))
        } else {
            let name = why.leg.map { "\(why.node)[\($0)]" } ?? why.node
            Output.print(VisibleText.safe("\(name): \(why.sentence)"))
        }
        return Program.succeeded
    }
}

extension RecordedRun {
    /// What people call a node or a leg.
    func address(_ text: String) throws -> NodeAddress {
        do {
            return try NodeAddress(text, in: state)
        } catch {
            throw Misuse("in the run \(id): \(error)")
        }
    }

    /// What its expressions looked at; files and secrets are not looked at again.
    func contexts(_ store: RunStore) -> ContextBuilder {
        let content = ContentFolder(store.state)
        return ContextBuilder(
            identity: restored.identity, params: restored.params,
            workflowEnv: restored.workflow.env,
            content: { hash throws(EngineError) in try content.get(hash) },
            hashFiles: { [root = restored.identity.workspace] in FileHash.of($0, below: root) })
    }
}
