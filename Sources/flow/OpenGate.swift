internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// A gate of which nobody has decided, or not enough people have.
struct OpenGate {
    let path: String
    let gate: Gate
    /// What was asked, seen and said of it so far.
    let state: GateState

    /// All of a run, in the order of its nodes.
    static func all(of state: RunState) -> [OpenGate] {
        state.nodes.indices.compactMap { place -> OpenGate? in
            let node = state.nodes[place]
            guard node.phase == .expanded, let gateState = node.gate, gateState.ending == nil,
                state.place(of: state.paths[place]) == place,
                case .approve(let gate) = state.definition(place).work
            else { return nil }
            return OpenGate(path: state.paths[place], gate: gate, state: gateState)
        }
    }

    /// How many more people must approve.
    var missing: Int { max(0, gate.quorum - state.approvers.count) }

    /// What is still missing, in words.
    var wish: String { VisibleText.safe(state.wish) }

    /// What people are told at the end of a run that waits.
    func sentence(run: String) -> String {
        let time = state.deadline.map { " until \($0.rfc3339)" } ?? ""
        return "\(path) \(VisibleText.safe(state.waiting))\(time): \(advice(run))"
    }

    private func advice(_ run: String) -> String {
        guard gate.via.contains(.cli) else { return "merge, then flow resume \(run)" }
        let given = state.form(gate)
        let fields = gate.form.filter { given[$0.name] == nil }.map { " --form \($0.name)=VALUE" }
        return "flow approve \(run) \(path)" + fields.joined()
    }

    /// The form's fields, each with the value that it has so far.
    private var fields: [JSON] {
        let given = state.form(gate)
        return gate.form.map { field in
            [
                "name": .string(field.name), "type": .string(field.kind.rawValue),
                "description": field.description.map(JSON.string) ?? .null,
                "value": given[field.name] ?? .null,
            ]
        }
    }

    var json: JSON {
        [
            "node": .string(path), "via": .array(gate.via.map { .string($0.rawValue) }),
            "reviewers": .array(gate.reviewers.map(JSON.string)),
            "quorum": .integer(gate.quorum),
            "approved_by": .array(state.approvers.map { .string($0.description) }),
            "form": .array(fields),
            "branches": .array((state.merges?.branches.keys ?? []).map(JSON.string)),
            "unmerged": .array((state.merges?.unmerged ?? []).map(JSON.string)),
            "problem": state.merges?.problem.map(JSON.string) ?? .null,
            "deadline": state.deadline.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}
