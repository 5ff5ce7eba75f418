internal import CGit2
internal import FlowSystem

/// What remotes were last seen to have of the branches here, in git's own configuration:
/// `branch.<name>.flow-pushed` holds pairs of a remote's fingerprint and a commit. It goes away with
/// the branch (`git branch -D`), and a remote at another address has another fingerprint.
extension Repository {
    private static let mark = "flow-pushed"

    /// The commit at which each branch of this repository was last seen on a remote: the one that it
    /// has here, if the remote ever had that; a branch that never was there is absent.
    ///
    /// A branch that is named here and has no remote-tracking branch after a fetch was deleted on
    /// the remote.
    package func pushedTips(to remote: String) throws(GitError) -> [String: ObjectID] {
        let fingerprint = try fingerprint(remote)
        return try marks().compactMapValues { $0[fingerprint] }
    }

    /// Notes which branches whose names begin so a remote has, and at which commit; call it before
    /// remote-tracking branches are pruned, and after a push. Costs one write of the configuration
    /// for each branch that is new there or has moved.
    package func rememberPushed(_ prefix: String, to remote: String) throws(GitError) {
        let fingerprint = try fingerprint(remote)
        let known = try marks()
        for branch in try branches(prefix, remotes: false) {
            var tips = known[branch.name] ?? [:]
            // A remote that has had what is here may have more since; that it was there stays true.
            guard tips[fingerprint] != branch.tip,
                let tip = try tip(of: branch.name, remote: remote), tips[fingerprint] != tip
            else { continue }
            tips[fingerprint] = tip
            let text = tips.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.hex)" }
            try configure(
                "branch.\(branch.name).\(Self.mark)", text.joined(separator: " "))
        }
    }

    /// Forgets what remotes had of an earlier branch of this name.
    func forgetPushed(_ branch: String) throws(GitError) {
        if try configuration("branch.\(branch).\(Self.mark)") != nil {
            try configure("branch.\(branch).\(Self.mark)", "")
        }
    }

    /// A short name of a remote's address, which does not show it.
    package func fingerprint(_ remote: String) throws(GitError) -> String {
        let url = try remotes().first { $0.name == remote }?.url ?? ""
        return String(SHA256.hex(Array(url.utf8)).prefix(16))
    }

    private func marks() throws(GitError) -> [String: [String: ObjectID]] {
        var result: [String: [String: ObjectID]] = [:]
        for (name, value) in try configurationEntries()
        where name.hasPrefix("branch.") && name.hasSuffix(".\(Self.mark)") {
            let branch = name.dropFirst("branch.".count).dropLast(Self.mark.count + 1)
            let words = value.split(separator: " ")
            for place in stride(from: 0, to: words.count - 1, by: 2) {
                result[String(branch), default: [:]][String(words[place])] =
                    ObjectID(String(words[place + 1]))
            }
        }
        return result
    }
}
