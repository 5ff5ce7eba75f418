internal import FlowGit
internal import FlowSkills
internal import FlowSystem

extension ProposalDesk {
    /// The outcome of a wish to deprecate a skill.
    enum DeprecationStanding {
        case new(branch: String, ObjectID)
        /// Nothing, for this reason.
        case left(String)
    }

    /// Makes the branch with one edit of an accepted skill's file that deprecates it.
    func deprecate(
        _ skill: String, reason: String, _ context: StageContext
    ) throws -> DeprecationStanding {
        let id = Deprecation.id(of: skill)
        guard let member = skills.find(skill),
            let entry = try view.repository.entry(member.file.path, at: view.tip),
            let bytes = try view.repository.bytes(member.file.path, at: view.tip)
        else { return .left("its file is not on the default branch") }
        guard member.skill.isActing else { return .left("it does not act") }
        if let reason = reasonNotToDeprecate(id) { return .left(reason) }
        let change = try Change(
            path: member.file.path,
            blob: view.repository.writeBlob(try Skill.deprecated(bytes, path: member.file.path)),
            base: entry.id)
        let branch = Self.branch(id)
        let message = ProposalMessage(deprecating: member.skill, reason: reason)
        do throws(GitError) {
            let commit = try view.repository.propose(
                branch: branch, base: view.tip, changes: [change],
                message: Self.message(message, of: [id], [change], context),
                signature: view.signature, time: context.now)
            return .new(branch: branch, commit)
        } catch {
            guard error.code == .exists else { throw error }
            return .left("another run proposed it")
        }
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
}
