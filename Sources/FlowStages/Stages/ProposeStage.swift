internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// `git/propose`: a branch `proposal/<ID>` for each skill that is new, a commit on the branch of each
/// open one whose evidence changed, a branch `proposal/update-<ID>-<version>` for each procedure that has
/// changed since it was accepted, and a branch `proposal/deprecate-<ID>` for each to deprecate.
enum ProposeStage: Stage {
    static let reference = "git/propose"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        try settled.requireHistory(for: "propose skills")
        let view = try RepositoryView(context, settled)
        let desk = try ProposalDesk(view)
        let waiting = try desk.waiting()
        var new: [ProposedSkill] = []
        var sheet = Sheet()
        for json in context.array("skills") {
            let offer = try ProposedSkill(json)
            if let version = try desk.standing(ofVersion: offer, context) {
                try sheet.add(version.standing, version.id, version.path, context)
                continue
            }
            let standing = try desk.standing(of: offer, waiting, context)
            if case .new = standing { new.append(offer) }
            try sheet.add(standing, offer.skill.id, offer.path, context)
        }
        for json in context.array("deprecations") {
            let skill = json["id"]?.stringValue ?? ""
            let standing = try desk.deprecate(
                skill, reason: json["reason"]?.stringValue ?? "", context)
            let path = desk.skills.find(skill)?.file.path ?? ""
            try sheet.add(standing, Deprecation.id(of: skill), path, context)
        }
        let isPerRun = context.text("per") == "run"
        for offers in isPerRun ? [new] : new.map({ [$0] }) where !offers.isEmpty {
            let name =
                isPerRun
                ? ProposalDesk.branch(ofRun: context.run)
                : ProposalDesk.branch(offers[0].skill.id)
            let commit = try propose(offers, on: name, desk, context)
            for offer in offers {
                try sheet.add(
                    commit.map { .proposed(branch: name, $0) } ?? .left("another run proposed it"),
                    offer.skill.id, offer.path, context)
            }
        }
        context.output("proposed", .array(sheet.proposed))
        context.output("count", .integer(sheet.proposed.count))
        context.output("updated", .array(sheet.updated))
        context.output("left", .array(sheet.left))
        context.summary(
            "\(sheet.proposed.count) proposed, \(sheet.updated.count) updated, "
                + "\(sheet.left.count) known already")
    }

    /// What became of each offer.
    private struct Sheet {
        var proposed: [JSON] = []
        var updated: [JSON] = []
        var left: [JSON] = []

        mutating func add(
            _ standing: ProposalStanding, _ id: String, _ path: String, _ context: StageContext
        ) throws {
            switch standing {
            case .new: break
            case .proposed(let branch, let commit):
                proposed.append(try report(id, path, branch, commit, context))
            case .updated(let branch, let commit):
                updated.append(try report(id, path, branch, commit, context))
            case .left(let reason):
                left.append(["id": .string(id), "reason": .string(reason)])
            }
        }
    }

    private static func report(
        _ id: String, _ path: String, _ branch: String, _ commit: ObjectID,
        _ context: StageContext
    ) throws -> JSON {
        try context.event(
            "git.proposed",
            [
                "sha": .string(commit.hex), "branch": .string(branch),
                "paths": [.string(path)],
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
