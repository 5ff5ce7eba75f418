internal import FlowSystem
internal import FlowText

extension Repository {
    /// Makes commits of one branch anew on top of another commit, as a rebase does, without a work
    /// tree: each keeps its message, its author and what it changes. No branch moves.
    ///
    /// A file that both sides changed is fine where both ended alike, or where both only added lines
    /// to a `.jsonl` file: the lines of both stay, those of `there` first. A commit whose `Flow-Key`
    /// stands in a commit of the other side is there already and is left out.
    /// - Parameter isOwn: whether a commit may be made anew.
    /// - Returns: the new tip: `there` where nothing is left to add.
    /// - Throws: `conflict` with the paths; `rejected` where a commit is not flow's own.
    package func rebuilt(
        _ here: ObjectID, onto there: ObjectID, _ isOwn: (Commit) -> Bool
    ) throws(GitError) -> ObjectID {
        let mine = try history(from: here, hiding: [there]).reversed()
        if let other = mine.first(where: { $0.parents.count != 1 || !isOwn($0) }) {
            throw GitError(
                .rejected,
                "\(other.id.short) (\(VisibleText.quoted(other.subject))) is no commit "
                    + "that flow may make anew")
        }
        let theirs = try history(from: there, hiding: [here])
        var tip = there
        for commit in mine {
            if try isPublished(commit, in: theirs) { continue }
            tip = try rebuilt(commit, onto: tip)
        }
        return tip
    }

    /// Whether one of some commits has the key of a commit, and its content.
    private func isPublished(_ commit: Commit, in others: [Commit]) throws(GitError) -> Bool {
        guard let key = commit.trailers.last(where: { $0.name == Publication.keyTrailer }) else {
            return false
        }
        for other in others where other.trailers.contains(key) {
            var isSame = true
            for difference in try difference(from: commit.parents.first, to: commit.id) {
                let entry = try entry(difference.path, at: other.id)
                isSame = isSame && entry?.id == difference.new
            }
            if isSame { return true }
        }
        return false
    }

    private func rebuilt(_ commit: Commit, onto tip: ObjectID) throws(GitError) -> ObjectID {
        var changes: [Change] = []
        var conflicts: [String] = []
        for difference in try difference(from: commit.parents.first, to: commit.id) {
            let path = difference.path
            let there = try entry(path, at: tip)
            let mine = try entry(path, at: commit.id)
            if there?.id == difference.new { continue }
            if let odd = [there, mine].compactMap(\.self).first(where: { !$0.isFile }) {
                throw GitError(
                    .conflict, "\(VisibleText.safe(odd.path)) is no plain file", paths: [path])
            }
            switch try joined(
                path, from: difference.old, to: difference.new, over: there?.id)
            {
            case .conflict: conflicts.append(path)
            case .content(let blob):
                changes.append(
                    try Change(
                        path: path, blob: blob, base: there?.id,
                        isExecutable: mine?.kind == .executable))
            }
        }
        guard conflicts.isEmpty else {
            throw GitError(
                .conflict,
                conflicts.map { VisibleText.safe($0) }.joined(separator: ", ") + " changed on both",
                paths: conflicts)
        }
        if changes.isEmpty { return tip }
        return try writeCommit(
            tree: buildTree(changes, on: tip), parents: [tip], text: commit.message,
            signature: commit.author, time: commit.authored)
    }
}
