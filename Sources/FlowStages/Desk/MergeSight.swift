internal import FlowGit
package import FlowJSON

/// Looks whether branches have been merged into the default branch: the remote's where there is one,
/// as it was last fetched.
///
/// A branch counts as merged by the commit that it was at when somebody began to wait, or by the one
/// it is at now. A squash merge makes a commit of its own, of which git does not know what it came
/// from; it is not seen.
package struct MergeSight {
    private let repository: Repository
    private let remote: String?
    /// The tip of the default branch.
    private let base: ObjectID?

    package init(_ workspace: String) throws {
        let settled = try SettledRepository(workspace)
        repository = settled.repository
        remote = try settled.remote()
        let branch = try settled.defaultBranch()
        let there = try remote.flatMap { try settled.repository.tip(of: branch, remote: $0) }
        base = try there ?? settled.repository.tip(of: branch)
    }

    /// The commit that each branch is at; null for one that is not there.
    package func tips(of branches: [String]) throws -> JSONObject {
        JSONObject(
            try branches.map { branch in
                (branch, try tip(of: branch).map { .string($0.hex) } ?? .null)
            })
    }

    /// Whether all of what `tips` gave, or what the branches have become since, is merged.
    package func areMerged(_ tips: JSONObject) throws -> Bool {
        guard let base else { return false }
        return try tips.members.allSatisfy { branch, tip in
            let recorded = tip.stringValue.flatMap { ObjectID($0) }
            let candidates = try [recorded, self.tip(of: branch)].compactMap(\.self)
            return candidates.contains { candidate in
                // A commit that is gone from the repository was not merged.
                (try? repository.isAncestor(candidate, of: base)) == true
            }
        }
    }

    /// That of this repository first.
    private func tip(of branch: String) throws -> ObjectID? {
        if let tip = try repository.tip(of: branch) { return tip }
        return try remote.flatMap { try repository.tip(of: branch, remote: $0) }
    }
}
