package import FlowSystem

extension Review {
    /// Whether a candidate may become a branch, with the sentence that says why or why not.
    package struct Admission: Sendable, Hashable {
        package var isOpen: Bool
        package var reason: String
        /// The number the proposal gets, from 1.
        package var round: Int
    }

    /// Whether to propose a candidate that has no open branch and no file on the default branch.
    ///
    /// What was approved or rejected is not proposed again; what was withdrawn only when its
    /// evidence has doubled.
    package static func admission(
        of id: String, hits30d: Int, ledger: LedgerState
    ) -> Admission {
        let round = ledger.round(of: id)
        guard let line = ledger.verdict(of: id) else {
            return Admission(
                isOpen: true,
                reason: round == 0 ? "it is new" : "it was proposed and its branch is not here",
                round: max(1, round))
        }
        switch line.verdict {
        case .approved:
            return Admission(
                isOpen: false, reason: "it was approved on \(line.time.date)", round: round)
        case .rejected:
            let why = line.reason.isEmpty ? "" : ": \(line.reason)"
            return Admission(
                isOpen: false, reason: "it was rejected on \(line.time.date)\(why)", round: round)
        case .withdrawn, .pending:
            let before = ledger.proposals[id]?.last?.hits30d ?? 0
            guard hits30d >= 2 * max(1, before) else {
                return Admission(
                    isOpen: false,
                    reason: "it was withdrawn on \(line.time.date) at \(before) hits in 30 days; "
                        + "\(hits30d) are not twice as many", round: round)
            }
            return Admission(
                isOpen: true,
                reason: "it was withdrawn on \(line.time.date), but its hits in 30 days rose from "
                    + "\(before) to \(hits30d)", round: round + 1)
        }
    }

    /// The ledger's line for a proposal that is opened.
    package static func opening(
        _ draft: SkillDraft, round: Int, at time: Timestamp
    ) -> LedgerEntry {
        .proposed(
            LedgerEntry.ProposedLine(
                skill: draft.id, fingerprint: draft.evidence.fingerprint,
                path: draft.proposedPath, time: time, hits30d: draft.evidence.hits30d,
                round: round))
    }

    /// The ledger's line for a person's rejection.
    package static func rejection(
        of id: String, reason: String, by: String, at time: Timestamp, ledger: LedgerState
    ) -> LedgerEntry {
        .verdict(
            LedgerEntry.VerdictLine(
                skill: id, verdict: .rejected, reason: reason, by: by, time: time,
                round: max(1, ledger.round(of: id))))
    }

    /// The ledger's line that lets a rejected or withdrawn skill be proposed again; nil for one that
    /// was never proposed or is open.
    package static func reopening(
        of id: String, by: String, at time: Timestamp, ledger: LedgerState
    ) -> LedgerEntry? {
        guard ledger.verdict(of: id) != nil, var line = ledger.proposals[id]?.last else {
            return nil
        }
        line.time = time
        line.round = ledger.round(of: id) + 1
        line.reason = "reopened by \(by)"
        return .proposed(line)
    }
}
