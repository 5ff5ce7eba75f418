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
    /// What was approved or rejected is not proposed again unless a person reopened it. What was
    /// withdrawn is proposed again only when its evidence has doubled, and a proposal whose branch
    /// is gone counts as withdrawn also before the review has noted it.
    package static func admission(
        of id: String, hits30d: Int, ledger: LedgerState
    ) -> Admission {
        let round = ledger.round(of: id)
        if round == 0 { return Admission(isOpen: true, reason: "it is new", round: 1) }
        if let line = ledger.reopening(of: id) {
            let reason = "it was reopened on \(line.time.date) by \(line.by)"
            return Admission(isOpen: true, reason: reason, round: round + 1)
        }
        let line = ledger.verdict(of: id)
        switch line?.verdict {
        case .approved, .rejected:
            let what = line?.verdict.rawValue ?? ""
            let day = line?.time.date ?? ""
            let why = line.map { $0.reason.isEmpty ? "" : ": \($0.reason)" } ?? ""
            return Admission(isOpen: false, reason: "it was \(what) on \(day)\(why)", round: round)
        case .withdrawn, .pending, nil:
            let before = ledger.proposals[id]?.last?.hits30d ?? 0
            let isOpen = hits30d >= 2 * max(1, before)
            let comparison =
                isOpen
                ? "its hits in 30 days rose from \(before) to \(hits30d)"
                : "\(hits30d) hits in 30 days are not twice the \(before) it was proposed with"
            return Admission(
                isOpen: isOpen, reason: "its branch went away unmerged; \(comparison)",
                round: isOpen ? round + 1 : round)
        }
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
    /// no verdict keeps from it.
    package static func reopening(
        of id: String, by: String, at time: Timestamp, ledger: LedgerState
    ) -> LedgerEntry? {
        guard let verdict = ledger.verdict(of: id)?.verdict, verdict != .approved else {
            return nil
        }
        return .reopened(
            LedgerEntry.ReopenedLine(
                skill: id, by: by, time: time, round: ledger.round(of: id) + 1))
    }
}
