internal import FlowGit
internal import FlowSkills
internal import FlowSystem

/// Proposals that edit an accepted skill's file: to deprecate it, or to make it another version of a
/// procedure.
extension ProposalDesk {
    /// Makes the branch with one edit of an accepted skill's file that deprecates it.
    func deprecate(
        _ skill: String, reason: String, _ context: StageContext
    ) throws -> ProposalStanding {
        let subject = ProposalSubject.deprecation(of: skill)
        guard let member = skills.find(skill),
            let bytes = try view.repository.bytes(member.file.path, at: view.tip)
        else { return .left("its file is not on the default branch") }
        guard member.skill.isActing else { return .left("it does not act") }
        if let reason = reasonNotToDeprecate(subject.id) { return .left(reason) }
        let edited = SkillFile(
            path: member.file.path, bytes: try Skill.deprecated(bytes, path: member.file.path))
        return try propose(
            subject, edited, ProposalMessage(deprecating: member.skill, reason: reason), context)
    }

    /// Once decided, it is asked again only where the ledger has reopened it.
    private func reasonNotToDeprecate(_ id: String) -> String? {
        if let branch = branches[id]?.first { return "\(branch.title) is open" }
        let state = ledger.state
        if state.reopening(of: id) != nil { return nil }
        if let branch = gone[id] {
            return "\(branch.title) was deleted on a remote and is still here"
        }
        if isUnknown(id) { return Self.unknown }
        if state.round(of: id) == 0 { return nil }
        guard let line = state.verdict(of: id) else { return "its branch went away unmerged" }
        return "it was \(line.verdict.rawValue) on \(line.time.date)"
            + (line.reason.isEmpty ? "" : ": \(line.reason)")
    }

    /// The proposal by which an accepted procedure gets another version: the one that waits, for a verdict
    /// or since it was reopened, where there is one, so that of one procedure one version waits at a time,
    /// which is brought up to what is found.
    func update(of skill: Skill, to version: SkillVersion) -> ProposalSubject {
        let reopened = state.reviewed.filter { state.reopening(of: $0) != nil }
        let waiting = Set(branches.keys).union(reopened).compactMap { id -> SkillVersion? in
            guard case .update(skill.id, let version) = ProposalSubject(id), !isRejected(id),
                !ProposalSubject(id).isDone(in: skill)
            else { return nil }
            return version
        }
        return .update(of: skill.id, to: waiting.max() ?? version)
    }

    /// Why no proposal is to be of this version of a procedure, one that waits for another one neither:
    /// it was rejected.
    func rejection(ofVersion skill: Skill, as id: String) -> String? {
        Review.rejection(
            ofVersion: skill.fingerprint(as: ProposalSubject(id)), as: id, ledger: ledger.state)
    }

    /// Where a newer version of an accepted procedure stands; nil of a skill that is none.
    ///
    /// What is proposed is the file as the default branch has it with the offer's procedure in it, so
    /// that nothing which was written into it meanwhile is lost.
    func standing(
        ofVersion offer: ProposedSkill, _ context: StageContext
    ) throws -> (id: String, path: String, standing: ProposalStanding)? {
        guard let procedure = offer.skill.procedure,
            let version = SkillVersion(procedure.version),
            let member = skills.find(offer.skill.id), let old = member.skill.procedure
        else { return nil }
        let subject = update(of: member.skill, to: version)
        guard !subject.isDone(in: member.skill) else { return nil }
        let path = member.file.path
        if let reason = rejection(ofVersion: offer.skill, as: subject.id) {
            return (subject.id, path, .left(reason))
        }
        guard let bytes = try view.repository.bytes(path, at: view.tip) else {
            return (subject.id, path, .left("its file is not on the default branch"))
        }
        let edited = SkillFile(
            path: path, bytes: try Skill.revised(bytes, path: path, to: procedure))
        let news = ProcedureChange(from: old, to: procedure).news
        let message = ProposalMessage(versionOf: offer.skill, procedure, news: news)
        let standing =
            if let reason = reasonNotToOpen(subject.id, offer.skill) {
                try renew(subject.id, edited, procedure, message, context, else: reason)
            } else {
                try propose(subject, edited, message, context)
            }
        return (subject.id, path, standing)
    }

    /// Brings an open proposal of a version up to what the procedure is now.
    private func renew(
        _ id: String, _ edited: SkillFile, _ procedure: Procedure, _ message: ProposalMessage,
        _ context: StageContext, else reason: String
    ) throws -> ProposalStanding {
        guard !isRejected(id), let branch = try newest(id),
            let document = try file(of: id, on: branch),
            let proposed = Skill.check(document.bytes, path: edited.path).0?.procedure,
            ProcedureChange(from: proposed, to: procedure).weight > .none,
            try isOwn(document, of: id, on: branch)
        else { return .left(reason) }
        return try update(document, to: edited, of: id, message, on: branch, context, else: reason)
    }

    private func propose(
        _ subject: ProposalSubject, _ edited: SkillFile, _ message: ProposalMessage,
        _ context: StageContext
    ) throws -> ProposalStanding {
        let repository = view.repository
        let change = try Change(
            path: edited.path, blob: repository.writeBlob(edited.bytes),
            base: repository.entry(edited.path, at: view.tip)?.id)
        let branch = Self.branch(subject.id)
        do throws(GitError) {
            let commit = try repository.propose(
                branch: branch, base: view.tip, changes: [change],
                message: Self.message(message, of: [subject.id], [change], context),
                signature: view.signature, time: context.now)
            return .proposed(branch: branch, commit)
        } catch {
            guard error.code == .exists else { throw error }
            return .left("another run proposed it")
        }
    }
}
