internal import CGit2
internal import FlowText

/// A branch, of this repository or as a remote last showed it.
package struct Branch: Sendable, Hashable {
    /// Without `refs/heads/` and without the remote: `proposal/E-12`.
    package let name: String
    /// nil for a branch of this repository.
    package let remote: String?
    package let tip: ObjectID

    /// `proposal/E-12`, or `origin/proposal/E-12`.
    package var title: String { remote.map { "\($0)/\(name)" } ?? name }
}

extension Repository {
    /// The branch that the work tree is on, also when it has no commit yet.
    /// - Throws: `detachedHead` where it is on none.
    package func currentBranch() throws(GitError) -> String {
        if let name = try headBranch() { return name }
        throw GitError(
            .detachedHead,
            "HEAD is on no branch (detached); run 'git switch BRANCH', or name the branch to use")
    }

    /// The branch that HEAD names, born or not; nil where HEAD is detached.
    func headBranch() throws(GitError) -> String? {
        let head = try Owned(git_reference_free, "read HEAD") { [pointer] in
            git_reference_lookup($0, pointer, "HEAD")
        }
        guard let target = git_reference_symbolic_target(head.pointer) else { return nil }
        let name = String(cString: target)
        return name.hasPrefix("refs/heads/") ? String(name.dropFirst(11)) : nil
    }

    /// The tip of a branch; nil where there is none. With `remote`, as that remote last showed it.
    package func tip(of branch: String, remote: String? = nil) throws(GitError) -> ObjectID? {
        try target(remote.map { "refs/remotes/\($0)/\(branch)" } ?? "refs/heads/\(branch)")
    }

    /// The tip of a branch that must have one.
    /// - Throws: `unbornBranch` or `notFound`.
    package func requiredTip(of branch: String) throws(GitError) -> ObjectID {
        if let tip = try tip(of: branch) { return tip }
        if try headBranch() == branch {
            throw GitError(
                .unbornBranch,
                "the branch \(branch) has no commit yet; make the first one: "
                    + "'git add . && git commit'")
        }
        throw GitError(
            .notFound, "there is no branch \(branch); run 'git branch --list' to see all")
    }

    /// The commit that a full reference name leads to; nil where it does not exist.
    func target(_ reference: String) throws(GitError) -> ObjectID? {
        var oid = git_oid()
        let result = git_reference_name_to_id(&oid, pointer, reference)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try check(result, "read \(reference)")
        return ObjectID(oid)
    }

    /// The branches whose name begins with `prefix` (`proposal/`), sorted by name, those of this
    /// repository first; with `remotes`, also the remote-tracking ones.
    package func branches(_ prefix: String = "", remotes: Bool = true) throws(GitError) -> [Branch]
    {
        var result: [Branch] = []
        for (name, tip) in try references("refs/heads/\(prefix)*") {
            result.append(Branch(name: String(name.dropFirst(11)), remote: nil, tip: tip))
        }
        if remotes {
            for remote in try self.remotes().map(\.name).sorted() {
                let folder = "refs/remotes/\(remote)/"
                for (name, tip) in try references("\(folder)\(prefix)*")
                where name != folder + "HEAD" {
                    result.append(
                        Branch(name: String(name.dropFirst(folder.count)), remote: remote, tip: tip)
                    )
                }
            }
        }
        return result
    }

    func references(_ glob: String) throws(GitError) -> [(String, ObjectID)] {
        let doing = "list the branches"
        let iterator = try Owned(git_reference_iterator_free, doing) { [pointer] in
            git_reference_iterator_glob_new($0, pointer, glob)
        }
        var result: [(String, ObjectID)] = []
        while true {
            var name: UnsafePointer<CChar>?
            let step = git_reference_next_name(&name, iterator.pointer)
            if step == GIT_ITEROVER.rawValue { break }
            try check(step, doing)
            // A branch deleted since the listing began has no target any more.
            if let name = name.map({ String(cString: $0) }), let tip = try target(name) {
                result.append((name, tip))
            }
        }
        return result.sorted { $0.0 < $1.0 }
    }

    /// - Throws: `invalid` for a name that git refuses.
    package static func checkBranchName(_ name: String) throws(GitError) {
        var valid: Int32 = 0
        try check(git_branch_name_is_valid(&valid, name), "look at the name of a branch")
        guard valid == 1 else {
            throw GitError(.invalid, "\(VisibleText.quoted(name)) is no name for a branch")
        }
    }

    /// Makes a branch at a commit.
    /// - Throws: `exists`, `invalid` for a name that git refuses.
    package func createBranch(_ name: String, at commit: ObjectID) throws(GitError) {
        try Self.checkBranchName(name)
        do throws(GitError) {
            try setBranch(name, to: commit, from: nil, log: "flow: new branch")
        } catch {
            guard error.code == .exists else { throw error }
            throw GitError(.exists, "the branch \(name) exists already")
        }
    }

    /// Deletes a branch that still points to `tip`; false where there is no such branch.
    /// - Throws: `moved` where it points elsewhere; an error where it is checked out.
    @discardableResult
    package func deleteBranch(_ name: String, at tip: ObjectID) throws(GitError) -> Bool {
        try underIntent(name, to: tip, from: tip) { () throws(GitError) in
            try deleteReference("refs/heads/\(name)", at: tip, git_branch_delete)
        }
    }

