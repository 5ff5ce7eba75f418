internal import CGit2
internal import FlowSystem

extension Repository {
    /// Publishes changes as one commit on top of a branch, then brings index and files of the work tree
    /// that is on the branch up to it; everything else that a person has staged or changed there stays
    /// as it is.
    ///
    /// The branch moves by compare-and-swap: when somebody else moved it, flow looks again whether
    /// the bases still hold and tries once more. Before anything is written it throws: `changed`
    /// (somebody committed to a path), `changedByHand` (a path differs in work tree or index),
    /// `checkedOutElsewhere`, `busy`, `filter`, `signing`, `noIdentity`, `unbornBranch`.
    package func publish(_ publication: Publication) throws(GitError) -> Published {
        try publish(publication, isFirst: false)
    }

    /// Publishes the first commit of the branch that HEAD names and that has none.
    /// - Throws: as `publish`; `exists` where the branch has a commit.
    package func publishFirst(_ publication: Publication) throws(GitError) -> Published {
        try publish(publication, isFirst: true)
    }

    private func publish(_ publication: Publication, isFirst: Bool) throws(GitError) -> Published {
        if let tree = try elsewhere(on: publication.branch) {
            return try tree.publish(publication, isFirst: isFirst)
        }
        try refuseSigning()
        let signature = try identity(publication.signature)
        try recover()
        for _ in 0..<64 {
            do throws(GitError) {
                return try attempt(publication, signature, isFirst: isFirst)
            } catch {
                guard error.code == .moved else { throw error }
            }
        }
        throw GitError(
            .moved, doing: "publish to \(publication.branch)",
            "others move the branch faster than flow can follow; run again later")
    }

    private func attempt(
        _ publication: Publication, _ signature: Signature, isFirst: Bool
    ) throws(GitError) -> Published {
        let branch = publication.branch
        let tip = isFirst ? try self.tip(of: branch) : try requiredTip(of: branch)
        try atStep?(.read)
        if let tip, let done = try commit(of: publication, on: tip) { return .already(done) }
        let head = try headBranch()
        if isFirst, tip != nil || head != branch {
            throw GitError(.exists, "\(branch) is not a branch that waits for its first commit")
        }
        let entries = try refuseChanged(publication.changes, at: tip)
        let changes = publication.changes.filter { entries[$0.path]?.id != $0.blob }
        if changes.isEmpty { return .unchanged }
        let paths = changes.map {
            ChangedPath(
                path: $0.path, old: entries[$0.path]?.id, new: $0.blob,
                executable: $0.isExecutable(over: entries[$0.path]))
        }
        let isHere = isFirst ? !isBare : try isCheckedOutHere(branch)
        if isHere { try refuseHandChanges(paths, since: tip, on: branch) }
        try atStep?(.checked)
        let tree = try buildTree(changes, on: tip)
        let commit = try writeCommit(
            tree: tree, parents: [tip, publication.merging].compactMap(\.self),
            message: publication.keyedMessage,
            signature: signature, time: publication.time)
        try atStep?(.written)
        try check(
            git_repository_set_ident(pointer, signature.name, signature.email), "name the committer"
        )
        let log = "flow: \(commit.short)"
        guard isHere else {
            try setBranch(branch, to: commit, from: tip, log: log)
            return .committed(commit)
        }
        let intent = Intent(
            branch: branch, old: tip, new: commit, gitFolder: gitFolder, paths: paths)
        return .committed(commit, leftAlone: try swap(intent, log))
    }

    /// Makes the commit of a publication on top of another; no branch points to it yet.
    /// - Throws: as `buildTree`; `signing`, `noIdentity`.
    package func write(_ publication: Publication, on parent: ObjectID) throws(GitError)
        -> ObjectID
    {
        try refuseSigning()
        let signature = try identity(publication.signature)
        try check(
            git_repository_set_ident(pointer, signature.name, signature.email), "name the committer"
        )
        return try writeCommit(
            tree: try buildTree(publication.changes, on: parent), parents: [parent],
            message: publication.keyedMessage, signature: signature, time: publication.time)
    }

    /// Moves the branch under git's lock of the index, then lets the files follow.
    ///
    /// The index goes first. `git commit` reads HEAD, then the index, and only then locks the index: one
    /// that came in between would otherwise commit the index from before on top of the new commit, and
    /// so undo it. This way it finds that HEAD has moved, and stops.
    func swap(_ intent: Intent, _ log: String) throws(GitError) -> [String] {
        let file = try IntentFile(intent, in: intentFolder)
        try atStep?(.intended)
        let lock: IndexLock
        do throws(GitError) {
            lock = try IndexLock(of: gitFolder, intent: file.path) { () throws(GitError) in
                try recover()
            }
        } catch {
            file.remove()
            throw error
        }
        try atStep?(.locked)
        try orRestoring(file, lock) { () throws(GitError) in
            // Nobody can add, commit or switch now; somebody may have since the last look.
            guard try headBranch() == intent.branch else {
                throw GitError(.moved, doing: "publish", "the work tree went to another branch")
            }
            try refuseHandChanges(
                intent.paths, since: intent.old, on: intent.branch, isLocked: true)
            try advanceIndex(intent, file)
        }
        try atStep?(.advanced)
        try orRestoring(file, lock) { () throws(GitError) in
            try setReference(
                "refs/heads/\(intent.branch)", to: intent.new, from: intent.old, log: log)
        }
        try atStep?(.swapped)
        return try finish(intent, file, lock)
    }

