internal import CGit2
internal import FlowSystem

/// What a sparse checkout in cone mode takes into the work tree: the files at the root, those right in
/// some folders, and all below others (git-sparse-checkout(1), "Internals").
struct SparseCone {
    /// Folders whose own files belong to it; `.` is the root.
    private var own: Set = ["."]
    /// Folders of which everything belongs to it.
    private var whole: Set<String> = []

    /// - Parameter patterns: as git writes them to `info/sparse-checkout`; nil for others.
    init?(patterns: String) {
        let lines = patterns.split(separator: "\n").map(Self.unescaped)
        guard lines.prefix(2) == ["/*", "!/*/"] else { return nil }
        for line in lines.dropFirst(2) {
            if line.hasPrefix("!/"), line.hasSuffix("/*/") {
                let folder = String(line.dropFirst(2).dropLast(3))
                whole.remove(folder)
                own.insert(folder)
            } else if line.hasPrefix("/"), line.hasSuffix("/") {
                whole.insert(String(line.dropFirst().dropLast()))
            } else {
                return nil
            }
        }
    }

    private static func unescaped(_ line: Substring) -> String {
        var isEscaped = false
        return String(
            line.filter { character in
                isEscaped = character == "\\" && !isEscaped
                return !isEscaped
            })
    }

    func contains(_ path: String) -> Bool {
        own.contains(Path.folder(path)) || path.foldersAbove.contains(where: whole.contains)
    }
}

extension Repository {
    /// That of the work tree; nil where all files belong to it, and for patterns that are not those of
    /// a cone: then new files come into the work tree, which is fine with git.
    func sparseCone() throws(GitError) -> SparseCone? {
        guard try isSparse(),
            let patterns = try? Files.text(Path.join(gitFolder, "info/sparse-checkout"))
        else { return nil }
        return SparseCone(patterns: patterns)
    }

    /// libgit2 1.5 does not read the configuration of a single work tree, in which git notes it.
    private func isSparse() throws(GitError) -> Bool {
        let path = Path.join(gitFolder, "config.worktree")
        guard Files.exists(path) else { return try isSet("core.sparsecheckout") }
        let doing = "read \(path)"
        let own = try Owned(git_config_free, doing) { git_config_open_ondisk($0, path) }
        var value: Int32 = 0
        let result = git_config_get_bool(&value, own.pointer, "core.sparsecheckout")
        if result == GIT_ENOTFOUND.rawValue { return try isSet("core.sparsecheckout") }
        try check(result, doing)
        return value == 1
    }
}
