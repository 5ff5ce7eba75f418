internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// `git/propose`: a branch `proposal/<ID>` for each skill that is new.
enum ProposeStage: Stage {
    static let reference = "git/propose"

    static func run(_ context: StageContext) throws {
        let view = try RepositoryView(context)
        let desk = try ProposalDesk(view)
        let waiting = try desk.waiting()
        var proposed: [JSON] = []
        var left: [JSON] = []
        for json in context.array("skills") {
            let offer = try ProposedSkill(json)
            if let reason = desk.reasonNotToPropose(offer.skill, waiting) {
                left.append(["id": .string(offer.skill.id), "reason": .string(reason)])
                continue
            }
            guard let commit = try propose(offer, in: view, context) else {
                left.append(["id": .string(offer.skill.id), "reason": "another run proposed it"])
                continue
            }
            let branch = ProposalDesk.branch(offer.skill.id)
            proposed.append([
                "id": .string(offer.skill.id), "branch": .string(branch), "commit": .string(commit),
            ])
            try context.event(
                "git.proposed",
                [
                    "sha": .string(commit), "branch": .string(branch),
                    "paths": [.string(offer.path)],
                ])
        }
        context.output("proposed", .array(proposed))
        context.output("count", .integer(proposed.count))
        context.output("left", .array(left))
        context.note("\(proposed.count) proposed, \(left.count) known already")
    }

    /// The proposal's commit; nil where somebody else made the branch meanwhile.
    private static func propose(
        _ offer: ProposedSkill, in view: RepositoryView, _ context: StageContext
    ) throws -> String? {
        let blob = try view.repository.writeBlob(offer.bytes)
        do throws(GitError) {
            return try view.repository.propose(
                branch: ProposalDesk.branch(offer.skill.id), base: view.tip,
                changes: [try Change(path: offer.path, blob: blob, base: nil)],
                message: message(offer, context), signature: view.signature, time: context.now
            ).hex
        } catch {
            if error.code == .exists { return nil }
            throw error
        }
    }

    private static func message(_ offer: ProposedSkill, _ context: StageContext) -> CommitMessage {
        let message = ProposalMessage(offer.skill, cases: offer.cases)
        return CommitMessage(
            message.subject, body: [.own(message.body)],
            trailers: [
                Trailer("Flow-Run", context.run), Trailer("Flow-Node", context.node),
                Trailer("Flow-Skill", offer.skill.id),
            ])
    }
}
