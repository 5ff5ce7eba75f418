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
        let workflow = try session.read(workflow: file).workflow
        let params = try workflow.bind(file: try start.paramsFile(), arguments: try start.pairs())
        let plan = RunPlan(workflow, params: params, selection: try start.selection(workflow))
        if json {
            Output.print(lines: plan.nodes.map(\.json))
        } else {
            let width = min(28, plan.nodes.map(\.id.count).max() ?? 0)
            for node in plan.nodes {
                let gap = String(repeating: " ", count: max(0, width - node.id.count))
                Output.print("\(node.id)\(gap)  \(VisibleText.safe(node.sentence))")
            }
        }
        return Program.succeeded
    }
}

/// What can be said of a run before it starts.
struct RunPlan {
    enum Fate: String { case runs, skipped, depends }

    struct PlannedNode {
        let id: String
        let fate: Fate
        let sentence: String
        let needs: [String]

        var json: JSON {
            [
                "node": .string(id), "fate": .string(fate.rawValue), "why": .string(sentence),
                "needs": .array(needs.map(JSON.string)),
            ]
        }
    }

    /// In an order in which they could run.
    let nodes: [PlannedNode]

    init(_ workflow: Workflow, params: JSONObject, selection: Set<String>?) {
        var fates: [String: Fate] = [:]
        nodes = Self.ordered(workflow).map { node in
            let (fate, sentence) = Self.fate(
                node, params, isSelected: selection?.contains(node.id) ?? true, fates)
            fates[node.id] = fate
            return PlannedNode(id: node.id, fate: fate, sentence: sentence, needs: node.needs)
        }
    }

    private static func ordered(_ workflow: Workflow) -> [Node] {
        let graph = Graph(workflow.nodes)
        var unmet = graph.needs.map(\.count)
        var ready = unmet.indices.filter { unmet[$0] == 0 }
        var order: [Node] = []
        while !ready.isEmpty {
            let place = ready.removeFirst()
            order.append(workflow.nodes[place])
            for dependent in graph.dependents[place] {
                unmet[dependent] -= 1
                if unmet[dependent] == 0 { ready.append(dependent) }
            }
        }
        return order
    }

    private static func fate(
        _ node: Node, _ params: JSONObject, isSelected: Bool, _ fates: [String: Fate]
    ) -> (Fate, String) {
        guard isSelected else { return (.skipped, "is not selected") }
        let after = node.needs.isEmpty ? "" : " after \(node.needs.joined(separator: ", "))"
        if node.condition?.usesStatusFunction != true,
            let need = node.needs.first(where: { fates[$0] == .skipped })
        {
            return (.skipped, "is skipped because \(need) is")
        }
        guard let condition = node.condition else {
            let open = node.needs.filter { fates[$0] == .depends }
            if !open.isEmpty { return (.depends, "runs if \(open.joined(separator: ", ")) does") }
            return (.runs, "runs\(after)\(matrix(node))")
        }
        let source = condition.expression.source
        let contexts = Set(condition.expression.references.compactMap(\.path.first?.text))
        guard contexts.isSubset(of: ["params"]), !condition.usesStatusFunction else {
            return (.depends, "runs\(after) if \(source)")
        }
        let context = EvaluationContext(values: ["params": .object(params)])
        guard let value = try? condition.expression.evaluate(in: context) else {
            return (.depends, "runs\(after) if \(source)")
        }
        return value.expressionTruth
            ? (.runs, "runs\(after), since \(source)\(matrix(node))")
            : (.skipped, "is skipped: its condition is false: \(source)")
    }

    private static func matrix(_ node: Node) -> String {
        guard let matrix = node.matrix else { return "" }
        return ", once for each \(matrix.axes.map(\.name).joined(separator: " × "))"
    }
}
