internal import FlowGit
package import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// Ends of skills that a person decides at a terminal: each is one commit on the default branch, or
/// waits on `flow/sync` where that is protected.
package struct LibraryDesk {
    /// What was done.
    package struct Done: Sendable {
        package let id: String
        /// nil: it was so already.
        package let commit: String?
        /// Whether it waits for a pull request of `flow/sync` to be merged.
        package let isWaiting: Bool

        package var json: JSON {
            [
                "skill": .string(id), "commit": commit.map(JSON.string) ?? .null,
                "waiting": .bool(isWaiting),
            ]
        }
    }

    private let settled: SettledRepository
    private let desk: ProposalDesk
    private var view: RepositoryView { desk.view }

    /// - Throws: where there is no repository, or no default branch; `shallow`.
    package init(_ workspace: String) throws {
        settled = try SettledRepository(workspace)
        try settled.requireHistory(for: "change the library")
        desk = try ProposalDesk(RepositoryView(settled))
    }

    /// Sets a skill's status to `deprecated`, as merging its deprecation would, and notes why in the
    /// ledger; a deprecation that waits is over with it.
    /// - Parameter name: Its id or its name.
    /// - Throws: where there is no such skill, or where its document cannot be edited.
    package func deprecate(_ name: String, reason: String) throws -> Done {
        let member = try desk.skills.named(name)
        let id = member.skill.id
        if member.skill.status == .deprecated {
            return Done(id: id, commit: nil, isWaiting: false)
        }
        let proposal = Deprecation.id(of: id)
        var view = view
        try view.write(
            member.file.path, Skill.deprecated(member.file.bytes, path: member.file.path))
        let round = max(1, desk.ledger.state.round(of: proposal))
        try view.append([try verdict(.approved, proposal, reason, round)], to: desk.ledger)
        return try publish(view, id, "Deprecate \(id)", reason)
    }

    /// Removes a skill's file. The ledger keeps what is known of it, and that it is not to be proposed
    /// again until somebody reopens it.
    /// - Parameters:
    ///   - name: Its id or its name; one whose document cannot be read has only an id.
    ///   - isForced: removes one too that is not deprecated.
    /// - Throws: where there is no such file, or where it is not deprecated.
    package func delete(_ name: String, reason: String, isForced: Bool) throws -> Done {
        let files = try view.files(in: SkillName.folder)
        let file =
            try files.first { SkillSet.id(inFile: $0.path) == name }
            ?? desk.skills.named(name).file
        let id = SkillSet.id(inFile: file.path) ?? name
        let status = desk.skills.find(id)?.skill.status
        guard isForced || status == .deprecated else {
            let what = status.map { "is \($0.rawValue)" } ?? "has a document with mistakes"
            throw StageError(
                "\(id) \(what); deprecate it first (flow skills deprecate \(id)), or delete it with "
                    + "--force")
        }
        var view = view
        try view.remove(file.path)
        let words = reason.isEmpty ? "it was deleted" : "it was deleted: \(reason)"
        let round = desk.ledger.state.round(of: id) + 1
        try view.append([try verdict(.rejected, id, words, round)], to: desk.ledger)
        return try publish(view, id, "Delete \(id)", reason)
    }

    private func verdict(
        _ verdict: Verdict, _ id: String, _ reason: String, _ round: Int
    ) throws -> LedgerEntry {
        let by = try view.repository.identity(view.signature).name
        return .verdict(
            LedgerEntry.VerdictLine(
                skill: id, verdict: verdict, reason: reason, by: by, time: SystemClock().now(),
                round: round))
    }

    private func publish(
        _ view: RepositoryView, _ id: String, _ subject: String, _ reason: String
    ) throws -> Done {
        let commit = try view.publish(settled, subject, reason)
        // What waits on a branch of flow alone has nothing left to decide.
        let proposal = Deprecation.id(of: id)
        if let branch = desk.branches[proposal]?.first, branch.remote == nil,
            try desk.commits(of: branch).allSatisfy(ProposalDesk.isOfFlow)
        {
            desk.clear(proposal, within: branch.tip)
        }
        return Done(id: id, commit: commit, isWaiting: settled.isRolling)
    }
}
