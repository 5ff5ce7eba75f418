internal import CGit2
package import FlowSystem

/// What a commit says of itself.
package struct Commit: Sendable, Hashable {
    package let id: ObjectID
    package let tree: ObjectID
    package let parents: [ObjectID]
    package let author: Signature
    package let committer: Signature
    /// When it was written.
    package let authored: Timestamp
    /// When it was made: later than `authored` after an amend, a rebase or a cherry-pick.
    package let time: Timestamp
    package let message: String

    package var subject: String { String(message.prefix { !$0.isNewline }) }

    /// What stands between the subject and the trailers.
    package var body: String {
        let lines = Trailer.lines(message)
        let end = trailers.isEmpty ? nil : lines.lastIndex(where: \.isBlank)
        return lines[..<(end ?? lines.endIndex)].dropFirst().joined(separator: "\n")
            .withoutBlankEdges
    }

    /// Of the last block only; see `Trailer.read`.
    package var trailers: [Trailer] { Trailer.read(message) }
}

extension Repository {
    /// The commit of this id.
    /// - Throws: `notFound`; `shallow` where the clone may have cut it off.
    package func commit(_ id: ObjectID) throws(GitError) -> Commit {
        let raw = try commitObject(id)
        let parents = (0..<git_commit_parentcount(raw.pointer)).compactMap {
            ObjectID(git_commit_parent_id(raw.pointer, $0))
        }
        guard let tree = ObjectID(git_commit_tree_id(raw.pointer)),
            let author = git_commit_author(raw.pointer)?.pointee,
            let committer = git_commit_committer(raw.pointer)?.pointee
        else { throw GitError(.other, doing: "read the commit \(id)", "it is damaged") }
        return Commit(
            id: id, tree: tree, parents: parents, author: Signature(author),
            committer: Signature(committer), authored: Timestamp(seconds: Int(author.when.time)),
            time: Timestamp(seconds: Int(committer.when.time)),
            message: git_commit_message(raw.pointer).map { String(cString: $0) } ?? "")
    }

    func commitObject(_ id: ObjectID) throws(GitError) -> Owned {
        var oid = id.oid
        do throws(GitError) {
            return try Owned(git_commit_free, "read the commit \(id)") { [pointer] in
                git_commit_lookup($0, pointer, &oid)
            }
        } catch {
            guard error.code == .notFound, isShallow else { throw error }
            throw GitError(
                .shallow, doing: error.doing,
                "this clone is shallow and does not have it; run 'git fetch --unshallow', "
                    + "or set fetch-depth: 0 where the repository is checked out")
        }
    }

    func treeObject(of commit: ObjectID) throws(GitError) -> Owned {
        let raw = try commitObject(commit)
        return try sayingHowToGet { () throws(GitError) in
            try Owned(git_tree_free, "read the files of the commit \(commit)") {
                git_commit_tree($0, raw.pointer)
            }
        }
    }

    /// Makes a commit that no branch points to yet.
    func writeCommit(
        tree: ObjectID, parents: [ObjectID], message: CommitMessage, signature: Signature,
        time: Timestamp
    ) throws(GitError) -> ObjectID {
        try writeCommit(
            tree: tree, parents: parents, text: message.text, signature: signature, time: time)
    }

    func writeCommit(
        tree: ObjectID, parents: [ObjectID], text: String, signature: Signature, time: Timestamp
    ) throws(GitError) -> ObjectID {
        let author = try signature.raw(at: time)
        var owned: [OpaquePointer?] = []
        defer { for commit in owned { git_commit_free(commit) } }
        for parent in parents {
            var raw: OpaquePointer?
            var oid = parent.oid
            try check(git_commit_lookup(&raw, pointer, &oid), "read the commit \(parent)")
            owned.append(raw)
        }
        var treeID = tree.oid
        let root = try Owned(git_tree_free, "read the tree \(tree)") { [pointer] in
            git_tree_lookup($0, pointer, &treeID)
        }
        var made = git_oid()
        try check(
            git_commit_create(
                &made, pointer, nil, author.pointer, author.pointer, "UTF-8", text,
                root.pointer, owned.count, &owned), "write a commit")
        return ObjectID(made)
    }
}
