internal import FlowEngine
internal import FlowJSON
internal import FlowSpec

/// What can be said of a run before it starts.
struct RunPlan {
    enum Fate: String { case runs, skipped, depends }

    struct PlannedNode {
        /// The path in the run: `deploy/build`.
        let path: String
        let id: String
        let depth: Int
        let fate: Fate
        let sentence: String
        let needs: [String]

        /// The id, set in as deep as the node stands.
        var shownName: String { String(repeating: "  ", count: depth) + id }

        var json: JSON {
            [
                "node": .string(path), "fate": .string(fate.rawValue), "why": .string(sentence),
                "needs": .array(needs.map(JSON.string)),
            ]
        }
    }

    /// In an order in which they could run; what is inside a node behind it.
    private(set) var nodes: [PlannedNode] = []

    init(_ workflow: Workflow, params: JSONObject, selection: Set<String>?) {
        let level = Level(
            workflow: workflow, params: params, prefix: "", depth: 0, outer: .runs,
            selection: selection)
        add(level)
    }

    /// One workflow of the run.
    private struct Level {
        let workflow: Workflow
        /// nil: not known before the run.
        let params: JSONObject?
        let prefix: String
        let depth: Int
        /// What becomes of the node that the workflow is.
        let outer: Fate
        let selection: Set<String>?
    }

    private mutating func add(_ level: Level) {
        var fates: [String: Fate] = [:]
        for node in Self.ordered(level.workflow) {
            let isSelected = level.selection?.contains(node.id) ?? true
            var (fate, sentence) = Self.fate(
                node, level.params, isSelected: isSelected, fates)
            if level.outer == .skipped { (fate, sentence) = (.skipped, "is skipped with it") }
            if level.outer == .depends, fate == .runs { fate = .depends }
            fates[node.id] = fate
            nodes.append(
                PlannedNode(
                    path: level.prefix + node.id, id: node.id, depth: level.depth, fate: fate,
                    sentence: sentence, needs: node.needs.map { level.prefix + $0 }))
            guard case .workflow(let part, let with) = node.work else { continue }
            add(
                Level(
                    workflow: part.workflow, params: Self.params(part.workflow, with, level),
                    prefix: level.prefix + node.id + "/", depth: level.depth + 1, outer: fate,
                    selection: nil))
        }
    }

    /// The params of a workflow that is a node, where they need nothing of the run.
    private static func params(_ workflow: Workflow, _ with: Template, _ level: Level)
        -> JSONObject?
    {
        guard let params = level.params else { return nil }
        let context = EvaluationContext(values: ["params": .object(params)])
        guard let values = try? with.evaluate(in: context) else { return nil }
        return try? workflow.bind(file: values)
    }

    private static func ordered(_ workflow: Workflow) -> [Node] {
        let graph = Graph(workflow.nodes)
        var unmet = graph.needs.map(\.count)
        var ready = unmet.indices.filter { unmet[$0] == 0 }
        var next = 0
        while next < ready.count {
            for dependent in graph.dependents[ready[next]] {
                unmet[dependent] -= 1
                if unmet[dependent] == 0 { ready.append(dependent) }
            }
            next += 1
        }
        return ready.map { workflow.nodes[$0] }
    }

    // MARK: One node

    private static func fate(
        _ node: Node, _ params: JSONObject?, isSelected: Bool, _ fates: [String: Fate]
    ) -> (Fate, String) {
        guard isSelected else { return (.skipped, "is not selected") }
        if node.condition?.usesStatusFunction != true,
            let need = node.needs.first(where: { fates[$0] == .skipped })
        {
            return (.skipped, "is skipped because \(need) is")
        }
        let act = act(node)
        guard let condition = node.condition else {
            let open = node.needs.filter { fates[$0] == .depends }
            if !open.isEmpty { return (.depends, "\(act) if \(open.joined(separator: ", ")) does") }
            return (.runs, act + after(node) + more(node))
        }
        let source = condition.expression.source
        let contexts = Set(condition.expression.references.compactMap(\.path.first?.text))
        let depends = (Fate.depends, "\(act)\(after(node)) if \(source)")
        guard let params, contexts.isSubset(of: ["params"]), !condition.usesStatusFunction else {
            return depends
        }
        let context = EvaluationContext(values: ["params": .object(params)])
        guard let value = try? condition.expression.evaluate(in: context) else { return depends }
        return value.expressionTruth
            ? (.runs, "\(act)\(after(node)), since \(source)\(more(node))")
            : (.skipped, "is skipped: its condition is false: \(source)")
    }

    private static func act(_ node: Node) -> String {
        switch node.work {
        case .workflow(let part, _): return "runs \(part.reference)"
        case .approve(let gate): return "waits for \(gate.wish)"
        default: return "runs"
        }
    }

    private static func after(_ node: Node) -> String {
        node.needs.isEmpty ? "" : " after \(node.needs.joined(separator: ", "))"
    }

    private static func more(_ node: Node) -> String {
        var text = ""
        if let matrix = node.matrix {
            text += ", once for each \(matrix.axes.map(\.name).joined(separator: " × "))"
        }
        if let pool = node.pool { text += ", with a place in the pool \(pool)" }
        if node.cache != nil { text += ", unless the cache has its result" }
        return text
    }
}
