internal import FlowGit

/// What this repository can say of proposals whose branches it does not see.
extension Repository {
    /// Whether a proposal without a branch here has none on a remote either.
    ///
    /// Without a remote it has not. A remote counts from a fetch of all its proposals: that fetch
    /// notes where the remote's default branch stood (`remote.<name>.flow-proposals`). It holds as
    /// long as the remote-tracking branch stands there, since what came from the remote later may
    /// speak of proposals that the fetch has not seen; and only for a default branch that has all
    /// of it, since one that lags behind does not show yet what was merged.
    func knowsProposals(_ view: RepositoryView) throws -> Bool {
        for remote in try remotes().map(\.name) {
            let isNoted = try configuration(Self.key(remote)) != nil
            guard isNoted || remote == view.remote else { continue }
            guard try hasNotedProposals(of: remote, beside: view.branch) else { return false }
            if let there = try tip(of: view.branch, remote: remote),
                try !isAncestor(there, of: view.tip)
            {
                return false
            }
        }
        return true
    }

    /// Notes that the remote-tracking proposals are all that the remote has, as of its default
    /// branch's remote-tracking branch.
    func noteProposals(of remote: String, beside branch: String) throws {
        let note = try sight(of: remote, branch)
        if try configuration(Self.key(remote)) != note { try configure(Self.key(remote), note) }
    }

    /// Whether what `noteProposals` noted still holds.
    func hasNotedProposals(of remote: String, beside branch: String) throws -> Bool {
        try configuration(Self.key(remote)) == sight(of: remote, branch)
    }

    private static func key(_ remote: String) -> String { "remote.\(remote).flow-proposals" }

    private func sight(of remote: String, _ branch: String) throws -> String {
        let tip = try tip(of: branch, remote: remote)?.hex ?? "none"
        return try "\(fingerprint(remote)) \(branch) \(tip)"
    }
}

extension ProposalDesk {
    /// Removes a proposal's branch from this repository if all of its commits are in `commit`.
    func clear(_ id: String, within commit: ObjectID) {
        guard let branch = branches[id]?.first, branch.remote == nil else { return }
        // The verdict stands without it: a branch that is checked out or has just moved stays.
        if (try? view.repository.isAncestor(branch.tip, of: commit)) == true {
            _ = try? view.repository.deleteBranch(branch.name, at: branch.tip)
        }
    }

    /// Removes a branch that a remote had and deleted, if it has no commit that was never there;
    /// gives a sentence where it stays.
    func clearGone(_ id: String) throws -> String? {
        guard let branch = gone[id] else { return nil }
        let repository = view.repository
        var kept = [view.tip]
        for remote in try repository.remotes() {
            if let tip = try repository.pushedTips(to: remote.name)[branch.name] {
                kept.append(tip)
            }
        }
        // A commit that nothing holds any more since the remote's branch went may be lost.
        guard kept.contains(where: { (try? repository.isAncestor(branch.tip, of: $0)) == true })
        else {
            return "\(branch.title) was deleted on a remote; the branch here has commits that were "
                + "never there, so it stays"
        }
        do throws(GitError) {
            try repository.deleteBranch(branch.name, at: branch.tip)
            return nil
        } catch {
            return "\(branch.title) was deleted on a remote and stays here: \(error)"
        }
    }
}
