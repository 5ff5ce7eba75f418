package import FlowJSON
package import FlowSpec
package import FlowSystem

/// What has been decided of a gate so far.
package struct GateState: Sendable {
    /// One person's word.
    package struct Decision: Sendable, Hashable {
        package let verdict: GateVerdict
        package let via: String
        package let by: String
        package let form: JSONObject

        /// The reason that a rejection gives.
        fileprivate var why: String {
            form["reason"]?.stringValue.map { ": \($0)" } ?? ""
        }

        var isOfClock: Bool { via == GateState.clock }
    }

    package let requestedAt: Timestamp
    /// When the time for a decision is over; nil: never.
    package let deadline: Timestamp?
    /// What git said last of the branches to be merged; nil without `git-merge`.
    package private(set) var merges: MergeLook?
    package private(set) var decisions: [Decision] = []
    private let asked: GateWish

    /// - Parameter event: `approval.requested`.
    package init(_ event: Event) {
        requestedAt = event.time
        deadline = event.data["timeout_ms"]?.doubleValue.map {
            event.time.adding(seconds: $0 / 1000)
        }
        merges = MergeLook(event.data)
        asked = GateWish(event.data)
    }

    /// Takes in what was seen or said since: `approval.checked`, `approval.decided`.
    package mutating func take(_ event: Event) {
        guard event.type == EventType.approvalDecided else {
            merges = MergeLook(event.data) ?? merges
            return
        }
        let data = event.data
        decisions.append(
            Decision(
                verdict: data["verdict"]?.stringValue.flatMap(GateVerdict.init) ?? .rejected,
                via: data["via"]?.stringValue ?? "", by: data["by"]?.stringValue ?? "",
                form: data["form"]?.objectValue ?? [:]))
    }

    /// Who has approved, each person once.
    package var approvers: [Person] {
        decisions.filter { $0.verdict == .approved }.compactMap { Person($0.by) }.distinct
    }

    package func hasApproved(_ person: Person) -> Bool {
        approvers.contains(where: person.isSame)
    }

    /// What is still missing, in words.
    package var wish: String {
        asked.text(given: approvers.count, branches: merges?.unmerged ?? [])
    }

    /// `waits for …`, with what keeps git from telling.
    package var waiting: String {
        "waits for \(wish)" + (merges?.problem.map { " (\($0))" } ?? "")
    }

    /// Whether anything is missing.
    package var isWaiting: Bool { ending == nil && merges?.isMerged != true }

    /// How the gate ends, and why; nil: it is open.
    package var ending: (result: NodeResult, reason: String)? {
        if let no = decisions.first(where: { $0.verdict == .rejected }) {
            return (
                .failure, no.isOfClock ? "rejected: \(Self.late)" : "rejected by \(no.by)" + no.why
            )
        }
        if decisions.contains(where: { $0.verdict == .expired }) { return (.failure, Self.late) }
        if decisions.contains(where: \.isOfClock) { return (.success, "approved: \(Self.late)") }
        let people = approvers
        // Merging is the word of everybody who had to say one.
        let isMerged = decisions.contains { $0.via == Gate.Channel.gitMerge.rawValue }
        guard people.count >= asked.quorum || isMerged else { return nil }
        let names = people.map(\.description).joined(separator: ", ")
        return (.success, "approved by \(names)")
    }

    /// What approvals have filled in, over the form's defaults; of several the last one's. A merge and
    /// time fill in nothing.
    package func form(_ gate: Gate) -> JSONObject {
        let filled = decisions.last { $0.verdict == .approved && !$0.form.isEmpty }?.form ?? [:]
        return JSONObject(
            gate.form.compactMap { field in
                (filled[field.name] ?? field.defaultValue).map { (field.name, $0) }
            })
    }

    private static let late = "nobody decided in time"
    /// The channel by which time itself decides.
    static let clock = "timeout"
}

/// What can be said of a gate.
package enum GateVerdict: String, Sendable, Hashable {
    case approved, rejected
    /// Nobody said anything in time, and the gate says `on-timeout: fail`.
    case expired
}
