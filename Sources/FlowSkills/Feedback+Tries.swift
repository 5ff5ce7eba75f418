extension Feedback {
    /// Judges a procedure by what came of its tries, as fixes are (`FixGate`): confidence is the mean of
    /// what is known of its rate of success, ½ without tries.
    ///
    /// It helps where it works 6 times in 10 with a probability of 80 %, as after three tries that all
    /// succeeded; an experimental one is approved then.
    static func tried(_ member: SkillSet.Member, _ ledger: LedgerState) throws(SkillsError)
        -> Outcome
    {
        var outcome = Outcome(
            member, gap: "nobody has tried it: flow skills apply \(member.skill.name) does", ledger)
        guard let gate = outcome.fix else { return outcome }
        let isProved = gate.use != .silence
        outcome.newConfidence = gate.mean.rounded(places: 2)
        outcome.finding =
            outcome.flag != nil ? .reduced : isProved ? .boosted : .notEnoughData
        outcome.reason =
            "\(gate.succeeded) of \(gate.tries) \(gate.tries == 1 ? "try" : "tries") succeeded; it works"
            + " at least \(Int((gate.lowerBound * 100).rounded())) % of the time with a probability"
            + " of 80 %"
        let isApproved = isProved && member.skill.status == .experimental
        guard isApproved || outcome.newConfidence != outcome.oldConfidence else { return outcome }
        outcome.bytes = try Skill.tried(
            member.file.bytes, path: member.file.path, confidence: outcome.newConfidence,
            isApproved: isApproved)
        return outcome
    }
}
