package import FlowJSON
internal import FlowText
internal import FlowYAML

/// A workflow that goes through a procedure: a node a step, in order.
package struct ProcedureWorkflow: Sendable {
    private let procedure: Procedure
    /// Of the document; nil where it has none.
    private let id: String?
    private let environment: @Sendable (String) -> [String]
    private let names: WorkflowNames

    /// - Parameters:
    ///   - environment: what a tool sees of flow's own environment.
    package init(
        _ procedure: Procedure, id: String?, environment: @escaping @Sendable (String) -> [String]
    ) {
        self.procedure = procedure
        self.id = id
        self.environment = environment
        names = WorkflowNames(procedure)
    }

    /// The file.
    package var text: String {
        let from = id.map { "\($0), " } ?? ""
        return """
            # The steps of the procedure \(procedure.name) (\(from)version \(procedure.version)), made by
            # flow skills apply. What does each is told by tools in flow.yaml.

            """ + YAMLText.write(.object(members))
    }

    private var members: JSONObject {
        var members: JSONObject = ["flow": 1, "name": .string(procedure.name)]
        members["description"] = .string(procedure.description)
        let params = parameters + switches
        if !params.isEmpty { members["params"] = .object(JSONObject(params)) }
        members["nodes"] = .object(
            JSONObject(procedure.steps.indices.map { (names.nodes[$0], .object(node($0))) }))
        if let last = names.nodes.last {
            members["outputs"] = ["result": .string("${{ needs.\(last).outputs.result }}")]
        }
        return members
    }

    // MARK: Params

    private var parameters: [(String, JSON)] {
        procedure.parameters.map { parameter in
            var object: JSONObject = ["type": .string(parameter.type)]
            // a default cannot hold what looks like an expression
            let fallback = parameter.fallback.flatMap { $0.text().contains("${{") ? nil : $0 }
            if let fallback, !parameter.isRequired {
                object["default"] = fallback
            } else if !parameter.isRequired {
                object["required"] = false
            }
            if let bounds = parameter.bounds {
                object["minimum"] = bounds.least
                object["maximum"] = bounds.most
            }
            object["description"] = .string(description(of: parameter))
            return (names.param(parameter.name), .object(object))
        }
    }

    private func description(of parameter: Procedure.Parameter) -> String {
        let uses = procedure.steps.flatMap { step in
            step.arguments.filter { $0.source == .parameter(parameter.name) }
                .map { ($0.path.isEmpty ? "input" : $0.path) + " of " + step.tool }
        }
        var text = uses.prefix(3).joined(separator: ", ")
        if !parameter.examples.isEmpty {
            text += "; such as " + parameter.examples.map { $0.text() }.joined(separator: ", ")
        }
        if let range = parameter.range, parameter.bounds == nil {
            text +=
                "; seen from \(JSON.number(range.lowerBound).text()) to "
                + JSON.number(range.upperBound).text()
        }
        return text.isEmpty ? "not used" : text
    }

    /// Whether each optional step is done.
    private var switches: [(String, JSON)] {
        procedure.steps.indices.compactMap { place in
            let step = procedure.steps[place]
            guard step.isOptional else { return nil }
            let percent = Int((step.share * 100).rounded())
            return (
                names.switches[place],
                [
                    "type": "boolean", "default": .bool(step.share >= 0.5),
                    "description": .string(
                        "Whether \(step.tool) is done; it was in \(percent) % of the executions."),
                ]
            )
        }
    }

    // MARK: Nodes

    private func node(_ place: Int) -> JSONObject {
        let step = procedure.steps[place]
        var node = JSONObject()
        if step.tool != names.nodes[place] { node["name"] = .string(step.tool) }
        let needs = needs(of: place)
        if !needs.isEmpty { node["needs"] = .array(needs.map { .string(names.nodes[$0]) }) }
        var conditions = step.isOptional ? ["params.\(names.switches[place])"] : []
        // a step that was left out is no success, and no reason to stop
        if needs.contains(where: { procedure.steps[$0].isOptional }) {
            conditions += ["!failure()", "!cancelled()"]
        }
        if !conditions.isEmpty { node["if"] = .string(conditions.joined(separator: " && ")) }
        node["uses"] = "skills/call"
        node["with"] = .object(with(step))
        let environment = environment(step.tool)
        if !environment.isEmpty { node["env-pass"] = .array(environment.map(JSON.string)) }
        node["timeout"] = step.duration.map { .string(Self.timeout($0)) }
        return node
    }

    /// The step before that is not optional, those after it, and those whose outputs it takes.
    private func needs(of place: Int) -> [Int] {
        let required = (0..<place).last { !procedure.steps[$0].isOptional } ?? 0
        var needs = Set(required..<place)
        for argument in procedure.steps[place].arguments {
            guard case .output(let id, _) = argument.source else { continue }
            if let other = procedure.steps[..<place].firstIndex(where: { $0.id == id }) {
                needs.insert(other)
            }
        }
        return needs.sorted()
    }

    private func with(_ step: Procedure.Step) -> JSONObject {
        var with: JSONObject = ["tool": .string(step.tool)]
        if step.type != "tool.called" { with["type"] = .string(step.type) }
        var literals = JSONObject()
        var arguments = JSONObject()
        for argument in step.arguments {
            let path = MemberPath.names(argument.path)
            if case .literal(let value) = argument.source {
                literals.set(path, to: Self.escaped(value))
            } else {
                arguments.set(path, to: .string(expression(argument.source)))
            }
        }
        if !literals.isEmpty { with["literals"] = .object(literals) }
        if !arguments.isEmpty { with["arguments"] = .object(arguments) }
        return with
    }

    private func expression(_ source: Procedure.Source) -> String {
        switch source {
        case .literal: ""
        case .parameter(let name): "${{ params.\(names.param(name)) }}"
        case .output(let id, let path):
            "${{ needs.\(names.node(id)).outputs.result\(Self.member(path)) }}"
        }
    }

    /// What picks a place out of a value: `.sha`, `['exit code']`.
    private static func member(_ path: String) -> String {
        if path.isEmpty { return "" }
        return MemberPath.names(path).map { name in
            WorkflowNames.isName(name)
                ? "." + name : "['" + name.replacing("'", with: "''") + "']"
        }.joined()
    }

    /// With every `${{` written as what stands for it.
    private static func escaped(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string(text.replacing("${{", with: "$${{"))
        case .array(let elements): .array(elements.map(escaped))
        case .object(let object):
            .object(JSONObject(object.members.map { ($0, escaped($1)) }))
        default: value
        }
    }

    /// Ten times what nine of ten executions took, in whole minutes: long enough for what is slow,
    /// short enough for what hangs.
    private static func timeout(_ duration: Procedure.Quantiles) -> String {
        let minutes = (duration.p90 * 10 / 60_000).rounded(.up)
        return "\(Int(min(max(1, minutes), 10_000)))m"
    }
}

