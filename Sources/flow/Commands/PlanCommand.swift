internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say what a run would do, and why; executes nothing.",
        examples: [("flow plan integrate.yaml -p min_hits=5", "with another threshold")])

    @Argument(help: "a path, or a name in workflows/", valueName: "workflow") var file: String
    @OptionGroup var start: RunOptions
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let session = try Session()
        let workflow = try session.readWarning(workflow: file).workflow
        let params = try workflow.bind(file: try start.paramsFile(), arguments: try start.pairs())
        let selection = try start.selection(workflow)
        if !json, let group = workflow.concurrency {
            Output.print("in the group \(VisibleText.safe(Self.text(group, params)))")
        }
        try RunPlan(workflow, params: params, session, selection: selection).show(asJSON: json)
        return Program.succeeded
    }

    /// The group as far as it is known, and what a run does that another one has it before.
    private static func text(_ group: Concurrency, _ params: JSONObject) -> String {
        let context = EvaluationContext(values: ["params": .object(params)])
        let name = (try? group.group.evaluate(in: context).expressionText).map { "'\($0)'" }
        switch group.onConflict {
        case .queue: return "\(name ?? "that is known then"); waits for a run that has it"
        case .cancel: return "\(name ?? "that is known then"); ends a run that has it"
        case .fail: return "\(name ?? "that is known then"); fails where another run has it"
        }
    }
}

extension RunPlan {
    /// Looks ahead at a run of this moment.
    init(
        _ workflow: Workflow, params: JSONObject, _ session: Session, selection: Set<String>?
    ) throws {
        let foresight = try RunForesight(workflow, params: params, session)
        self.init(workflow, foresight.forecast(selection: selection))
    }

    /// Prints it, a node a line.
    func show(asJSON: Bool) {
        if asJSON { return Output.print(lines: nodes.map(\.json)) }
        let names = nodes.map(\.shownName)
        let width = min(28, names.map(\.count).max() ?? 0)
        for (node, name) in zip(nodes, names) {
            let gap = String(repeating: " ", count: max(0, width - name.count))
            Output.print("\(name)\(gap)  \(VisibleText.safe(node.sentence))")
        }
    }
}
