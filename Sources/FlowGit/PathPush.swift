internal import CGit2
internal import FlowSystem

/// Pushing to a bare repository on this machine: libgit2's own push by path lets the later of two win.
extension Repository {
    /// - Returns: for each branch why it was rejected, nil where it was not.
    func push(_ pushes: [Push], toPath remote: Remote) throws(GitError) -> [String?] {
        let there = try pushed(remote)
        try sendObjects(of: pushes.compactMap(\.tip), to: there)
        var result: [String?] = []
        for push in pushes { result.append(try move(push, in: there, of: remote.name)) }
        return result
    }

    /// The repository behind a remote, fit to be pushed to.
    private func pushed(_ remote: Remote) throws(GitError) -> Repository {
        let doing = "push to \(remote.name) (\(remote.shown))"
        let there = try Repository.open(
            exactlyAt: Path.join(workTree ?? gitFolder, remote.path ?? ""))
        guard there.isBare else {
            throw GitError(
                .unsupported, doing: doing,
                "it has a work tree; push to a bare repository ('git init --bare'), or fetch from "
                    + "over there")
        }
        let hooks = try there.hooks(["pre-receive", "update", "post-receive", "post-update"])
        guard hooks.isEmpty else {
            throw GitError(
                .unsupported, doing: doing,
                "it has hooks that flow does not run (\(hooks.joined(separator: ", "))); "
                    + "use 'git push'")
        }
        return there
    }

    /// Writes what the remote lacks as one pack; nothing where it has all.
    private func sendObjects(of tips: [ObjectID], to there: Repository) throws(GitError) {
        let doing = "send commits to \(there.gitFolder)"
        let walk = try Owned(git_revwalk_free, doing) { [pointer] in git_revwalk_new($0, pointer) }
        for tip in tips {
            var oid = tip.oid
            try check(git_revwalk_push(walk.pointer, &oid), doing)
        }
        for (_, tip) in try there.references("refs/heads/*") where has(tip) {
            var oid = tip.oid
            try check(git_revwalk_hide(walk.pointer, &oid), doing)
        }
        let builder = try Owned(git_packbuilder_free, doing) { [pointer] in
            git_packbuilder_new($0, pointer)
        }
        let result = git_packbuilder_insert_walk(builder.pointer, walk.pointer)
        if result == GIT_ENOTFOUND.rawValue, isShallow { throw Self.shallow(doing) }
        try check(result, doing)
        guard git_packbuilder_object_count(builder.pointer) > 0 else { return }
        let folder = Path.join(there.commonFolder, "objects/pack")
        try check(git_packbuilder_write(builder.pointer, folder, 0, nil, nil), doing)
    }

    /// Moves one branch of the remote; gives the reason where it may not move.
    private func move(_ push: Push, in there: Repository, of remote: String) throws(GitError)
        -> String?
    {
        let (name, new) = (push.spec.destination, push.tip)
        let old = try there.target(name)
        if old == new { return nil }
        if let reason = try objection(to: push, from: old, of: remote) { return reason }
        do throws(GitError) {
            if let new {
                try there.setReference(name, to: new, from: old, log: "push")
            } else if let old {
                if try there.headBranch().map({ "refs/heads/" + $0 }) == name {
                    return "it is the branch that the remote is on"
                }
                _ = try there.deleteReference(name, at: old, git_reference_delete)
            }
            return nil
        } catch {
            guard error.code == .moved || error.code == .exists else { throw error }
            // Two runs of one repository push the same.
            if try there.target(name) == new { return nil }
            return Self.overtaken
        }
    }
}