extension Procedure.Step {
    /// What does it, as `tools` of `flow.yaml` names it.
    package var tool: String { name.isEmpty ? type : name }

    /// Its arguments that are always the same, by their places.
    package var literals: JSONObject {
        JSONObject(
            arguments.compactMap { argument in
                guard case .literal(let value) = argument.source else { return nil }
                return (argument.path, value)
            })
    }
}

extension Procedure.Parameter {
    /// From so many values seen on, the next one lies between them with a probability of 95 %, if it
    /// comes from where they came from: of n + 1 values in any order the last is the least or the
    /// greatest with a probability of 2 / (n + 1) (David and Nagaraja, Order Statistics, 2003, 7.3).
    private static let enough = 39

    /// The least and the greatest value that a caller should give; nil where too few were seen to say.
    fileprivate var bounds: (least: JSON, most: JSON)? {
        guard let range, ["integer", "number"].contains(type), distinct >= Self.enough else {
            return nil
        }
        return (.number(range.lowerBound), .number(range.upperBound))
    }
}

extension JSONObject {
    /// Sets what is inside of objects inside; something that is no object gives way.
    fileprivate mutating func set(_ path: [String], to value: JSON) {
        guard let name = path.first else { return }
        if path.count == 1 {
            self[name] = value
        } else {
            var inner = self[name]?.objectValue ?? [:]
            inner.set(Array(path.dropFirst()), to: value)
            self[name] = .object(inner)
        }
    }
}
