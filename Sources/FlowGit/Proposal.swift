package import FlowSystem

extension Repository {
    /// Makes a branch with one commit on top of `base`; index and work tree are not touched.
    ///
    /// The same proposal made again (same base, changes, message, signature and time) gives the
    /// same commit, and is fine where the branch points to it.
    /// - Throws: `exists` where the branch has something else; `changed` where a change does not
    ///   start from `base`; `filter`, `signing`, `noIdentity`.
    package func propose(
        branch: String, base: ObjectID, changes: [Change], message: CommitMessage,
        signature: Signature? = nil, time: Timestamp
    ) throws(GitError) -> ObjectID {
        try recover()
        let commit = try write(
            Publication(
                changes: changes, branch: branch, message: message, signature: signature, time: time
            ), on: base)
        // What a remote had of an earlier branch of this name says nothing of the new one.
        if try tip(of: branch) == nil { try forgetPushed(branch) }
        do throws(GitError) {
            try createBranch(branch, at: commit)
        } catch {
            guard error.code == .exists, try tip(of: branch) == commit else { throw error }
        }
        return commit
    }
}
