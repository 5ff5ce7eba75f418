package import FlowSystem

/// Where a command works: the repository around a folder, or the folder itself.
package struct Workspace: Sendable, Hashable {
    /// The repository's root; outside a repository the folder itself. Absolute, links resolved.
    package let root: String
    /// The repository's `.git` folder, that of the main one for a worktree; nil outside.
    package let gitFolder: String?
    /// The branch checked out; nil outside a repository and where HEAD is detached.
    package let branch: String?
    /// Where state is kept: `.flow` at the root (worktrees share the main one's), or what
    /// `FLOW_STATE` says.
    package let state: String

    /// Looks upwards from `folder`. Reads a few small files and never changes one.
    /// - Throws: `SystemError` when the folder is not there.
    package init(around folder: String, stateOverride: String?) throws(SystemError) {
        let start = try Files.real(folder)
        var place = start
        var found: (root: String, own: String, common: String)?
        while found == nil {
            found = Self.git(at: place).map { (place, $0.own, $0.common) }
            if place == "/" { break }
            place = Path.folder(place)
        }
        root = found?.root ?? start
        gitFolder = found?.common
        branch = found.flatMap { Self.branch(in: $0.own) }
        if let stateOverride, !stateOverride.isEmpty {
            state = Path.normal(Path.join(Files.workingFolder, stateOverride))
        } else if let found, found.own != found.common, Path.name(found.common) == ".git" {
            state = Path.join(Path.folder(found.common), ".flow")
        } else {
            state = Path.join(root, ".flow")
        }
    }

    /// The repository's own folder and the one that its worktrees share.
    private static func git(at folder: String) -> (own: String, common: String)? {
        let path = Path.join(folder, ".git")
        switch Files.kind(path, following: true) {
        case .folder where Files.exists(Path.join(path, "HEAD")): return (path, path)
        case .file:
            guard let text = try? Files.text(path, limit: 1 << 16), text.hasPrefix("gitdir:") else {
                return nil
            }
            let named = text.dropFirst(7).drop { $0 == " " }.prefix { $0 != "\n" }
            let own = Path.normal(Path.join(folder, String(named)))
            guard let common = try? Files.text(Path.join(own, "commondir"), limit: 1 << 16) else {
                return (own, own)
            }
            return (own, Path.normal(Path.join(own, String(common.prefix { $0 != "\n" }))))
        default: return nil
        }
    }

    private static func branch(in git: String) -> String? {
        guard let head = try? Files.text(Path.join(git, "HEAD"), limit: 1 << 16) else { return nil }
        let prefix = "ref: refs/heads/"
        guard head.hasPrefix(prefix) else { return nil }
        return String(head.dropFirst(prefix.count).prefix { $0 != "\n" })
    }
}
