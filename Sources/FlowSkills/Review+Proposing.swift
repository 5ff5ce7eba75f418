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
    /// What was approved or rejected is not proposed again unless a person reopened it; a version of a
    /// procedure also where it is another one than all versions of it that were rejected.
    /// What was withdrawn is proposed again only when its evidence has doubled. A proposal whose branch
    /// is gone counts as withdrawn also before the review has noted it.
    /// - Parameters:
    ///   - hits30d: The skill's `recurrence`.
    ///   - fingerprint: Its `fingerprint(as:)`.
    package static func admission(
        of id: String, hits30d: Int, fingerprint: String, ledger: LedgerState
    ) -> Admission {
        let round = ledger.round(of: id)
        if let reason = rejection(ofVersion: fingerprint, as: id, ledger: ledger) {
            return Admission(isOpen: false, reason: reason, round: round)
        }
        if round == 0 { return Admission(isOpen: true, reason: "it is new", round: 1) }
        if let line = ledger.reopening(of: id) {
            let reason = "it was reopened on \(line.time.date) by \(line.by)"
            return Admission(isOpen: true, reason: reason, round: round + 1)
        }
        let line = ledger.verdict(of: id)
        switch line?.verdict {
        case .approved, .rejected:
            let verdict = line.map(sentence) ?? ""
            if line?.verdict == .rejected, case .update = ProposalSubject(id) {
                return Admission(
                    isOpen: true, reason: "\(verdict); it is another version now",
                    round: round + 1)
            }
            return Admission(isOpen: false, reason: verdict, round: round)
        case .withdrawn, .pending, nil:
            return doubled("its branch went away unmerged", id, hits30d, ledger)
        }
    }

    /// Why a version of a procedure is not to be proposed, also where another one waits that it could
    /// become: people rejected it, under this id or another one. Nil: they did not, or the id is of no
    /// version.
    package static func rejection(
        ofVersion fingerprint: String, as id: String, ledger: LedgerState
    ) -> String? {
        guard case .update(let skill, _) = ProposalSubject(id),
            let line = ledger.rejection(ofVersion: fingerprint, of: skill)
        else { return nil }
        return (line.skill == id ? "" : "as \(line.skill) ") + sentence(line)
    }

    private static func sentence(_ line: LedgerEntry.VerdictLine) -> String {
        "it was \(line.verdict.rawValue) on \(line.time.date)"
            + (line.reason.isEmpty ? "" : ": \(line.reason)")
    }

    /// Open where there is twice the evidence that the last proposal had.
    private static func doubled(
        _ past: String, _ id: String, _ count: Int, _ ledger: LedgerState
    ) -> Admission {
        let before = ledger.proposals[id]?.last?.hits30d ?? 0
        let isOpen = count >= 2 * max(1, before)
        let what = ProposalSubject(id).isOfProcedure ? "runs that follow it" : "hits in 30 days"
        let comparison =
            isOpen
            ? "its \(what) rose from \(before) to \(count)"
            : "\(count) \(what) are not twice the \(before) it was proposed with"
        let round = ledger.round(of: id)
        return Admission(
            isOpen: isOpen, reason: "\(past); \(comparison)", round: isOpen ? round + 1 : round)
    }

    /// The ledger's line for a person's rejection.
    /// - Parameter fingerprint: Of a version of a procedure, as far as it is known.
    package static func rejection(
        of id: String, fingerprint: String? = nil, reason: String, by: String,
        at time: Timestamp, ledger: LedgerState
    ) -> LedgerEntry {
        .verdict(
            LedgerEntry.VerdictLine(
                skill: id, verdict: .rejected, reason: reason, by: by, time: time,
                round: max(1, ledger.round(of: id)), fingerprint: fingerprint))
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
