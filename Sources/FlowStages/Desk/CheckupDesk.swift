internal import FlowGit
package import FlowJSON
internal import FlowSpec
internal import FlowSystem

/// What `flow doctor` asks of git.
package enum CheckupDesk {
    /// `{name, ok, message}` of the repository around a folder, of what stands in the way of commits
    /// there, and of each remote, without asking any of them.
    package static func checks(_ workspace: String) throws -> [JSON] {
        let repository: Repository
        do throws(GitError) {
            repository = try Repository.open(at: workspace)
        } catch {
            return [check("git repository", error.description)]
        }
        let place = repository.workTree ?? repository.gitFolder
        return try [check("git repository", fine: place)] + commits(repository, workspace)
            + secrets(repository)
            + repository.checkRemotes().map {
                check("remote \($0.name)", isFine: $0.isFine, $0.words)
            }
    }

    /// What would end a run only when it commits.
    private static func commits(_ repository: Repository, _ workspace: String) -> [JSON] {
        // Mistakes in the settings are told by themselves.
        guard let settled = try? SettledRepository(workspace, onlyLookingAt: repository) else {
            return []
        }
        do {
            try settled.requireHistory(for: "build on what was committed")
            let branch = try settled.defaultBranch()
            _ = try repository.requiredTip(of: branch)
            try repository.refuseSigning()
            let identity = try repository.identity(settled.signature)
            return [check("commits", fine: "go to \(branch), by \(identity.name)")]
        } catch {
            return [check("commits", "\(error)")]
        }
    }

    private static func secrets(_ repository: Repository) throws -> [JSON] {
        guard let folder = repository.workTree, Files.exists(Path.join(folder, DotEnv.file)),
            try !repository.isIgnored(DotEnv.file)
        else { return [] }
        return [
            check(
                DotEnv.file,
                "git would commit it with what is secret in it; add a line \(DotEnv.file) to .gitignore"
            )
        ]
    }

    private static func check(_ name: String, fine words: String) -> JSON {
        check(name, isFine: true, words)
    }

    private static func check(_ name: String, _ problem: String) -> JSON {
        check(name, isFine: false, problem)
    }

    private static func check(_ name: String, isFine: Bool, _ words: String) -> JSON {
        ["name": .string(name), "ok": .bool(isFine), "message": .string(words)]
    }
}
