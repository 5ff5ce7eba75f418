internal import FlowJSON
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// `skills/review`: the verdict on each proposal, from the default branch and the ledger.
enum ReviewStage: Stage {
    static let reference = "skills/review"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        try settled.requireHistory(for: "find the proposals")
        var view = try RepositoryView(context, settled)
        var desk = try ProposalDesk(view)
        let lines = try GitHubVerdicts.read(desk, settled, context)
        if !lines.isEmpty {
            // They speak of rounds, which the proposals that are open must have first.
            try view.append(desk.openings(), to: desk.ledger)
            let ledger = try view.ledger()
            try view.append(lines.compactMap { $0(ledger.state) }, to: ledger)
            desk = try ProposalDesk(view)
        }
        var entries = try desk.openings()
        var verdicts: [Review.Outcome] = []
        var problems = desk.ledger.problems
        for facts in try desk.facts() {
            let outcome: Review.Outcome
            do throws(SkillsError) {
                outcome = try desk.verdict(on: facts, now: context.now)
            } catch {
                // One file that a reviewer broke must not hold up the others.
                context.note("\(facts.id) is left as it is: \(error)")
                problems += error.mistakes
                continue
            }
            entries += outcome.entries
            for operation in outcome.operations {
                switch operation {
                case .write(let path, let bytes): try view.write(path, bytes)
                case .remove(let path): try view.remove(path)
                }
            }
            verdicts.append(outcome)
            if outcome.verdict != .pending, let left = try desk.clearGone(facts.id) {
                context.note(left)
            }
        }
        try view.append(entries, to: desk.ledger)
        context.problems(problems)
        report(verdicts, view, context)
    }

    private static func report(
        _ verdicts: [Review.Outcome], _ view: RepositoryView, _ context: StageContext
    ) {
        func count(_ verdict: Verdict) -> JSON {
            .integer(verdicts.count { $0.verdict == verdict })
        }
        let approved = verdicts.filter { $0.verdict == .approved && !$0.operations.isEmpty }
        context.output("changes", view.json)
        context.output(
            "verdicts",
            .array(
                verdicts.map { outcome in
                    [
                        "id": .string(outcome.id), "verdict": .string(outcome.verdict.rawValue),
                        "reason": .string(outcome.reason),
                    ]
                }))
        context.output("approved", .array(approved.map { .string($0.id) }))
        context.output("approved_count", .integer(approved.count))
        context.output("rejected_count", count(.rejected))
        context.output("withdrawn_count", count(.withdrawn))
        context.output("pending_count", count(.pending))
        for outcome in approved {
            context.note("\(outcome.id) approved: \(VisibleText.safe(outcome.reason))")
        }
        context.summary(
            "\(approved.count) newly approved, "
                + "\(verdicts.count { $0.verdict == .pending }) wait for a reviewer")
    }
}
