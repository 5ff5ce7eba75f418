internal import FlowJSON
internal import FlowLearning
internal import FlowSkills
internal import FlowSystem

/// `dataset/sync`: one line of the dataset for each approved skill.
enum DatasetSyncStage: Stage {
    static let reference = "dataset/sync"

    static func run(_ context: StageContext) throws {
        var view = try RepositoryView(context)
        let path = context.text("path")
        let skills = try view.skills(noting: context)
        let ledger = try view.ledger()
        let old = try view.bytes(path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
        let examples = skills.list([.approved]).map { member in
            example(of: member.skill, skills.aliases, ledger, context.now)
        }
        let (synced, change) = old.upserting(examples)
        // A skill that cannot be read now keeps its line: a typo must not delete what was learned.
        let unread = try view.files(in: "skills").compactMap { file in
            let id = SkillSet.id(inFile: file.path)
            return id.flatMap { skills.find($0) == nil ? $0 : nil }
        }
        let kept = Set(examples.map(\.id)).union(unread)
        let gone = Set(
            synced.examples.filter {
                $0.source == TrainingExample.Source.production && !kept.contains($0.id)
            }.map(\.id))
        let new = synced.removing(ids: gone)
        if new.bytes != old.bytes { try view.write(path, new.bytes) }
        context.output("changes", view.json)
        context.output("added", .integer(change.added.count))
        context.output("updated", .integer(change.replaced.count))
        context.output("removed", .integer(gone.count))
        context.output("total", .integer(new.examples.count))
        context.note(
            "added \(change.added.count) training examples, updated \(change.replaced.count), "
                + "removed \(gone.count)")
    }

    private static func example(
        of skill: Skill, _ aliases: Aliases, _ ledger: Ledger, _ now: Timestamp
    ) -> TrainingExample {
        let metadata = skill.metadata
        let verdict = ledger.state.verdict(of: skill.id)
        let isApproved = verdict?.verdict == .approved
        return TrainingExample(
            id: skill.id, source: TrainingExample.Source.production, kind: skill.kind.rawValue,
            task: TaskSlug.make(kind: skill.kind.rawValue, name: skill.name),
            input: .init(
                errorPattern: skill.match.template, component: skill.match.component,
                context: skill.kind == .guardrail ? "pre_execution_check" : "post_error_fix"),
            output: skill.action.objectValue ?? [:],
            metrics: .init(
                hits7d: metadata.hits7d, hits30d: metadata.hits30d,
                impactScore: metadata.impactScore, confidence: metadata.confidence),
            fingerprint: skill.match.fingerprint,
            firstFingerprint: aliases.first(skill.match.fingerprint),
            tags: TaskSlug.tags(
                kind: skill.kind.rawValue, component: skill.match.component, errorType: nil),
            timestamp: now, approvedAt: isApproved ? verdict?.time : metadata.deployedAt,
            description: skill.name, examples: skill.examples, state: .approved)
    }
}
