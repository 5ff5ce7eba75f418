internal import FlowJSON
package import FlowSpec

/// What a gate asks for, in words: the one place that says who is to decide.
struct GateWish: Sendable {
    let via: [Gate.Channel]
    let reviewers: [String]
    let quorum: Int

    init(_ gate: Gate) {
        via = gate.via
        reviewers = gate.reviewers
        quorum = gate.quorum
    }

    /// As `approval.requested` has it.
    init(_ request: JSONObject) {
        via =
            request["via"]?.arrayValue?.compactMap { $0.stringValue.flatMap(Gate.Channel.init) }
            ?? []
        reviewers = request["reviewers"]?.arrayValue?.compactMap(\.stringValue) ?? []
        quorum = request["quorum"]?.intValue ?? 1
    }

    /// `approval by platform`, `2 approvals (1 given)`, `the merge of a, b`.
    /// - Parameters:
    ///   - given: how many have approved.
    ///   - branches: what is still to be merged; empty: not known by name.
    func text(given: Int = 0, branches: [String] = []) -> String {
        var wishes: [String] = []
        if via.contains(.cli) {
            wishes.append(
                (quorum > 1 ? "\(quorum) approvals" : "approval")
                    + (reviewers.isEmpty ? "" : " by \(reviewers.joined(separator: ", "))")
                    + (given == 0 ? "" : " (\(given) given)"))
        }
        if via.contains(.gitMerge) {
            let names = branches.isEmpty ? "its branches" : branches.joined(separator: ", ")
            wishes.append("the merge of \(names)")
        }
        return wishes.joined(separator: " or ")
    }
}

extension Gate {
    /// What it will ask for, in words.
    package var wish: String { GateWish(self).text() }
}
