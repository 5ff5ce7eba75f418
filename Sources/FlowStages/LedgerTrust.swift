internal import FlowEngine
internal import FlowGit
internal import FlowSkills
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// Which lines of the ledger count, where `flow.yaml` names approvers: those that flow's own commits
/// or an approver brought to the default branch.
///
/// A commit is flow's own where author and committer are the `identity` of `flow.yaml`. Both settings
/// are those of the default branch, never of a work tree. What that proves and what it does not:
/// `docs/security.md`.
struct LedgerTrust {
    private let origins: LineOrigins
    /// What keeps flow from telling who brought lines.
    let problems: [Mistake]

    /// - Parameters:
    ///   - tip: of the default branch.
    ///   - waiting: what waits for it; its lines count if all its commits would.
    init(_ repository: Repository, _ tip: ObjectID, _ waiting: SyncBranch.Waiting) throws {
        let settings = try Self.settings(repository, tip)
        guard !settings.approvers.isEmpty else {
            origins = LineOrigins()
            problems = []
            return
        }
        var origins = try repository.lineOrigins(in: Ledger.folder, on: tip) {
            Self.isTrusted($0, settings)
        }
        if let other = waiting.commits.first(where: { !Self.isTrusted($0, settings) }) {
            for path in waiting.changes.keys where Path.folder(path) == Ledger.folder {
                let old = try repository.bytes(path, at: tip) ?? []
                let new = try waiting.blob(path)?.map { try repository.blob($0) } ?? []
                origins.add(path, old, new, by: other)
            }
        }
        self.origins = origins
        problems = origins.cut.map { [Self.cutOff($0)] } ?? []
    }

    private static func settings(_ repository: Repository, _ tip: ObjectID) throws
        -> RepositorySettings
    {
        guard let bytes = try repository.bytes(RepositorySettings.file, at: tip) else {
            return RepositorySettings()
        }
        do {
            return try RepositorySettings(bytes)
        } catch {
            throw StageError("\(error)")
        }
    }

    private static func isTrusted(_ commit: Commit, _ settings: RepositorySettings) -> Bool {
        if let own = settings.identity.map({ Signature(name: $0.name, email: $0.email) }),
            commit.author == own, commit.committer == own
        {
            return true
        }
        let person = Person(name: commit.bringer.name, email: commit.bringer.email)
        return person?.isOne(of: settings.approvers) ?? false
    }

    private static func cutOff(_ commit: ObjectID) -> Mistake {
        Mistake(
            path: Ledger.folder,
            message: "the history ends at \(commit.short), so who brought older lines is not known "
                + "and they count; run 'git fetch --unshallow', or set fetch-depth: 0 where the "
                + "repository is checked out")
    }

    /// The lines of a file that do not count, with one problem for those of one commit that follow each
    /// other.
    func left(_ path: String, _ bytes: [UInt8]) -> (lines: Set<Int>, problems: [Mistake]) {
        var groups: [(first: Int, last: Int, by: LineOrigins.Bringer)] = []
        for (line, by) in origins.left(path, bytes) {
            if let last = groups.last, last.last == line - 1, last.by == by {
                groups[groups.count - 1].last = line
            } else {
                groups.append((line, line, by))
            }
        }
        let problems = groups.map { group in
            Mistake(
                path: path, line: group.first,
                message: (group.first == group.last ? "" : "and the lines up to \(group.last): ")
                    + "brought by \(VisibleText.safe(group.by.by.description)) in "
                    + "\(group.by.commit.short), who is neither flow nor one of the approvers; "
                    + "not counted")
        }
        return (Set(groups.flatMap { $0.first...$0.last }), problems)
    }
}
