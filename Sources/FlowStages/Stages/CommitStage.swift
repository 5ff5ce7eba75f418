internal import FlowGit
internal import FlowJSON
internal import FlowSystem
internal import FlowText

/// `git/commit`: publishes the changes of stages as one commit.
enum CommitStage: Stage {
    static let reference = "git/commit"

    static func run(_ context: StageContext) throws {
        let settled = try SettledRepository(context.workspace)
        let repository = settled.repository
        let named = context.text("branch")
        let isRolling = named.isEmpty && settled.isRolling
        let branch =
            isRolling ? SyncBranch.name : named.isEmpty ? try settled.defaultBranch() : named
        var changes: [Change] = []
        for json in context.array("changes") { changes.append(try Change(json: json)) }
        let hooks = try repository.ignoredHooks()
        if !hooks.isEmpty {
            context.note("client hooks are not run by flow: \(hooks.joined(separator: ", "))")
        }
        let publication = Publication(
            changes: changes, branch: branch, message: message(context),
            signature: settled.signature, time: context.now, key: context.key)
        let published =
            try isRolling
            ? SyncBranch(settled).publish(publication, run: context.run, note: context.note)
            : repository.publish(publication)
        let paths = try published.commit.flatMap { try self.paths(of: $0, in: repository) }
        try report(published, branch, paths ?? changes.map(\.path), context)
    }

    /// What a commit changes, which on the rolling branch is also what waited; nil where a shallow
    /// clone does not know.
    private static func paths(of commit: ObjectID, in repository: Repository) throws -> [String]? {
        guard let parent = try repository.commit(commit).parents.first else { return nil }
        do throws(GitError) {
            return try repository.difference(from: parent, to: commit).map(\.path)
        } catch {
            guard error.code == .shallow else { throw error }
            return nil
        }
    }

    private static func message(_ context: StageContext) -> CommitMessage {
        let lines = context.text("message").split(
            separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let body = lines.count == 2 ? [CommitMessage.Paragraph.own(String(lines[1]))] : []
        return CommitMessage(
            String(lines.first ?? "Sync"), body: body,
            trailers: [Trailer("Flow-Run", context.run), Trailer("Flow-Node", context.node)])
    }

    private static func report(
        _ published: Published, _ branch: String, _ paths: [String], _ context: StageContext
    ) throws {
        context.output("changed", .bool(published.commit != nil))
        context.output("commit", .string(published.commit?.hex ?? ""))
        context.output("branch", .string(branch))
        context.output("paths", published.commit == nil ? [] : .array(paths.map(JSON.string)))
        guard let commit = published.commit else {
            return context.summary("nothing to commit")
        }
        if case .committed(_, let left) = published, !left.isEmpty {
            context.note(
                "changed by hand at that moment, so left as they are: "
                    + left.map { VisibleText.safe($0) }.joined(separator: ", "))
        }
        context.summary("\(commit.short) on \(VisibleText.safe(branch)): \(paths.count) files")
        try context.event(
            "git.committed",
            [
                "sha": .string(commit.hex), "branch": .string(branch),
                "paths": .array(paths.map(JSON.string)),
            ])
    }
}
