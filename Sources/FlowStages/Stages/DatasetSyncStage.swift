internal import FlowJSON
internal import FlowLearning
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// `dataset/sync`: one line of the dataset for each approved skill.
enum DatasetSyncStage: Stage {
    static let reference = "dataset/sync"

    static func run(_ context: StageContext) throws {
        var view = try RepositoryView(context)
        let path = context.text("path")
        let skills = try view.skills(noting: context)
        let ledger = try view.ledger()
        let old = try view.bytes(path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
        let (members, doubled) = taught(skills, DatasetFilter(context))
        let examples = members.map { example(of: $0.skill, skills.aliases, ledger, context.now) }
        let (synced, change) = old.upserting(examples)
        // A skill that cannot be read now keeps its line: a typo must not delete what was learned.
        let unread = try view.files(in: "skills").compactMap { file in
            let id = SkillSet.id(inFile: file.path)
            return id.flatMap { skills.find($0) == nil ? $0 : nil }
        }
        let kept = Set(examples.map(\.id)).union(unread)
        let (new, removed) = synced.removing(source: TrainingExample.Source.production) {
            !kept.contains($0.id)
        }
        if new.bytes != old.bytes { try view.write(path, new.bytes) }
        for mistake in doubled {
            context.note("left out: \(VisibleText.safe(mistake.description))")
        }
        context.output("changes", view.json)
        context.output("added", .integer(change.added.count))
        context.output("updated", .integer(change.replaced.count))
        context.output("recounted", .integer(change.recounted.count))
        context.output("removed", .integer(removed.count))
        context.output("total", .integer(new.examples.count))
        context.output("problems", .array(doubled.map(\.problem)))
        context.summary(
            "added \(change.added.count), updated \(change.replaced.count), "
                + "removed \(removed.count) training examples")
    }

    /// The approved skills that have a line: those that answer an error, which procedures do not. There
    /// is one for each fingerprint, so of several skills for one the first by its id has it, and the
    /// others are named.
    private static func taught(_ skills: SkillSet, _ filter: DatasetFilter)
        -> ([SkillSet.Member], doubled: [Mistake])
    {
        var first: [String: String] = [:]
        var doubled: [Mistake] = []
        let members = skills.list([.approved]).filter { $0.skill.procedure == nil }
            .sorted { ($0.skill.id, $0.file.path) < ($1.skill.id, $1.file.path) }
            .filter { member in
                let skill = member.skill
                guard let other = first[skill.match.fingerprint] else {
                    first[skill.match.fingerprint] = skill.id
                    return skill.metadata.confidence >= filter.minConfidence
                }
                doubled.append(
                    Mistake(
                        path: member.file.path,
                        message: "\(other) has the fingerprint of \(skill.id) too, and its line in "
                            + "the dataset; deprecate one of them"))
                return false
            }
        return (members, doubled)
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

extension DatasetFilter {
    /// What a stage's `min-confidence` asks for.
    init(_ context: StageContext) { self.init(minConfidence: context.number("min-confidence")) }
}

extension Mistake {
    /// As stages hand problems over: `{file, line, message}`.
    var problem: JSON {
        [
            "file": .string(path), "line": .integer(max(1, line)), "message": .string(message),
        ]
    }
}
