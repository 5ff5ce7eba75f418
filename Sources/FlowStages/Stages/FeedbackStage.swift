internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// `skills/feedback`: writes what was counted for each skill into the ledger and judges the skills by
/// the ledger.
enum FeedbackStage: Stage {
    static let reference = "skills/feedback"

    static func run(_ context: StageContext) throws {
        let desk = try ProposalDesk(RepositoryView(context))
        var view = desk.view
        var ledger = desk.ledger
        let skills = desk.skills
        // No error is counted for a procedure; it is judged by its tries.
        let acting = skills.members.filter {
            $0.skill.isActing && $0.mistakes.isEmpty && $0.skill.procedure == nil
        }
        let evidence = MinedEvidence(
            try SignatureMemory(context), ledger.state, skills.aliases,
            touched: touched(skills, ledger.state), now: context.now)
        let waiting = try desk.documents().filter {
            SkillName.isFingerprint($0.match.fingerprint) && skills.find($0.id) == nil
                && $0.procedure == nil
        }
        for member in acting where !evidence.knows(member.skill) {
            context.note(
                "\(member.skill.id): no error with its fingerprint was ever read: not counted")
        }
        ledger = try view.append(evidence.entries(acting.map(\.skill) + waiting), to: ledger)
        let report =
            context.text("method") == "ratio"
            ? Feedback.ratio(
                skills.members, ledger: ledger.state, now: context.now,
                parameters: parameters(context), lastSeen: evidence.lastSeen(acting.map(\.skill)))
            : Feedback.posterior(skills.members, ledger: ledger.state, now: context.now)
        for outcome in report.outcomes {
            if let bytes = outcome.bytes { try view.write(outcome.path, bytes) }
            let finding = outcome.finding.rawValue + ": "
            context.note(
                "\(outcome.id): "
                    + (outcome.reason.hasPrefix(finding) ? "" : finding) + outcome.reason)
        }
        ledger = try view.append(
            Deprecation.renewals(report.outcomes, ledger.state, now: context.now), to: ledger)
        context.problems(ledger.problems + skills.mistakes + report.problems)
        hand(over: report, view, context)
    }

    /// The present fingerprints of errors for which a skill was ever approved, also of one that is gone.
    private static func touched(_ skills: SkillSet, _ ledger: LedgerState) -> Set<String> {
        let here = skills.list([.approved, .experimental, .deprecated]).map {
            $0.skill.match.fingerprint
        }
        let gone = ledger.proposals.filter { ledger.wasApproved($0.key) }
            .flatMap { $0.value.map(\.fingerprint) }
        return Set((here + gone).map(skills.aliases.newest))
    }

    private static func parameters(_ context: StageContext) -> Feedback.Parameters {
        var parameters = Feedback.Parameters()
        parameters.thresholds.strongBelow = context.number("boost-strong-below")
        parameters.thresholds.boostBelow = context.number("boost-below")
        parameters.thresholds.reduceAbove = context.number("reduce-above")
        parameters.thresholds.strongAbove = context.number("reduce-strong-above")
        return parameters
    }

    private static func hand(
        over report: Feedback.Report, _ view: RepositoryView, _ context: StageContext
    ) {
        context.output("changes", view.json)
        context.output("findings", .array(report.outcomes.map(\.json)))
        context.output("updated", .integer(report.summary.updated))
        context.output("boosted", .integer(report.summary.boosted))
        context.output("reduced", .integer(report.summary.reduced))
        context.output("not_enough_data", .integer(report.summary.notEnoughData))
        context.output("flagged", .array(report.outcomes.filter { $0.flag != nil }.map(\.flagJSON)))
        context.output(
            "deprecations",
            .array(report.outcomes.filter { $0.flag?.confirmed != nil }.map(\.flagJSON)))
        context.summary(report.summary.text)
    }
}
