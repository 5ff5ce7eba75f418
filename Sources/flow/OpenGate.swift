internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// A gate of which nobody has decided, or not enough people have.
struct OpenGate {
    let path: String
    let gate: Gate
    /// What has been said of it so far.
    let decisions: [GateState.Decision]
    /// The names of the branches that must be merged; empty without `git-merge`.
    let branches: [String]
    /// When the time to decide is over; nil: never.
    let deadline: Timestamp?

    /// All of a run, in the order of its nodes.
    static func all(of state: RunState) -> [OpenGate] {
        state.nodes.indices.compactMap { place -> OpenGate? in
            let node = state.nodes[place]
            guard node.phase == .expanded, let gateState = node.gate,
                state.place(of: state.paths[place]) == place,
                case .approve(let gate) = state.definition(place).work
            else { return nil }
            return OpenGate(
                path: state.paths[place], gate: gate, decisions: gateState.decisions,
                branches: gateState.branches.objectValue?.keys ?? [],
                deadline: gateState.deadline)
        }
    }

    /// `approval by platform`, `2 approvals`, `the merge of a, b`.
    var wish: String {
        var wishes: [String] = []
        if gate.via.contains(.cli) {
            let count = gate.quorum > 1 ? "\(gate.quorum) approvals" : "approval"
            let who = gate.reviewers.isEmpty ? "" : " by \(gate.reviewers.joined(separator: ", "))"
            let given = decisions.isEmpty ? "" : " (\(decisions.count) given)"
            wishes.append(count + who + given)
        }
        if gate.via.contains(.gitMerge) {
            wishes.append(
                branches.isEmpty ? "a merge" : "the merge of \(branches.joined(separator: ", "))")
        }
        return VisibleText.safe(wishes.joined(separator: " or "))
    }

    /// What people are told at the end of a run that waits.
    func sentence(run: String) -> String {
        let how =
            gate.via.contains(.cli)
            ? "flow approve \(run) \(path)" : "merge, then flow resume \(run)"
        return "\(path) waits for \(wish): \(how)"
    }

    var json: JSON {
        [
            "node": .string(path), "via": .array(gate.via.map { .string($0.rawValue) }),
            "reviewers": .array(gate.reviewers.map(JSON.string)),
            "quorum": .integer(gate.quorum),
            "approved_by": .array(decisions.map { .string($0.by) }),
            "branches": .array(branches.map(JSON.string)),
        ]
    }
}
