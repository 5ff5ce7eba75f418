internal import FlowGit
internal import FlowSkills
internal import FlowSystem

/// What is to be done with a skill that a run offers.
enum ProposalStanding {
    case new
    /// Its branch was made.
    case proposed(branch: String, ObjectID)
    /// Its proposal is open and has a commit more now.
    case updated(branch: String, ObjectID)
    /// Nothing, for this reason.
    case left(String)
}

extension ProposalDesk {
    /// Where a skill stands; an open proposal whose evidence changed is brought up to it.
    /// - Parameter waiting: the proposals that wait, by the present fingerprint of their errors.
    func standing(
        of offer: ProposedSkill, _ waiting: [String: String], _ context: StageContext
    ) throws -> ProposalStanding {
        let id = offer.skill.id
        guard let reason = reasonNotToPropose(offer.skill, waiting) else { return .new }
        guard decision(on: offer.skill) == nil, !isRejected(id), let branch = try newest(id),
            let document = try file(of: id, on: branch),
            let skill = Skill.check(document.bytes, path: document.path).0
        else { return .left(reason) }
        let news = skill.news(in: offer.skill)
        guard !news.isEmpty, try isOwn(document, of: id, on: branch) else { return .left(reason) }
        let message = ProposalMessage(
            offer.skill, trend: offer.trend, cases: offer.cases, guess: offer.guess, news: news)
        return try update(
            document, to: SkillFile(path: offer.path, bytes: offer.bytes), of: id, message,
            on: branch, context, else: reason)
    }

    /// Brings an open proposal up to a newer document.
    func update(
        _ old: SkillFile, to new: SkillFile, of id: String, _ message: ProposalMessage,
        on branch: Branch, _ context: StageContext, else reason: String
    ) throws -> ProposalStanding {
        do throws(GitError) {
            guard let commit = try commit(old, new, of: id, message, on: branch, context) else {
                return .left(reason)
            }
            return .updated(branch: branch.name, commit)
        } catch {
            // The branch is in somebody's hands at this moment; the next run tries again.
            switch error.code {
            case .changed, .changedByHand, .checkedOutElsewhere, .busy, .moved, .exists:
                return .left("\(reason), and could not be updated: \(error)")
            default: throw error
            }
        }
    }

    /// Whether a proposal's branch is flow's alone: every commit that it adds is one of flow's and
    /// changes proposals only, or the document that it edits, which is what flow wrote last.
    func isOwn(_ document: SkillFile, of id: String, on branch: Branch) throws -> Bool {
        let repository = view.repository
        let blob = try repository.entry(document.path, at: branch.tip)?.id.hex ?? ""
        let commits = try commits(of: branch)
        let isOwn = try commits.allSatisfy { commit in
            guard Self.isOfFlow(commit), let parent = commit.parents.first,
                commit.parents.count == 1
            else { return false }
            return try repository.difference(from: parent, to: commit.id)
                .allSatisfy {
                    Path.folder($0.path) == Self.proposedFolder || $0.path == document.path
                }
        }
        let last = commits.first { $0.trailers.contains(Self.trailer(of: id)) }
        return isOwn && last?.trailers.contains(Trailer(Self.documentTrailer, blob)) ?? false
    }

    /// The commit in which flow explains a proposal: its newest of that skill, since a reviewer's own may
    /// follow; of a branch with the skills of a run the one that proposed it with others.
    func explanation(of id: String, on branch: Branch) throws -> Commit? {
        let own = try commits(of: branch).filter { $0.trailers.contains(Self.trailer(of: id)) }
        return Self.isShared(branch) ? own.last : own.first
    }

    /// Whether every commit of a branch is flow's, of one run: another node of it may add to it.
    func isOfRun(_ run: String, _ branch: Branch) throws -> Bool {
        try commits(of: branch).allSatisfy {
            Self.isOfFlow($0) && $0.trailers.contains(Trailer("Flow-Run", run))
        }
    }

    /// The commits that a proposal's branch adds to the default branch, the newest first.
    func commits(of branch: Branch) throws -> [Commit] {
        try view.repository.history(from: branch.tip, hiding: [view.tip])
    }

    /// Adds a commit with the newer document to the branch; nil where it has that document already.
    private func commit(
        _ old: SkillFile, _ new: SkillFile, of id: String, _ message: ProposalMessage,
        on branch: Branch, _ context: StageContext
    ) throws(GitError) -> ObjectID? {
        let repository = view.repository
        try bringHere(branch)
        let base = try repository.entry(old.path, at: branch.tip)?.id
        let isMoved = old.path != new.path
        var changes = [
            try Change(
                path: new.path, blob: try repository.writeBlob(new.bytes),
                base: isMoved ? nil : base)
        ]
        if isMoved { changes.append(try Change(path: old.path, blob: nil, base: base)) }
        return try repository.publish(
            Publication(
                changes: changes, branch: branch.name,
                message: Self.message(message, of: [id], changes, context),
                signature: view.signature, time: context.now)
        ).commit
    }

    /// Makes the branch here what it is where it is newest.
    private func bringHere(_ branch: Branch) throws(GitError) {
        let repository = view.repository
        guard let here = try repository.tip(of: branch.name) else {
            return try repository.createBranch(branch.name, at: branch.tip)
        }
        if here != branch.tip {
            try repository.fastForward(branch.name, from: here, to: branch.tip)
        }
    }

    private static let skillTrailer = "Flow-Skill"

    /// Marks a commit of flow about a proposed skill.
    static func trailer(of id: String) -> Trailer { Trailer(skillTrailer, id) }

    static func isOfFlow(_ commit: Commit) -> Bool {
        commit.trailers.contains { $0.name == skillTrailer }
    }

    /// Takes a skill that was decided off a branch that has others too; the branch of this
    /// repository goes where none is left.
    func take(_ id: String, offShared branch: Branch, _ verdict: String) throws {
        let repository = view.repository
        guard let file = try file(of: id, on: branch) else { return }
        try bringHere(branch)
        let base = try repository.entry(file.path, at: branch.tip)?.id
        _ = try repository.publish(
            Publication(
                changes: [try Change(path: file.path, blob: nil, base: base)],
                branch: branch.name,
                message: CommitMessage("\(verdict): \(id)", trailers: [Self.trailer(of: id)]),
                signature: view.signature, time: SystemClock().now()))
        let here = try repository.branches(branch.name, remotes: false).first
        let isElsewhere = branches[id]?.contains { $0.remote != nil } ?? false
        if let here, !isElsewhere, try Self.ids(on: here, view).isEmpty,
            try commits(of: here).allSatisfy(Self.isOfFlow)
        {
            try repository.deleteBranch(here.name, at: here.tip)
        }
    }

    /// Names a document that the commit writes, as git does: who changes it has another.
    private static let documentTrailer = "Flow-Document"

    /// The message of a commit that proposes skills or updates one.
    static func message(
        _ message: ProposalMessage, of ids: [String], _ changes: [Change], _ context: StageContext
    ) -> CommitMessage {
        CommitMessage(
            message.subject, body: [.own(message.body)],
            trailers: [Trailer("Flow-Run", context.run), Trailer("Flow-Node", context.node)]
                + ids.map(trailer(of:))
                + changes.compactMap(\.blob).map { Trailer(documentTrailer, $0.hex) })
    }
}
