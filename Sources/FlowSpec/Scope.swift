internal import FlowText

/// Which contexts an expression may read at its place, and what is known of them.
struct Scope {
    /// Where the expression stands, for messages: `a workflow's env`.
    var place: String
    var contexts: Set<Context>
    var allowsStatus = false
    /// Whether `env` holds the node's own variables beside the workflow's.
    var seesNodeEnv = false
    var knowledge: Knowledge

    enum Context: String, CaseIterable, Sendable {
        case params, needs, matrix, strategy, env, secrets, flow
    }

    /// What validation knows before anything has run.
    struct Knowledge {
        var params: [String] = []
        /// Names of the workflow's own variables.
        var env: [String] = []
        /// All nodes of the workflow, by their ids.
        var nodes: [String: NodeFacts] = [:]
        var nodeNames: [String] = []
        /// The node that the expression belongs to; nil for the workflow itself, which may read
        /// every node.
        var node: NodeFacts?
    }

    /// What `needs.<node>` has.
    static let nodeProperties = ["result", "outputs"]
    /// What `strategy` has in a leg.
    static let strategyProperties = ["job-index", "job-total", "fail-fast", "max-parallel"]
    /// What `flow` has.
    static let flowProperties = [
        "run-id", "workflow", "node", "attempt", "now", "repository", "branch", "status",
    ]
}

/// What other nodes' expressions may rely on.
final class NodeFacts {
    let id: String
    let needs: [String]
    /// Names of its own variables.
    var env: [String] = []
    /// Names of those that hold secrets, which no expression sees.
    var secretEnv: [String] = []
    /// Names of the secrets that its variables may read.
    var secrets: [String] = []
    /// Names of its outputs; nil where any name may come.
    var outputs: [String]?
    var hasMatrix = false
    /// What `matrix` has in a leg; nil where that is known at run time only.
    var axes: [String]?

    init(id: String, needs: [String]) {
        self.id = id
        self.needs = needs
    }
}

extension Scope {
    /// Reports every read of a context that cannot be there, and every status function out of place.
    ///
    /// - Parameter report: what is wrong, and where in the expression, in Unicode scalars.
    func check(
        _ expression: Expression,
        _ report: (_ message: String, _ offset: Int, _ length: Int) -> Void
    ) {
        for use in expression.functions where use.isStatus && !allowsStatus {
            report("\(use.name)() can stand in 'if' only", use.offset, use.length)
        }
        for reference in expression.references {
            if let (message, part) = mistake(reference.path, isWhole: reference.isWhole) {
                report(message, part.offset, part.length)
            }
        }
    }

    private typealias Part = Expression.Reference.Part
    private typealias Mistake = (message: String, part: Part)

    private func mistake(_ path: [Part], isWhole: Bool) -> Mistake? {
        let name = path[0].text.lowercased()
        guard let context = Context(rawValue: name) else {
            return (unknownContext(path[0].text), path[0])
        }
        if context == .secrets { return secret(path) }
        guard contexts.contains(context) else { return (unavailable(context), path[0]) }
        switch context {
        case .params: return unknown(path, knowledge.params, "there is no param")
        case .flow: return unknown(path, Self.flowProperties, "'flow' has no")
        case .matrix, .strategy:
            guard let node = knowledge.node, node.hasMatrix else {
                return (
                    "'\(name)' needs a strategy with a matrix, which this node has not", path[0]
                )
            }
            if context == .strategy {
                return unknown(path, Self.strategyProperties, "'strategy' has no")
            }
            return node.axes.flatMap { unknown(path, $0, "this node's matrix has no") }
        case .env:
            let own = seesNodeEnv ? knowledge.node?.env ?? [] : []
            if seesNodeEnv, path.count > 1,
                knowledge.node?.secretEnv.contains(where: { FoldedText.equal($0, path[1].text) })
                    == true
            {
                return (
                    "'env.\(path[1].text)' is made of a secret, which no expression reads; only the "
                        + "command sees it, as $\(path[1].text)", path[1]
                )
            }
            return unknown(path, knowledge.env + own, "'env' here has no")
        case .needs: return needs(path)
        case .secrets: return nil
        }
    }

