internal import CGit2
internal import FlowSystem

extension Repository {
    /// The repository as another of its work trees has it, the one that is on a branch: what moves the
    /// branch must bring that tree up to it. nil where this tree is on it, or none that is there.
    func elsewhere(on branch: String) throws(GitError) -> Repository? {
        if !isBare, try headBranch() == branch { return nil }
        for folder in try otherTrees() {
            guard let tree = try? Repository.open(exactlyAt: folder), !tree.isBare,
                try tree.headBranch() == branch
            else { continue }
            return tree
        }
        return nil
    }

    /// The git folder of the main tree and the folders of the linked ones, without this one's.
    private func otherTrees() throws(GitError) -> [String] {
        let doing = "read the work trees"
        var raw = git_strarray()
        try check(git_worktree_list(&raw, pointer), doing)
        defer { git_strarray_dispose(&raw) }
        var folders = [commonFolder]
        for name in raw.texts {
            let tree = try Owned(git_worktree_free, doing) { [pointer] in
                git_worktree_lookup($0, pointer, name)
            }
            folders.append(Path.normal(String(cString: git_worktree_path(tree.pointer))))
        }
        return folders.filter { $0 != workTree && $0 != gitFolder }
    }
}
