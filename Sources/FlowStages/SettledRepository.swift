internal import FlowGit
internal import FlowSpec
internal import FlowSystem

extension RepositorySettings {
    /// Those of a work tree, or of the branch that a bare repository is on; nothing is set where the
    /// file is missing.
    /// - Throws: `StageError` with every mistake of the file.
    init(of workspace: String) throws {
        let path = Path.join(workspace, Self.file)
        let file =
            Files.exists(path)
            ? try Files.read(path, limit: 1 << 20) : try Self.bytes(ofBare: workspace)
        guard let file else {
            self.init()
            return
        }
        do {
            try self.init(file)
        } catch {
            throw StageError(error.description)
        }
    }

    private static func bytes(ofBare path: String) throws -> [UInt8]? {
        guard let repository = try? Repository.open(at: path), repository.isBare,
            let branch = try? repository.currentBranch(), let tip = try repository.tip(of: branch)
        else { return nil }
        return try repository.bytes(file, at: tip)
    }
}

/// A repository with its settings.
struct SettledRepository {
    let repository: Repository
    let settings: RepositorySettings

    /// Who commits, where `flow.yaml` says it.
    var signature: Signature? {
        settings.identity.map { Signature(name: $0.name, email: $0.email) }
    }

    /// Whether what flow knows goes to `flow/sync` and not to the default branch.
    var isRolling: Bool { settings.publication == .pullRequest }

    /// Whether commits bring the weights of models.
    var keepsWeights: Bool { settings.modelStore == .git }

    /// Opens the repository and finishes what a crashed publication left half done.
    init(_ workspace: String) throws {
        try self.init(workspace, onlyLookingAt: Repository.open(at: workspace))
        try repository.recover()
    }

    /// Changes nothing.
    init(_ workspace: String, onlyLookingAt repository: Repository) throws {
        settings = try RepositorySettings(of: workspace)
        self.repository = repository
    }

    /// What is proposed, decided and built upon can only be told from the whole history.
    /// - Throws: where the clone is shallow, before anything is asked or written.
    func requireHistory(for doing: String) throws(GitError) {
        if repository.isShallow { throw Repository.shallow(doing) }
    }

    /// The name of the remote to use: the wanted one, that of `flow.yaml`, `origin`, or the only one;
    /// nil where there is none.
    func remote(_ wanted: String = "") throws -> String? {
        let names = try repository.remotes().map(\.name)
        let named = wanted.isEmpty ? settings.remote ?? "" : wanted
        if named.isEmpty {
            return names.contains("origin") ? "origin" : names.count == 1 ? names.first : nil
        }
        guard names.contains(named) else { throw StageError("there is no remote '\(named)'") }
        return named
    }

    func defaultBranch() throws -> String {
        try repository.defaultBranch(
            configured: settings.defaultBranch, remote: try remote() ?? "origin",
            ignoring: [ProposalDesk.prefix, SyncBranch.name])
    }

    /// Fetches the default branch, the proposals and others, prunes what the remote no longer has, and
    /// remembers what it had: what was here and is gone after the fetch was deleted there.
    /// - Returns: the commits at which the remote had branches of this repository before.
    @discardableResult
    func fetch(
        _ remote: String, following others: [String] = [],
        progress: ((TransferProgress) -> Void)? = nil
    ) throws -> [String: ObjectID] {
        try rememberPushed(to: remote)
        let before = try repository.pushedTips(to: remote)
        let main = try? defaultBranch()
        try repository.fetch(
            remote,
            following: [ProposalDesk.prefix + "*", SyncBranch.name] + (main.map { [$0] } ?? [])
                + others, progress: progress)
        try rememberPushed(to: remote)
        if let main, try defaultBranch() == main {
            try repository.noteProposals(of: remote, beside: main)
        }
        return before
    }

    /// Notes what the remote has of flow's branches: what is gone from there later was deleted.
    func rememberPushed(to remote: String) throws {
        for prefix in [ProposalDesk.prefix, SyncBranch.name] {
            try repository.rememberPushed(prefix, to: remote)
        }
    }
}
