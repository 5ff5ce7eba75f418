internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowSystem

/// `skills/feedback`: writes what was counted for each skill into the ledger and judges the skills by
/// the ledger.
enum FeedbackStage: Stage {
    static let reference = "skills/feedback"
    /// Closed days before deployment that are kept as evidence.
    private static let kept = 35

    static func run(_ context: StageContext) throws {
        var view = try RepositoryView(context)
        let memory = try SignatureMemory(context)
        let skills = try view.skills(noting: context)
        let approved = skills.list([.approved])
        let counts = Counts(memory, skills.aliases)
        let ledger = try view.ledger()
        let entries = approved.flatMap { counts.entries($0.skill, keeping: kept, context.now) }
        try view.append(entries, to: ledger)
        let report = Feedback.ratio(
            approved.map(\.file), ledger: try view.ledger().state, now: context.now,
            parameters: parameters(context), lastSeen: counts.lastSeen(approved.map(\.skill)))
        for outcome in report.outcomes {
            if let bytes = outcome.bytes { try view.write(outcome.path, bytes) }
            context.note("\(outcome.id): \(outcome.finding.rawValue): \(outcome.reason)")
        }
        for problem in report.problems { context.note("left out: \(problem)") }
        hand(over: report, view, context)
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
        context.output(
            "findings",
            .array(
                report.outcomes.map { outcome in
                    [
                        "id": .string(outcome.id), "finding": .string(outcome.finding.rawValue),
                        "reason": .string(outcome.reason),
                    ]
                }))
        context.output("updated", .integer(report.summary.updated))
        context.output("boosted", .integer(report.summary.boosted))
        context.output("reduced", .integer(report.summary.reduced))
        context.output("not_enough_data", .integer(report.summary.notEnoughData))
        context.note(report.summary.text)
    }
}

/// The counts of the latest mining by skill.
private struct Counts {
    private let byFingerprint: [String: [Signature]]
    private let days: Set<Int>
    private let aliases: Aliases

    init(_ memory: SignatureMemory, _ aliases: Aliases) {
        byFingerprint = Dictionary(grouping: memory.signatures) {
            aliases.newest($0.fingerprint.text)
        }
        days = memory.days
        self.aliases = aliases
    }

    private func signatures(_ skill: Skill) -> [Signature] {
        byFingerprint[aliases.newest(skill.match.fingerprint)] ?? []
    }

    /// One line for each closed day of which something was read; a day without a hit is zero, a day
    /// that was not read is not there.
    func entries(_ skill: Skill, keeping kept: Int, _ now: Timestamp) -> [LedgerEntry] {
        let from = (skill.metadata.deployedAt ?? now).day - kept
        var hits: [Int: Int] = [:]
        var exposure: [Int: Int] = [:]
        for signature in signatures(skill) {
            for day in signature.daily { hits[day.day, default: 0] += day.count }
            for day in signature.exposure {
                exposure[day.day] = max(exposure[day.day] ?? 0, day.count)
            }
        }
        return days.filter { $0 >= from && $0 < now.day }.sorted().map { day in
            .evidence(
                skill: skill.id,
                evidence: DayEvidence(
                    day: day, hits: hits[day] ?? 0, exposure: exposure[day].map(Double.init)),
                days: 1)
        }
    }

    func lastSeen(_ skills: [Skill]) -> [String: Timestamp] {
        var result: [String: Timestamp] = [:]
        for skill in skills {
            result[skill.id] = signatures(skill).compactMap(\.lastSeen).max()
        }
        return result
    }
}
