internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// `git/fetch`: the remote's branches, and the default branch brought up to the remote's.
enum FetchStage: Stage {
    static let reference = "git/fetch"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        let repository = settled.repository
        guard let remote = try settled.remote(context.text("remote")) else {
            context.output("fetched", false)
            context.output("reason", "there is no remote")
            return context.summary("there is no remote: nothing to fetch")
        }
        try settled.requireHistory(for: "fetch from \(remote)")
        let before = try settled.fetch(remote, progress: ProgressNotes(context.say).report)
        let branch = try settled.defaultBranch()
        let followed = try repository.follow(remote, branch)
        for note in try repository.followProposals(remote, before) { context.note(note) }
        context.output("fetched", true)
        context.output("reason", .string(followed))
        context.summary(followed)
    }
}

/// `git/push`: the default branch and the proposals.
enum PushStage: Stage {
    static let reference = "git/push"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        let repository = settled.repository
        guard let remote = try settled.remote(context.text("remote")) else {
            context.output("pushed", false)
            context.output("branches", [])
            context.output("reason", "there is no remote")
            return context.summary("there is no remote: nothing to push")
        }
        let main = try settled.defaultBranch()
        let knewProposals = try repository.hasNotedProposals(of: remote, beside: main)
        let branches = try push(settled, main, to: remote, context)
        try settled.rememberPushed(to: remote)
        if knewProposals { try repository.noteProposals(of: remote, beside: main) }
        let reason =
            branches.isEmpty ? "\(remote) has everything" : "pushed \(branches.count) to \(remote)"
        context.output("pushed", .bool(!branches.isEmpty))
        context.output("branches", .array(branches.map(JSON.string)))
        context.output("reason", .string(reason))
        context.summary(reason)
    }

    /// How often others may be faster.
    private static let mostTries = 5

    /// Pushes what the remote lacks, and once more on top of what somebody else has pushed to the
    /// default branch meanwhile; gives the branches that it took.
    private static func push(
        _ settled: SettledRepository, _ main: String, to remote: String, _ context: StageContext
    ) throws -> [String] {
        let repository = settled.repository
        let note = context.note
        let progress = ProgressNotes(context.say)
        let target = settled.isRolling ? SyncBranch.name : main
        var taken: [String] = []
        // The default branch goes last: who sees a proposal in its ledger must find its branch.
        var branches = try proposals(settled, ahead: remote, note)
        for round in 1... {
            let before = try repository.tip(of: target, remote: remote)
            let isAhead =
                try settled.isRolling
                ? prepareSync(settled, context)
                : repository.tip(of: main) != repository.tip(of: main, remote: remote)
            if isAhead { branches.append(target) }
            if branches.isEmpty { return taken }
            let results = try repository.push(
                // What the rolling branch had before is replaced.
                branches.map { ($0 == SyncBranch.name ? "+" : "") + "refs/heads/\($0)" },
                to: remote, progress: progress.report)
            taken += zip(branches, results).filter { $1.rejected == nil }.map(\.0)
            var refusal: String?
            for (branch, result) in zip(branches, results) {
                guard let reason = result.rejected else { continue }
                let text = "\(remote) did not take \(result.name): \(reason)"
                // A reviewer was faster; the next fetch brings what they did.
                if branch == target { refusal = text } else { note(text) }
            }
            guard let refusal else { return taken }
            try settled.fetch(remote, progress: progress.report)
            // Else it refuses for a reason of its own, and would again.
            let hasMoved =
                try settled.isRolling
                ? repository.tip(of: target, remote: remote) != before
                : self.hasMoved(main, on: remote, repository)
            guard round < mostTries, hasMoved else { throw StageError(refusal) }
            note(refusal)
            if !settled.isRolling { note(try repository.follow(remote, main)) }
            branches = []
        }
        return taken
    }

    /// Whether a remote's branch has commits that this repository's has not.
    private static func hasMoved(
        _ branch: String, on remote: String, _ repository: Repository
    ) throws -> Bool {
        guard let here = try repository.tip(of: branch),
            let there = try repository.tip(of: branch, remote: remote)
        else { return false }
        return try !repository.isAncestor(there, of: here)
    }

    /// Whether the rolling branch must be pushed, with what others have put there meanwhile.
    private static func prepareSync(
        _ settled: SettledRepository, _ context: StageContext
    ) throws -> Bool {
        let message = CommitMessage(
            "Sync",
            trailers: [Trailer("Flow-Run", context.run), Trailer("Flow-Node", context.node)])
        let publication = Publication(
            changes: [], branch: SyncBranch.name, message: message, signature: settled.signature,
            time: context.now)
        return try SyncBranch(settled).prepareToPush(publication, note: context.note)
    }

    /// The proposals that the remote does not have as they are here and that may go there: never
    /// one that it had and that was deleted there, and none without a commit that it has.
    private static func proposals(
        _ settled: SettledRepository, ahead remote: String, _ note: (String) -> Void
    ) throws -> [String] {
        let repository = settled.repository
        let view = try RepositoryView(settled)
        let ledger = try view.ledger().state
        let pushed = try repository.pushedTips(to: remote)
        return try repository.branches(ProposalDesk.prefix, remotes: false).compactMap { branch in
            let name = branch.name
            guard let there = try repository.tip(of: name, remote: remote) else {
                if pushed[name] != nil {
                    note("\(name) was deleted on \(remote) and is not pushed again")
                    return nil
                }
                let waits = try ProposalDesk.ids(on: branch, view).contains { id in
                    let verdict = ledger.verdict(of: id)?.verdict
                    return verdict != .approved && verdict != .rejected
                }
                return waits ? name : nil
            }
            if try repository.isAncestor(branch.tip, of: there) { return nil }
            if try repository.isAncestor(there, of: branch.tip) { return name }
            note(
                "\(name) has gone different ways here and on \(remote), so it is not pushed; "
                    + "bring the two together with git")
            return nil
        }
    }
}