    /// Where it fails, nothing has happened.
    private func orRestoring(
        _ file: borrowing IntentFile, _ lock: IndexLock, _ body: () throws(GitError) -> Void
    ) throws(GitError) {
        do throws(GitError) {
            try body()
        } catch {
            restoreIndex(file)
            lock.release()
            file.remove()
            throw error
        }
    }

    /// - Parameter isLocked: Whether this publication holds git's lock of the index.
    /// - Throws: `changedByHand`; `moved` where it was not a hand but another publisher.
    func refuseHandChanges(
        _ paths: [ChangedPath], since tip: ObjectID?, on branch: String, isLocked: Bool = false
    ) throws(GitError) {
        var wait = Waiting()
        var mayPass = !isLocked
        while true {
            do throws(GitError) {
                return try refuseHandChanges(paths)
            } catch {
                guard try self.tip(of: branch) == tip else {
                    throw GitError(.moved, doing: "publish to \(branch)", "somebody moved it")
                }
                guard mayPass, error.code == .changedByHand else { throw error }
                // Who holds the lock may be a publisher that has moved the branch and now brings the
                // files up. Once it is free what there is to see is a hand's.
                mayPass = IndexLock.isHeld(in: gitFolder)
                if mayPass {
                    try atStep?(.waiting)
                    mayPass = wait.again()
                }
            }
        }
    }

    /// The commit in which an earlier try of this publication ended.
    private func commit(of publication: Publication, on tip: ObjectID) throws(GitError)
        -> ObjectID?
    {
        guard let key = publication.key else { return nil }
        let trailer = Trailer(Publication.keyTrailer, key)
        var found: ObjectID?
        var seen = 0
        let hidden = publication.since.map { [$0] } ?? []
        try walk(from: tip, hiding: hidden, firstParents: false) { id throws(GitError) in
            seen += 1
            if try commit(id).trailers.contains(trailer), try holds(publication.changes, at: id) {
                found = id
            }
            return found == nil && (publication.since != nil || seen < 1_000)
        }
        return found
    }

    private func holds(_ changes: [Change], at commit: ObjectID) throws(GitError) -> Bool {
        let tree = try treeObject(of: commit)
        for change in changes where try Self.entry(change.path, in: tree)?.id != change.blob {
            return false
        }
        return true
    }

    /// - Throws: `checkedOutElsewhere`.
    func isCheckedOutHere(_ branch: String) throws(GitError) -> Bool {
        if !isBare, try headBranch() == branch {
            try refuseBusy()
            return true
        }
        for name in ["rebase-merge/head-name", "rebase-apply/head-name"] {
            let rebased = try? Files.text(Path.join(gitFolder, name))
            if rebased?.trimmed == "refs/heads/\(branch)" { throw Self.busy("rebase") }
        }
        let reference = try Owned(git_reference_free, "read the branch \(branch)") { [pointer] in
            git_reference_lookup($0, pointer, "refs/heads/\(branch)")
        }
        if try check(git_branch_is_checked_out(reference.pointer), "read the work trees") == 1 {
            throw GitError(
                .checkedOutElsewhere,
                "the branch \(branch) is checked out in a work tree that is gone or cannot be read; "
                    + "'git worktree list' shows where, 'git worktree prune' forgets it")
        }
        return false
    }

    /// - Throws: `busy` in the middle of a merge or its like: its end would undo what flow does.
    private func refuseBusy() throws(GitError) {
        let state = UInt32(bitPattern: git_repository_state(pointer))
        switch state {
        case GIT_REPOSITORY_STATE_NONE.rawValue, GIT_REPOSITORY_STATE_BISECT.rawValue: return
        case GIT_REPOSITORY_STATE_MERGE.rawValue: throw Self.busy("merge")
        case GIT_REPOSITORY_STATE_REVERT.rawValue, GIT_REPOSITORY_STATE_REVERT_SEQUENCE.rawValue:
            throw Self.busy("revert")
        case GIT_REPOSITORY_STATE_CHERRYPICK.rawValue,
            GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE.rawValue:
            throw Self.busy("cherry-pick")
        default: throw Self.busy("rebase")
        }
    }

    private static func busy(_ what: String) -> GitError {
        GitError(
            .busy,
            "a \(what) is under way in the work tree; finish it ('git \(what) --continue') or give "
                + "it up ('git \(what) --abort'), then run again")
    }
}
