package import FlowJSON
package import FlowSpec
package import FlowSystem

/// What a run is, fixed when it is created.
package struct RunIdentity: Sendable, Hashable {
    /// Sortable by time.
    package let id: String
    package let workflow: String
    /// The run's fixed time.
    package let now: Timestamp
    /// The repository's root, or the folder the run works in.
    package let workspace: String
    /// The branch checked out; empty outside a repository.
    package let branch: String

    package init(id: String, workflow: String, now: Timestamp, workspace: String, branch: String) {
        self.id = id
        self.workflow = workflow
        self.now = now
        self.workspace = workspace
        self.branch = branch
    }

    func named(_ workflow: String) -> RunIdentity {
        RunIdentity(id: id, workflow: workflow, now: now, workspace: workspace, branch: branch)
    }
}

/// Makes what expressions look at, and evaluates with it. Pure, but for reading by content.
package struct ContextBuilder: Sendable {
    let identity: RunIdentity
    let params: JSONObject
    let workflowEnv: [Variable]
    /// The values of the run's secrets by name, which only the `env` of a node that lists them sees.
    let secrets: JSONObject
    /// The bytes of a stored value; a value kept by its content never changes.
    let content: @Sendable (String) throws(EngineError) -> [UInt8]
    let hashFiles: (@Sendable ([String]) -> String)?
    /// The workflow's variables where none of them has to be evaluated; nil: they differ.
    let literalEnv: JSONObject?
    /// What is not known before the run (`EvaluationContext.unknown`).
    var unknown: Set<[String]> = []

    package init(
        identity: RunIdentity, params: JSONObject, workflowEnv: [Variable],
        secrets: JSONObject = [:],
        content: @escaping @Sendable (String) throws(EngineError) -> [UInt8],
        hashFiles: (@Sendable ([String]) -> String)? = nil
    ) {
        self.identity = identity
        self.params = params
        self.workflowEnv = workflowEnv
        self.secrets = secrets
        self.content = content
        self.hashFiles = hashFiles
        let isLiteral = workflowEnv.allSatisfy(\.value.isLiteral)
        literalEnv =
            isLiteral
            ? try? Self.texts(of: workflowEnv, in: EvaluationContext(values: [:])) : nil
    }

    // MARK: Conditions

    /// Why a node whose needs are settled does not run; nil: it runs.
    func skipReason(
        _ node: Node, _ place: Int, _ state: RunState, isCancelled: Bool
    ) throws(ExpressionError) -> String? {
        let needs = state.graph.needs[place].map { state.nodes[$0].settlement }
        let success = !isCancelled && needs.allSatisfy { $0?.letsDependentsGoOn == true }
        let status = EvaluationContext.Status(
            success: success, failure: !isCancelled && state.nodes[place].failedAbove,
            cancelled: isCancelled)
        if !success, node.condition?.usesStatusFunction != true {
            return isCancelled ? "the run was cancelled" : unmetReason(place, state, node)
        }
        guard let condition = node.condition else { return nil }
        var context = try self.context(node, state, place: place)
        context.status = status
        if try condition.expression.evaluate(in: context).expressionTruth { return nil }
        return "its condition is false: \(condition.expression.source)"
    }

    private func unmetReason(_ place: Int, _ state: RunState, _ node: Node)
        -> String
    {
        for (need, id) in zip(state.graph.needs[place], node.needs) {
            guard let settlement = state.nodes[need].settlement, !settlement.letsDependentsGoOn
            else { continue }
            switch settlement.result {
            case .failure: return "\(id) failed"
            case .skipped: return "\(id) was skipped"
            default: return "\(id) was cancelled"
            }
        }
        return "a need did not succeed"
    }

    // MARK: Contexts

    func context(
        _ node: Node, _ state: RunState, place: Int, matrix: JSON = .null,
        leg: Int = 0, attempt: Int = 1, needs known: JSON? = nil
    ) throws(ExpressionError) -> EvaluationContext {
        let needs: JSON
        if let known {
            needs = known
        } else {
            needs = try self.needs(node, state, place: place)
        }
        var values: JSONObject = [
            "params": .object(params), "needs": needs, "matrix": matrix,
            "flow": .object(flow(node: state.paths[place], attempt: attempt, state)),
        ]
        if state.nodes[place].isMatrix {
            values["strategy"] = [
                "job-index": .integer(leg), "job-total": .integer(state.nodes[place].legs.count),
                "fail-fast": .bool(state.nodes[place].failFast),
                "max-parallel": state.nodes[place].maxParallel.map(JSON.integer) ?? .null,
            ]
        }
        if let literalEnv {
            values["env"] = .object(literalEnv)
        } else {
            values["env"] = [:]
            values["env"] = .object(try Self.texts(of: workflowEnv, in: evaluation(of: values)))
        }
        return evaluation(of: values)
    }

    /// The texts of a workflow's own variables.
    private static func texts(of variables: [Variable], in context: EvaluationContext)
        throws(ExpressionError) -> JSONObject
    {
        var env = JSONObject()
        for variable in variables {
            env[variable.name] = .string(try variable.value.evaluate(in: context).environmentText)
        }
        return env
    }

    private func evaluation(of values: JSONObject) -> EvaluationContext {
        var context = EvaluationContext(values: values, hashFiles: hashFiles)
        context.unknown = unknown
        return context
    }

    /// The `needs` context of a node whose needs are settled. Costs as much as their outputs.
    func needs(_ node: Node, _ state: RunState, place: Int) throws(ExpressionError) -> JSON {
        var needs = JSONObject()
        for (need, id) in zip(state.graph.needs[place], node.needs) {
            needs[id] = try self.need(state, need)
        }
        return .object(needs)
    }

    private func flow(node: String?, attempt: Int, _ state: RunState) -> JSONObject {
        var flow: JSONObject = [
            "run-id": .string(identity.id), "workflow": .string(identity.workflow),
            "attempt": .integer(attempt), "now": .string(identity.now.rfc3339),
            "repository": .string(identity.workspace), "branch": .string(identity.branch),
            "status": .string(state.status.rawValue),
        ]
        if let node { flow["node"] = .string(node) }
        return flow
    }

    private func need(_ state: RunState, _ place: Int) throws(ExpressionError) -> JSON {
        [
            "result": .string(state.nodes[place].settlement?.result.rawValue ?? ""),
            "outputs": .object(try outputs(of: place, in: state)),
        ]
    }

    /// The outputs of a settled node; of a matrix each is a list in leg order, null for a failed leg,
    /// and those that it declares are there even if no leg set them.
    package func outputs(of place: Int, in state: RunState) throws(ExpressionError) -> JSONObject {
        let node = state.nodes[place]
        guard node.isMatrix else {
            return try node.legs.first.map { (leg) throws(ExpressionError) in
                try outputs(of: leg)
            } ?? [:]
        }
        let nothing = [JSON](repeating: .null, count: node.legs.count)
        var names = state.definition(place).outputs.map(\.name)
        var lists = Dictionary(names.map { ($0, nothing) }) { first, _ in first }
        for (place, leg) in node.legs.enumerated() where leg.result == .success {
            for (name, value) in try outputs(of: leg).members {
                if lists[name] == nil { names.append(name) }
                lists[name, default: nothing][place] = value
            }
        }
        return JSONObject(names.map { ($0, .array(lists[$0] ?? [])) })
    }

    private func outputs(of leg: RunState.LegState) throws(ExpressionError) -> JSONObject {
        var object = JSONObject()
        for (name, value) in leg.outputs {
            switch value {
            case .inline(let json): object[name] = json
            case .stored(let hash, _): object[name] = try stored(hash)
            }
        }
        return object
    }

    private func stored(_ hash: String) throws(ExpressionError) -> JSON {
        do {
            return try JSON.read(try content(hash))
        } catch {
            throw ExpressionError(
                kind: .evaluation, message: "cannot read the stored output \(hash): \(error)")
        }
    }

    /// The outputs of a workflow whose nodes are settled; one that cannot be evaluated is null, and why
    /// the first such cannot is told.
    func outputs(of frame: Frame, _ state: RunState) -> (values: JSONObject, failure: String?) {
        guard !frame.workflow.outputs.isEmpty else { return ([:], nil) }
        let context = outputContext(of: frame, state)
        var values = JSONObject()
        var failure: String?
        for output in frame.workflow.outputs {
            do throws(ExpressionError) {
                values[output.name] = try output.value.evaluate(in: context)
            } catch {
                values[output.name] = .null
                failure = failure ?? "the output '\(output.name)' has no value: \(error.message)"
            }
        }
        return (values, failure)
    }

    /// What the outputs of a workflow look at.
    func outputContext(of frame: Frame, _ state: RunState) -> EvaluationContext {
        var needs = JSONObject()
        for (node, place) in zip(frame.workflow.nodes, frame.nodes) {
            needs[node.id] = try? need(state, place)
        }
        return evaluation(of: [
            "params": .object(params), "needs": .object(needs),
            "flow": .object(flow(node: nil, attempt: 1, state)),
        ])
    }

    /// The same for a workflow that is a node of this one.
    func entering(_ workflow: Workflow, params: JSONObject) -> ContextBuilder {
        ContextBuilder(
            identity: identity.named(workflow.name), params: params, workflowEnv: workflow.env,
            secrets: secrets, content: content, hashFiles: hashFiles)
    }
}

extension JSON {
    /// The text of an environment variable: a string as it is, anything else as its JSON text.
    package var environmentText: String {
        switch self {
        case .string(let text): text
        case .null: ""
        default: text()
        }
    }
}
