internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

extension ContextBuilder {
    /// Everything that is needed to start a leg.
    /// - Parameter needs: makes the `needs` context, where something looks at it.
    /// - Throws: `ExpressionError` where an expression of the node fails or gives a wrong type.
    func attempt(
        _ leg: LegID, number: Int, _ node: Node, _ state: RunState,
        needs: () throws(ExpressionError) -> JSON
    ) throws(ExpressionError) -> Attempt {
        // One that is looked at before its node has been expanded is not there yet.
        let legState =
            state.nodes[leg.node].legs.isEmpty
            ? RunState.LegState(key: "", matrix: .null) : state.nodes[leg.node].legs[leg.leg]
        // Most nodes have nothing that looks at it.
        var context =
            if node.isLiteral, let literalEnv {
                EvaluationContext(values: ["env": .object(literalEnv)])
            } else {
                try context(
                    node, state, place: leg.node, matrix: legState.matrix, leg: leg.leg,
                    attempt: number, needs: needs())
            }
        let environment = try environment(node, &context)
        let (program, input) = try program(node.work, in: context)
        return Attempt(
            leg: leg, nodeID: state.paths[leg.node], legKey: legState.key,
            isMatrix: state.nodes[leg.node].isMatrix, number: number, program: program,
            input: input, environment: environment,
            folder: try node.workingDirectory?.evaluate(in: context).expressionText ?? "",
            envPass: node.envPass, usesSecrets: !node.secrets.isEmpty,
            cache: try node.cache.map { policy throws(ExpressionError) in
                try query(policy, in: context)
            }, timeout: node.timeout, grace: node.grace, outputs: node.outputs, now: identity.now)
    }

    private func query(_ policy: CachePolicy, in context: EvaluationContext)
        throws(ExpressionError) -> CacheQuery
    {
        func globs(_ templates: [Template]) throws(ExpressionError) -> [String] {
            try templates.map { template throws(ExpressionError) in
                try template.evaluate(in: context).environmentText
            }
        }
        return CacheQuery(
            inputs: try globs(policy.inputs), outputs: try globs(policy.outputs),
            key: try policy.key?.evaluate(in: context) ?? .null)
    }

    /// The params of a workflow that is a node, for one of its legs.
    /// - Throws: `ExpressionError` also for params that the workflow does not take.
    func params(
        _ inner: SubWorkflow, _ with: Template, _ leg: LegID, _ node: Node, _ state: RunState,
        needs: JSON
    ) throws(ExpressionError) -> JSONObject {
        let legState = state.nodes[leg.node].legs[leg.leg]
        let context = try context(
            node, state, place: leg.node, matrix: legState.matrix, leg: leg.leg, needs: needs)
        let (params, mistakes) = inner.checked(params: try with.evaluate(in: context))
        guard mistakes.isEmpty else {
            throw ExpressionError(kind: .evaluation, message: mistakes.joined(separator: "; "))
        }
        guard let values = params.objectValue else { return [:] }
        return values
    }

    /// The branches that must be merged before a gate opens; null where it does not ask for any.
    /// - Throws: `ExpressionError` also where the value is no list of names.
    func branches(_ gate: Gate, _ node: Node, _ place: Int, _ state: RunState)
        throws(ExpressionError) -> JSON
    {
        guard let template = gate.branches else { return .null }
        let value = try template.evaluate(in: context(node, state, place: place))
        guard let names = value.arrayValue, names.allSatisfy({ $0.stringValue != nil }) else {
            throw ExpressionError(
                kind: .evaluation,
                message: "branches must be a list of names, but is of type \(value.typeName)")
        }
        return value
    }

    /// The variables of a leg. Of those that are made from secrets the contexts see nothing: they
    /// would end in an argument, which the whole machine can read, or in an input.
    private func environment(_ node: Node, _ context: inout EvaluationContext)
        throws(ExpressionError) -> [(name: String, value: String)]
    {
        var seen = context.values["env"]?.objectValue ?? [:]
        var all = seen
        var own = context
        if !node.secrets.isEmpty {
            own.values["secrets"] = .object(
                JSONObject(node.secrets.compactMap { name in secrets[name].map { (name, $0) } }))
        }
        for variable in node.env {
            guard !node.secrets.isEmpty, variable.value.readsSecrets else {
                let value = try variable.value.evaluate(in: own).environmentText
                all[variable.name] = .string(value)
                seen[variable.name] = .string(value)
                continue
            }
            let value: String
            do throws(ExpressionError) {
                value = try variable.value.evaluate(in: own).environmentText
            } catch {
                guard error.kind != .unknown else { throw error }
                throw ExpressionError(
                    kind: .evaluation,
                    message:
                        "its variable '\(variable.name)' cannot be evaluated; why is not shown, "
                        + "since that could show a secret")
            }
            all[variable.name] = .string(value)
            seen[variable.name] = nil
        }
        context.values["env"] = .object(seen)
        return all.members.map { ($0, $1.environmentText) }
    }

    private func program(_ work: Work, in context: EvaluationContext) throws(ExpressionError) -> (
        Attempt.Program, JSON
    ) {
        switch work {
        case .script(let text, let shell): return (.script(text, shell: shell), .null)
        case .arguments(let templates):
            var arguments: [String] = []
            for template in templates {
                arguments.append(try template.evaluate(in: context).environmentText)
            }
            return (.arguments(arguments), .null)
        case .uses(let manifest, let with):
            let (input, mistakes) = manifest.checked(inputs: try with.evaluate(in: context))
            guard mistakes.isEmpty else {
                throw ExpressionError(kind: .evaluation, message: mistakes.joined(separator: "; "))
            }
            switch manifest.entry {
            case .stage: return (.stage(manifest.reference), input)
            case .command(let command):
                return (.action(folder: manifest.folder ?? "", command: command), input)
            }
        case .workflow, .approve: fatalError("a node without a command is not attempted")
        }
    }

    /// Whether a failed leg is one that its node's dependents go on after; without a leg, whether the
    /// node is.
    func isTolerated(
        _ node: Node, _ place: Int, _ state: RunState, leg: Int? = nil
    ) -> Bool {
        if case .literal(let value) = node.continueOnError { return value == true }
        let matrix = leg.map { state.nodes[place].legs[$0].matrix } ?? .null
        let attempt = leg.map { max(1, state.nodes[place].legs[$0].attempts) } ?? 1
        let value = try? node.continueOnError.evaluate(
            in: context(
                node, state, place: place, matrix: matrix, leg: leg ?? 0, attempt: attempt))
        return value?.expressionTruth ?? false
    }
}

extension Template {
    fileprivate var readsSecrets: Bool {
        switch self {
        case .literal: false
        case .expression(let expression): expression.readsSecrets
        case .text(let pieces):
            pieces.contains { piece in
                if case .expression(let expression) = piece {
                    expression.readsSecrets
                } else {
                    false
                }
            }
        case .array(let elements): elements.contains(where: \.readsSecrets)
        case .object(let members): members.contains(where: \.value.readsSecrets)
        }
    }
}

extension Expression {
    fileprivate var readsSecrets: Bool {
        references.contains { $0.path.first?.text.lowercased() == "secrets" }
    }
}
