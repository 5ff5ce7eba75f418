internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run anew what did not succeed, or from a node on; a new run keeps the rest.",
        discussion: """
            The new run keeps what the earlier one has finished, and runs anew what did not succeed,
            what --from names, and everything behind either. Of a run that succeeded, everything runs
            anew unless --from says where. What is finished is kept as it was, also where -p changes
            a param that it has read; what is not is evaluated with the new params, inside used
            workflows too, and a matrix keeps the finished legs that it still has. The workflow is
            the one that the earlier run has kept; --latest takes the files of today, and keeps what
            still stands there with the same needs.
            """,
        examples: [
            ("flow retry last", "what did not succeed, and what is behind it"),
            ("flow retry last --from train -p epochs=5", "from a node on, with another param"),
            ("flow retry last --from 'report[eu]'", "one leg, and what is behind the node"),
            ("flow retry last --from deploy/build --latest", "with the files of today"),
        ])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name: String
    @Option(help: "run this node or leg anew, and all behind it", valueName: "node")
    var from: [String]
    @Flag(help: "with the workflow as it is today") var latest: Bool
    @Option(name: ["-p", "--param"], help: "a param", valueName: "name=value") var param: [String]
    @Option(help: "attempts at once; the number of processors unless given", valueName: "n")
    var maxParallel: Int?
    @Flag(help: "print the run as JSON when it has ended; progress goes to standard error")
    var json: Bool

    func run() throws -> Int32 {
        let processGuard = try ProcessGuard()
        let capacity = try RunCapacity.checked(maxParallel)
        let session = try Session()
        let store = try session.runs()
        let old = try RecordedRun(store.find(name), store, session.workspace)
        if store.status(of: old.summary) == .running {
            throw Misuse(
                "the run \(old.id) is going on; end it first with flow cancel \(old.id)",
                code: Program.failed)
        }
        let redo = try from.map(old.address)
        try refuseUnselected(redo, in: old)
        let (workflow, bytes) = try self.workflow(old, store, session)
        let known = Set(workflow.params.map(\.name))
        let given = JSONObject(old.restored.params.members.filter { known.contains($0.0) })
        let params = try workflow.bind(
            file: .object(given), arguments: try Pairs.read(param, option: "-p"))
        var start = try NewRun(
            workflow, bytes, params: params, session: session, processGuard: processGuard)
        start.now = old.restored.identity.now
        start.selection = old.restored.selection
        start.retryOf = old.id
        start.kept = { contexts in
            let plan = RetryPlan(
                old.events, old.state, run: old.id, workflow: workflow, contexts: contexts,
                redo: redo)
            if !plan.kept.isEmpty {
                Output.note("keeps \(plan.kept.count) nodes of the run \(old.id)")
            }
            return plan.drafts
        }
        return try start.carryOut(store, capacity: capacity, asJSON: json)
            .finish(asJSON: json)
    }

    /// A retry takes no more nodes than the run before it.
    private func refuseUnselected(_ redo: [NodeAddress], in old: RecordedRun) throws {
        guard let selection = old.restored.selection else { return }
        for address in redo {
            let path = old.state.paths[address.place]
            // The node of the run's own workflow, of `subs.0/one`.
            let id =
                path.split(whereSeparator: { "./".contains($0) }).first.map(String.init) ?? path
            guard selection.contains(id) else {
                throw Misuse(
                    "\(id) was not selected in the run \(old.id) with --only or --from, and a retry "
                        + "keeps that; start it with flow run")
            }
        }
    }

    private func workflow(_ old: RecordedRun, _ store: RunStore, _ session: Session) throws -> (
        Workflow, [UInt8]
    ) {
        if latest { return try session.read(workflow: old.restored.workflow.file) }
        let hash = old.events.first?.data["hash"]?.stringValue ?? ""
        return (old.restored.workflow, try ContentFolder(store.state).get(hash))
    }
}