    private func secret(_ path: [Part]) -> Mistake? {
        guard contexts.contains(.secrets) else {
            return (
                "'secrets' can be read in a node's 'env' only, not in \(place)", path[0]
            )
        }
        guard path.count > 1 else {
            return ("a secret is read by its name, such as secrets.TOKEN", path[0])
        }
        let name = path[1].text
        let own = knowledge.node?.secrets ?? []
        if own.contains(where: { FoldedText.equal($0, name) }) { return nil }
        let hint = Nearest.hint(name, among: own)
        return (
            "\(VisibleText.quoted(name)) is not among the secrets of '\(knowledge.node?.id ?? "")'"
                + (hint.isEmpty ? "; add it to the node's 'secrets'" : hint), path[1]
        )
    }

    private func unknownContext(_ name: String) -> String {
        let hints = [
            "github": "; flow's own facts are in 'flow'", "inputs": "; flow calls them 'params'",
            "jobs": "; flow calls them 'needs'", "vars": "; flow calls them 'params'",
            "steps": "; a node has no steps, read 'needs.<node>.outputs'",
        ]
        let known = Context.allCases.filter(contexts.contains).map(\.rawValue)
        let nearest = Nearest.hint(name, among: Context.allCases.map(\.rawValue))
        let hint =
            hints[name.lowercased()]
            ?? (nearest.isEmpty
                ? "; \(place) may read \(known.joined(separator: ", ")); text stands in single quotes"
                : nearest)
        return "there is no context \(VisibleText.quoted(name))\(hint)"
    }

    private func unavailable(_ context: Context) -> String {
        let known = Context.allCases.filter(contexts.contains).map(\.rawValue)
        return "'\(context.rawValue)' is not available in \(place), where there are only "
            + known.joined(separator: ", ")
    }

    private func unknown(_ path: [Part], _ names: [String], _ what: String) -> Mistake? {
        guard path.count > 1 else { return nil }
        let name = path[1].text
        if names.contains(where: { FoldedText.equal($0, name) }) { return nil }
        return (
            "\(what) \(VisibleText.quoted(name))\(Nearest.hint(name, among: names))",
            path[1]
        )
    }

    private func needs(_ path: [Part]) -> Mistake? {
        guard path.count > 1 else { return nil }
        let name = path[1].text
        let readable = knowledge.node?.needs ?? knowledge.nodeNames
        guard let id = readable.first(where: { FoldedText.equal($0, name) }) else {
            if let id = knowledge.nodeNames.first(where: { FoldedText.equal($0, name) }) {
                return (notNeeded(id), path[1])
            }
            let hint = Nearest.hint(name, among: knowledge.nodeNames)
            return ("there is no node \(VisibleText.quoted(name))\(hint)", path[1])
        }
        guard path.count > 2 else { return nil }
        let property = path[2]
        guard Self.nodeProperties.contains(property.text.lowercased()) else {
            return (
                "a node has 'result' and 'outputs', not \(VisibleText.quoted(property.text))"
                    + Nearest.hint(property.text, among: Self.nodeProperties), property
            )
        }
        guard property.text.lowercased() == "outputs", path.count > 3,
            let outputs = knowledge.nodes[id]?.outputs
        else { return nil }
        let output = path[3]
        if outputs.contains(where: { FoldedText.equal($0, output.text) }) { return nil }
        return (
            "\(VisibleText.quoted(output.text)) is an output that no action declares: "
                + (outputs.isEmpty
                    ? "'\(id)' has none"
                    : "'\(id)' has \(outputs.joined(separator: ", "))")
                + Nearest.hint(output.text, among: outputs), output
        )
    }

    private func notNeeded(_ id: String) -> String {
        guard let node = knowledge.node else { return "'\(id)' cannot be read here" }
        if node.id == id { return "a node cannot read itself through 'needs'" }
        return "'\(id)' is not among the needs of '\(node.id)', so it may not have run; add it to "
            + "'needs'"
    }
}
