extension Repository {
    /// Moves a branch from one commit to another that only adds to it or replaces it, and where it is checked out here brings the
    /// files along, as `publish` does.
    /// - Throws: as `publish`; `unsupported` where links or submodules change.
    package func fastForward(
        _ branch: String, from here: ObjectID, to there: ObjectID
    ) throws(GitError) {
        if let tree = try elsewhere(on: branch) {
            return try tree.fastForward(branch, from: here, to: there)
        }
        try recover()
        let log = "flow: fast-forward to \(there.short)"
        guard try isCheckedOutHere(branch) else {
            return try setReference("refs/heads/\(branch)", to: there, from: here, log: log)
        }
        var paths: [ChangedPath] = []
        for change in try difference(from: here, to: there) {
            let entry = try entry(change.path, at: there)
            guard entry?.isFile != false else {
                throw GitError(
                    .unsupported, doing: "bring \(branch) up to \(there.short)",
                    "\(change.path) is a link or a submodule; use git pull", paths: [change.path])
            }
            paths.append(
                ChangedPath(
                    path: change.path, old: change.old, new: change.new,
                    executable: entry?.kind == .executable))
        }
        try refuseHandChanges(paths, since: here, on: branch)
        let intent = Intent(
            branch: branch, old: here, new: there, gitFolder: gitFolder, paths: paths)
        _ = try swap(intent, log)
    }
}
