package import FlowJSON
internal import FlowSpec
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
    /// What `approval.requested` said of the branches to be merged; null without `git-merge`.
    package let branches: JSON
    package internal(set) var decisions: [Decision] = []

    init(_ event: Event) {
        requestedAt = event.time
        deadline = event.data["timeout_ms"]?.doubleValue.map {
            event.time.adding(seconds: $0 / 1000)
        }
        branches = event.data["branches"] ?? .null
    }

    mutating func decide(_ data: JSONObject) {
        decisions.append(
            Decision(
                verdict: data["verdict"]?.stringValue.flatMap(GateVerdict.init) ?? .rejected,
                via: data["via"]?.stringValue ?? "", by: data["by"]?.stringValue ?? "",
                form: data["form"]?.objectValue ?? [:]))
    }

    /// How the gate ends, and why; nil: it is open.
    func ending(_ gate: Gate) -> (result: NodeResult, reason: String)? {
        if let no = decisions.first(where: { $0.verdict == .rejected }) {
            return (
                .failure, no.isOfClock ? "rejected: \(Self.late)" : "rejected by \(no.by)" + no.why
            )
        }
        if decisions.contains(where: { $0.verdict == .expired }) { return (.failure, Self.late) }
        if decisions.contains(where: \.isOfClock) { return (.success, "approved: \(Self.late)") }
        var people: [String] = []
        for yes in decisions where !people.contains(yes.by) { people.append(yes.by) }
        // Merging is the word of everybody who had to say one.
        let isMerged = decisions.contains { $0.via == Gate.Channel.gitMerge.rawValue }
        guard people.count >= gate.quorum || isMerged else { return nil }
        return (.success, "approved by \(people.joined(separator: ", "))")
    }

    /// What an approval filled in, over the form's defaults; of several the last one's. A merge and
    /// time fill in nothing.
    func form(_ gate: Gate) -> JSONObject {
        var form = JSONObject()
        for field in gate.form { form[field.name] = field.defaultValue }
        let filled = decisions.last { $0.verdict == .approved && !$0.form.isEmpty }?.form ?? [:]
        for (name, value) in filled.members { form[name] = value }
        return form
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