    /// - Parameter delete: `git_branch_delete` refuses a branch that is checked out.
    func deleteReference(
        _ name: String, at tip: ObjectID, _ delete: (OpaquePointer?) -> Int32
    ) throws(GitError) -> Bool {
        let doing = "delete \(name)"
        var wait = Waiting()
        while true {
            var raw: OpaquePointer?
            let result = git_reference_lookup(&raw, pointer, name)
            if result == GIT_ENOTFOUND.rawValue { return false }
            try check(result, doing)
            defer { git_reference_free(raw) }
            guard ObjectID(git_reference_target(raw)) == tip else {
                throw GitError(.moved, doing: doing, "it has moved; look at it again")
            }
            // libgit2 compares once more, under the reference's lock, with what was looked up.
            let deleted = delete(raw)
            if deleted == GIT_ELOCKED.rawValue {
                guard wait.again() else { throw Self.locked(name) }
                continue
            }
            if deleted == GIT_ENOTFOUND.rawValue { return false }
            try check(deleted, doing)
            return true
        }
    }

    private static func locked(_ name: String) -> GitError {
        GitError(
            .locked,
            "another git program has locked \(name); wait until it is done, or remove the file "
                + "\(name).lock in the git folder when none runs, then run again")
    }

    /// `setReference` for a branch whose files nobody looks at.
    func setBranch(
        _ name: String, to new: ObjectID, from old: ObjectID?, log: String
    ) throws(GitError) {
        try underIntent(name, to: new, from: old) { () throws(GitError) in
            try setReference("refs/heads/\(name)", to: new, from: old, log: log)
        }
    }

    /// Changes a branch whose files nobody looks at under an intent: should flow die, the next command
    /// knows whose the reference's lock is.
    private func underIntent<Result>(
        _ name: String, to new: ObjectID, from old: ObjectID?,
        _ body: () throws(GitError) -> Result
    ) throws(GitError) -> Result {
        let intent = Intent(branch: name, old: old, new: new, gitFolder: gitFolder, paths: [])
        let file = try IntentFile(intent, in: intentFolder)
        defer { file.remove() }
        return try body()
    }

    /// Points a reference to a commit if it still points to `old` (nil: if it does not exist).
    /// - Throws: `moved`, `exists`; `locked` after waiting for another program for ten seconds.
    func setReference(
        _ name: String, to new: ObjectID, from old: ObjectID?, log: String
    ) throws(GitError) {
        // libgit2 1.5 looks whether a new reference exists before it locks it: of two at once the second
        // would replace the first's. Flows take turns at it.
        let turn = old == nil ? try FolderLock(commonFolder) : nil
        defer { turn?.release() }
        var target = new.oid
        var wait = Waiting()
        while true {
            var raw: OpaquePointer?
            let result: Int32
            if var current = old?.oid {
                result = git_reference_create_matching(
                    &raw, pointer, name, &target, 1, &current, log)
            } else {
                result = git_reference_create(&raw, pointer, name, &target, 0, log)
            }
            git_reference_free(raw)
            if result == GIT_ELOCKED.rawValue {
                guard wait.again() else { throw Self.locked(name) }
                continue
            }
            // A reference that went away is one that moved.
            if result == GIT_ENOTFOUND.rawValue, old != nil {
                throw GitError(.moved, doing: "move \(name)", "it is gone")
            }
            try check(result, "move \(name)")
            return
        }
    }
}

extension Repository {
    /// The branch that proposals start from and changes are published to: `configured`, else the
    /// remote's HEAD, `init.defaultBranch` if that branch exists, the only branch.
    /// - Parameters:
    ///   - remote: Its name; of a repository with several, `origin`.
    ///   - ignoring: Branches whose names begin so are never the default one.
    /// - Throws: `noDefaultBranch`, which says what to set; `unbornBranch` before the first commit.
    package func defaultBranch(
        configured: String? = nil, remote: String = "origin", ignoring: [String] = []
    ) throws(GitError) -> String {
        if let configured { return configured }
        let folder = "refs/remotes/\(remote)/"
        var raw: OpaquePointer?
        if git_reference_lookup(&raw, pointer, folder + "HEAD") == 0 {
            defer { git_reference_free(raw) }
            if let target = git_reference_symbolic_target(raw).map({ String(cString: $0) }),
                target.hasPrefix(folder)
            {
                return String(target.dropFirst(folder.count))
            }
        }
        if let name = try configuration("init.defaultBranch"), try tip(of: name) != nil {
            return name
        }
        let all = try branches(remotes: false).filter { branch in
            !ignoring.contains { branch.name.hasPrefix($0) }
        }
        if let only = all.first, all.count == 1 { return only.name }
        if all.isEmpty { _ = try requiredTip(of: try currentBranch()) }
        throw GitError(
            .noDefaultBranch,
            "cannot tell which of \(all.count) branches is the default one; "
                + "set default-branch in flow.yaml")
    }
}
