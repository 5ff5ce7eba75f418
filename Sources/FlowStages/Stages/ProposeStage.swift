internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// `git/propose`: a branch `proposal/<ID>` for each skill that is new, a commit on the branch of each
/// open one whose evidence changed, and a branch `proposal/deprecate-<ID>` for each to deprecate.
enum ProposeStage: Stage {
    static let reference = "git/propose"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        try settled.requireHistory(for: "propose skills")
        let view = try RepositoryView(context, settled)
        let desk = try ProposalDesk(view)
        let waiting = try desk.waiting()
        var new: [ProposedSkill] = []
        var updated: [JSON] = []
        var left: [JSON] = []
        var proposed: [JSON] = []
        for json in context.array("skills") {
            let offer = try ProposedSkill(json)
            switch try desk.standing(of: offer, waiting, context) {
            case .new: new.append(offer)
            case .updated(let branch, let commit):
                updated.append(
                    try report(offer.skill.id, [.string(offer.path)], branch, commit, context))
            case .left(let reason):
                left.append(["id": .string(offer.skill.id), "reason": .string(reason)])
            }
        }
        for json in context.array("deprecations") {
            let skill = json["id"]?.stringValue ?? ""
            switch try desk.deprecate(skill, reason: json["reason"]?.stringValue ?? "", context) {
            case .new(let branch, let commit):
                let paths = desk.skills.find(skill).map { [JSON.string($0.file.path)] } ?? []
                proposed.append(
                    try report(Deprecation.id(of: skill), paths, branch, commit, context))
            case .left(let reason):
                left.append([
                    "id": .string(Deprecation.id(of: skill)), "reason": .string(reason),
                ])
            }
        }
        let isPerRun = context.text("per") == "run"
        for offers in isPerRun ? [new] : new.map({ [$0] }) where !offers.isEmpty {
            let name =
                isPerRun
                ? ProposalDesk.branch(ofRun: context.run)
                : ProposalDesk.branch(offers[0].skill.id)
            if let commit = try propose(offers, on: name, desk, context) {
                proposed += try offers.map {
                    try report($0.skill.id, [.string($0.path)], name, commit, context)
                }
            } else {
                left += offers.map {
                    ["id": .string($0.skill.id), "reason": "another run proposed it"]
                }
            }
        }
        context.output("proposed", .array(proposed))
        context.output("count", .integer(proposed.count))
        context.output("updated", .array(updated))
        context.output("left", .array(left))
        context.summary(
            "\(proposed.count) proposed, \(updated.count) updated, \(left.count) known already")
    }

    private static func report(
        _ id: String, _ paths: [JSON], _ branch: String, _ commit: ObjectID,
        _ context: StageContext
    ) throws -> JSON {
        try context.event(
            "git.proposed",
            [
                "sha": .string(commit.hex), "branch": .string(branch),
                "paths": .array(paths),
            ])
        return [
            "id": .string(id), "branch": .string(branch), "commit": .string(commit.hex),
        ]
    }

    /// The commit of a new proposal; nil where somebody else made the branch meanwhile.
    private static func propose(
        _ offers: [ProposedSkill], on branch: String, _ desk: ProposalDesk,
        _ context: StageContext
    ) throws -> ObjectID? {
        let view = desk.view
        let messages = offers.map {
            ProposalMessage($0.skill, trend: $0.trend, cases: $0.cases, guess: $0.guess)
        }
        var changes: [Change] = []
        for offer in offers {
            let blob = try view.repository.writeBlob(offer.bytes)
            changes.append(try Change(path: offer.path, blob: blob, base: nil))
        }
        let message = ProposalDesk.message(
            messages.count == 1 ? messages[0] : ProposalMessage(messages),
            of: offers.map(\.skill.id), changes, context)
        do throws(GitError) {
            return try view.repository.propose(
                branch: branch, base: view.tip, changes: changes, message: message,
                signature: view.signature, time: context.now)
        } catch {
            guard error.code == .exists else { throw error }
        }
        // All that a run proposes together is one branch, whichever of its nodes propose.
        guard branch == ProposalDesk.branch(ofRun: context.run),
            let there = try view.repository.branches(branch, remotes: false).first(where: {
                $0.name == branch
            }), try desk.isOfRun(context.run, there)
        else { return nil }
        return try view.repository.publish(
            Publication(
                changes: changes, branch: branch, message: message, signature: view.signature,
                time: context.now, key: context.key)
        ).commit ?? there.tip
    }
}
