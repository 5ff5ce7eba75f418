package import FlowSystem

/// The proposal to deprecate an accepted skill.
package enum Deprecation {
    package static func id(of skill: String) -> String {
        ProposalSubject.deprecation(of: skill).id
    }

    /// The ledger's lines that let deprecations be proposed again which were decided before what
    /// confirms them now.
    package static func renewals(
        _ outcomes: [Feedback.Outcome], _ ledger: LedgerState, now: Timestamp
    ) -> [LedgerEntry] {
        outcomes.compactMap { outcome in
            let id = id(of: outcome.id)
            guard let confirmed = outcome.flag?.confirmed, let verdict = ledger.verdict(of: id),
                confirmed > verdict.time
            else { return nil }
            return .reopened(
                LedgerEntry.ReopenedLine(
                    skill: id, by: "flow", time: now, round: ledger.round(of: id) + 1))
        }
    }
}

/// That a person should look at a skill, since it does not do what it is for.
package struct SkillFlag: Sendable, Hashable {
    /// In a sentence.
    package let reason: String
    /// When a second look said the same; nil: one did.
    package let confirmed: Timestamp?

    /// The rate of success below which a fix is flagged.
    static let leastSuccess = 0.3
    /// Further tries after which it is looked at again.
    static let furtherTries = 5

    /// Days for which an error is back until that is looked at again.
    static let furtherDays = 14

    init(reason: String, confirmed: Timestamp?) {
        self.reason = reason
        self.confirmed = confirmed
    }
}

extension Feedback.Outcome {
    /// Whether a person should look at the skill: where its errors became more, and where its fix works
    /// less often than three times in ten; nil: not.
    package var flag: SkillFlag? {
        if let judgement, finding == .reduced {
            return SkillFlag(
                reason: reason, confirmed: judgement.confirmed.map(Timestamp.init(day:)))
        }
        guard let fix, fix.low > 0 else {
            return finding == .reduced ? SkillFlag(reason: reason, confirmed: nil) : nil
        }
        let rate = fix.mean.rounded(places: 2)
        return SkillFlag(
            reason: "it works \(rate) of the time: \(fix.succeeded) of \(fix.tries) tries "
                + "succeeded",
            confirmed: fixConfirmed)
    }
}