extension Repository {
    /// Brings the default branch up to the remote's; flow's own commits that the remote does not have,
    /// and those of verdicts at a terminal, go on top of it.
    fileprivate func follow(_ remote: String, _ branch: String) throws -> String {
        guard let there = try tip(of: branch, remote: remote), let here = try tip(of: branch),
            there != here
        else { return "fetched from \(remote)" }
        if try isAncestor(there, of: here) {
            return "fetched from \(remote); \(branch) here has commits that it does not have yet"
        }
        guard try isAncestor(here, of: there) else {
            let tip = try rebuilt(branch, here, onto: there, of: remote)
            try fastForward(branch, from: here, to: tip)
            return "\(branch) is now at \(tip.short), on top of what \(remote) has"
        }
        try fastForward(branch, from: here, to: there)
        return "fetched from \(remote); \(branch) is now at \(there.short)"
    }

    /// Makes flow's own commits anew on top of the remote's branch.
    private func rebuilt(
        _ branch: String, _ here: ObjectID, onto there: ObjectID, of remote: String
    ) throws -> ObjectID {
        do throws(GitError) {
            // `git/commit` leaves all three; what a person committed is theirs to bring together.
            let marks: Set = ["Flow-Run", "Flow-Node", Publication.keyTrailer]
            return try rebuilt(here, onto: there) { commit in
                let names = commit.trailers.map(\.name)
                return marks.isSubset(of: names) || names.contains(RepositoryView.deskTrailer)
            }
        } catch {
            guard error.code == .conflict || error.code == .rejected else { throw error }
            throw StageError(
                "\(branch) here and on \(remote) have gone different ways (\(error)); "
                    + "bring them together with git pull, then run again")
        }
    }

    /// Brings proposals here up to the remote's where that only adds commits, or replaces those that
    /// were there `before`; gives a sentence for each that stays behind.
    fileprivate func followProposals(
        _ remote: String, _ before: [String: ObjectID]
    ) throws -> [String] {
        var notes: [String] = []
        for branch in try branches(ProposalDesk.prefix, remotes: false) {
            guard let there = try tip(of: branch.name, remote: remote),
                try !isAncestor(there, of: branch.tip)
            else { continue }
            // A reviewer who amends or rebases replaces what was there; nothing here is lost by it.
            guard try before[branch.name] == branch.tip || isAncestor(branch.tip, of: there) else {
                notes.append("\(branch.name) has gone different ways here and on \(remote)")
                continue
            }
            do throws(GitError) {
                try fastForward(branch.name, from: branch.tip, to: there)
            } catch {
                // The verdicts and approvals read the remote's branch as well.
                notes.append("\(branch.name) stays behind that of \(remote): \(error)")
            }
        }
        return notes
    }
}
