internal import FlowGit
internal import FlowJSON
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
            return context.note("there is no remote: nothing to fetch")
        }
        try repository.fetch(remote)
        let branch = try settled.defaultBranch()
        let followed = try repository.follow(remote, branch)
        context.output("fetched", true)
        context.output("reason", .string(followed))
        context.note(followed)
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
            return context.note("there is no remote: nothing to push")
        }
        let branches = try ahead(settled, of: remote)
        let results =
            try branches.isEmpty
            ? [] : repository.push(branches.map { "refs/heads/\($0)" }, to: remote)
        let rejected = results.filter { $0.rejected != nil }
        guard rejected.isEmpty else {
            throw StageError(
                rejected.map { "\(remote) did not take \($0.name): \($0.rejected ?? "")" }
                    .joined(separator: "\n"))
        }
        let reason =
            branches.isEmpty ? "\(remote) has everything" : "pushed \(branches.count) to \(remote)"
        context.output("pushed", .bool(!branches.isEmpty))
        context.output("branches", .array(branches.map(JSON.string)))
        context.output("reason", .string(reason))
        context.note(reason)
    }

    /// The branches of flow's that the remote does not have as they are here.
    private static func ahead(_ settled: SettledRepository, of remote: String) throws -> [String] {
        let repository = settled.repository
        let main = try settled.defaultBranch()
        let proposals = try repository.branches(ProposalDesk.prefix, remotes: false).map(\.name)
        return try ([main] + proposals).filter { name in
            try repository.tip(of: name) != repository.tip(of: name, remote: remote)
        }
    }
}

extension Repository {
    /// Brings the default branch up to the remote's, where that only adds commits to it.
    fileprivate func follow(_ remote: String, _ branch: String) throws -> String {
        guard let there = try tip(of: branch, remote: remote), let here = try tip(of: branch),
            there != here
        else { return "fetched from \(remote)" }
        if try isAncestor(there, of: here) {
            return "fetched from \(remote); \(branch) here has commits that it does not have yet"
        }
        guard try isAncestor(here, of: there) else {
            throw StageError(
                "\(branch) here and on \(remote) have gone different ways; "
                    + "bring them together with git pull, then run again")
        }
        try fastForward(branch, from: here, to: there)
        return "fetched from \(remote); \(branch) is now at \(there.short)"
    }
}
