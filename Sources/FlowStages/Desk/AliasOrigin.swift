internal import FlowGit
internal import FlowJSON
internal import FlowSkills
internal import FlowSystem

/// Where a line of `skills/aliases.yaml` comes from.
struct AliasOrigin {
    let line: Int
    /// The commit that brought it to the default branch; nil where that is too long ago, or cut off.
    let commit: Commit?

    var json: JSON {
        [
            "file": .string(Aliases.path), "line": .integer(line),
            "commit": commit.map { .string($0.id.hex) } ?? .null,
            "by": commit.map { .string($0.author.name) } ?? .null,
            "time": commit.map { .string($0.time.rfc3339) } ?? .null,
        ]
    }

    /// `line 3 of skills/aliases.yaml, commit 1a2b3c4 by Ada on 2025-11-08`.
    var text: String {
        "line \(line) of \(Aliases.path)"
            + (commit.map {
                ", commit \($0.id.short) by \($0.author.name) on \($0.time.date)"
            } ?? "")
    }
}

/// Finds where lines come from; costs a walk along the branch for all of them together.
struct AliasOrigins {
    /// What a line says.
    enum Claim: Hashable {
        case renames(String)
        case splits(String)
    }

    private let aliases: Aliases
    private var commits: [Claim: Commit] = [:]
    /// Commits that are looked at.
    private static let most = 10_000

    /// - Parameter aliases: of the default branch.
    init(_ aliases: Aliases, _ claims: [Claim], _ view: RepositoryView?) {
        self.aliases = aliases
        let wanted = claims.filter { Self.line($0, in: aliases) != nil }
        guard let view, !wanted.isEmpty else { return }
        find(Set(wanted), view)
    }

    /// nil: no line says so.
    func origin(_ claim: Claim) -> AliasOrigin? {
        Self.line(claim, in: aliases).map { AliasOrigin(line: $0, commit: commits[claim]) }
    }

    private static func line(_ claim: Claim, in aliases: Aliases) -> Int? {
        switch claim {
        case .renames(let old): aliases.line(of: old)
        case .splits(let part): aliases.splits.first { $0.part == part }?.line
        }
    }

    private mutating func find(_ wanted: Set<Claim>, _ view: RepositoryView) {
        var open = wanted
        var known: (blob: ObjectID, there: Aliases)?
        // of a shallow clone nothing is known
        let history =
            (try? view.repository.history(
                from: view.tip, firstParents: true, limit: Self.most + 1)) ?? []
        for commit in history.prefix(Self.most) {
            guard let entry = try? view.repository.entry(Aliases.path, at: commit.id) else {
                open = []
                break
            }
            if known?.blob != entry.id {
                guard let bytes = try? view.repository.blob(entry.id) else { break }
                known = (entry.id, (try? Aliases.read(bytes)) ?? Aliases())
            }
            let there = known?.there ?? Aliases()
            open = open.filter { Self.line($0, in: there) != nil }
            if open.isEmpty { break }
            for claim in open { commits[claim] = commit }
        }
        // the walk ended before those lines came
        if history.count > Self.most { for claim in open { commits[claim] = nil } }
    }
}
