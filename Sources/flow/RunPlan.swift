internal import FlowEngine
internal import FlowJSON
internal import FlowSpec

/// What can be said of a run before it starts, in the order in which its nodes could run.
struct RunPlan {
    enum Fate: String { case runs, cached, skipped, depends, waits, fails, empty }

    /// One leg of a node, where it has several.
    struct PlannedLeg {
        let name: String
        let fate: Fate
        let sentence: String
        let changes: [String]

        var json: JSON {
            [
                "leg": .string(name), "fate": .string(fate.rawValue), "why": .string(sentence),
                "changes": .array(changes.map(JSON.string)),
            ]
        }
    }

    struct PlannedNode {
        /// The path in the run, without legs: `deploy/build`.
        let path: String
        let id: String
        let depth: Int
        let fate: Fate
        let sentence: String
        let needs: [String]
        /// Of a node that runs although it has a cache: what differs from its last result.
        var changes: [String] = []
        var legs: [PlannedLeg] = []

        /// The id, set in as deep as the node stands.
        var shownName: String { String(repeating: "  ", count: depth) + id }

        var json: JSON {
            var object: JSONObject = [
                "node": .string(path), "fate": .string(fate.rawValue), "why": .string(sentence),
                "needs": .array(needs.map(JSON.string)),
                "changes": .array(changes.map(JSON.string)),
            ]
            if !legs.isEmpty { object["legs"] = .array(legs.map(\.json)) }
            return .object(object)
        }
    }

    /// What is inside a node stands behind it.
    private(set) var nodes: [PlannedNode] = []
    private let forecast: Forecast

    init(_ workflow: Workflow, _ forecast: Forecast) {
        self.forecast = forecast
        add(Level(workflow: workflow, prefix: "", depth: 0, outer: nil))
    }

    /// One workflow of the run.
    private struct Level {
        let workflow: Workflow
        let prefix: String
        let depth: Int
        /// The node that the workflow is, and what becomes of it.
        let outer: (id: String, fate: Fate)?
    }

    private mutating func add(_ level: Level) {
        for node in Self.ordered(level.workflow) {
            let planned = planned(node, level)
            nodes.append(planned)
            guard case .workflow(let part, _) = node.work else { continue }
            add(
                Level(
                    workflow: part.workflow, prefix: level.prefix + node.id + "/",
                    depth: level.depth + 1, outer: (node.id, planned.fate)))
        }
    }

    private func planned(_ node: Node, _ level: Level) -> PlannedNode {
        let path = level.prefix + node.id
        let needs = node.needs.map { level.prefix + $0 }
        func planned(_ fate: Fate, _ sentence: String) -> PlannedNode {
            PlannedNode(
                path: path, id: node.id, depth: level.depth, fate: fate, sentence: sentence,
                needs: needs)
        }
        guard let parts = forecast.parts[path], let first = parts.first else {
            let (outer, fate) = level.outer ?? ("", .skipped)
            return fate == .skipped
                ? planned(.skipped, "is skipped with it")
                : planned(.depends, "is known once \(outer) begins")
        }
        let words = PlanWords(node)
        guard parts.count > 1 else {
            var one = planned(Self.fate(first.fate), words.sentence(first.fate, legs: parts))
            one.changes = first.fate.misses
            if let leg = first.leg { one.legs = [Self.leg(leg, first, words)] }
            return one
        }
        var several = planned(Self.fate(of: parts), words.sentence(parts))
        several.legs = parts.map { part in
            Self.leg(part.name(isLeg: level.depth == 0), part, words)
        }
        return several
    }

    private static func leg(_ name: String, _ part: Forecast.Part, _ words: PlanWords)
        -> PlannedLeg
    {
        PlannedLeg(
            name: name, fate: fate(part.fate), sentence: words.sentence(part.fate, legs: []),
            changes: part.fate.misses)
    }

    private static func ordered(_ workflow: Workflow) -> [Node] {
        let graph = Graph(workflow)
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

    private static func fate(_ fate: Forecast.Fate) -> Fate {
        switch fate {
        case .runs: .runs
        case .cached: .cached
        case .runsOrCached, .legs, .depends: .depends
        case .skipped: .skipped
        case .waits: .waits
        case .fails: .fails
        case .empty: .empty
        }
    }

    /// What comes of several legs: whether something runs counts before what is not known.
    private static func fate(of parts: [Forecast.Part]) -> Fate {
        let fates = Set(parts.map { fate($0.fate) })
        return [Fate.fails, .runs, .depends, .waits, .cached, .empty, .skipped]
            .first(where: fates.contains) ?? .skipped
    }
}

extension Forecast.Fate {
    /// Fields that differ from those of the last result.
    fileprivate var misses: [String] { if case .runs(let misses) = self { misses } else { [] } }
}

extension Forecast.Part {
    /// What tells it from the other legs.
    func name(isLeg: Bool) -> String {
        guard let leg else { return path }
        return isLeg ? leg : "\(path)[\(leg)]"
    }
}
