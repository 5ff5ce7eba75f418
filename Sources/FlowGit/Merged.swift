internal import CGit2

/// Whether what a branch did is in another: by a merge, or by commits of its own as a squash and a
/// rebase make them.
extension Repository {
    /// Whether `tip` is in the history of `base`, or everything that it changed is.
    ///
    /// Git does not know where a squashed or rebased commit came from, so the content decides:
    /// merging `tip` into a commit of `base` must change nothing. That commit is `base` itself, or one
    /// of its first parents that was made after `tip` and behind the commit that both have in common:
    /// later commits may have changed the same lines again. An older commit does not count, since it
    /// cannot have come from `tip`. A `tip` that changes nothing counts by its history alone.
    ///
    /// Errs to one side only: false where files were renamed in `base`, where a conflict was solved by
    /// hand, or where the clock of who made `tip` was ahead.
    ///
    /// Costs a look at each path that `tip` changed, for each commit of `base` since; most are over at
    /// the first path.
    /// - Throws: `notFound` where the repository has no such commit (any more), `shallow`.
    package func isMerged(_ tip: ObjectID, into base: ObjectID) throws(GitError) -> Bool {
        let made = try commit(tip).time
        if try isAncestor(tip, of: base) { return true }
        guard let fork = try mergeBase(tip, base) else { return false }
        var work = try BranchWork(from: fork, to: tip, in: self)
        if work.isEmpty { return false }
        if try work.isIn(base) { return true }
        var isThere = false
        try walk(from: base, hiding: [fork], firstParents: true) { id throws(GitError) in
            if try commit(id).time >= made { isThere = try work.isIn(id) }
            return !isThere
        }
        return isThere
    }
}

/// What a branch changed since it left another.
private struct BranchWork {
    private struct Path {
        let before: TreeEntry?
        let after: TreeEntry?
        let name: String
        /// Contents that were found to have the change, and others that have not.
        var known: [ObjectID: Bool] = [:]
    }

    private let repository: Repository
    private var paths: [Path] = []

    init(from fork: ObjectID, to tip: ObjectID, in repository: Repository) throws(GitError) {
        self.repository = repository
        for difference in try repository.difference(from: fork, to: tip) {
            let name = difference.path
            paths.append(
                Path(
                    before: try repository.entry(name, at: fork),
                    after: try repository.entry(name, at: tip), name: name))
        }
    }

    var isEmpty: Bool { paths.isEmpty }

    /// Whether merging the branch into a commit would change nothing.
    mutating func isIn(_ commit: ObjectID) throws(GitError) -> Bool {
        let tree = try repository.treeObject(of: commit)
        for place in paths.indices {
            let here = try Repository.entry(paths[place].name, in: tree)
            if try !hasChange(here, place) { return false }
        }
        return true
    }

    private mutating func hasChange(_ here: TreeEntry?, _ place: Int) throws(GitError) -> Bool {
        let (before, after) = (paths[place].before, paths[place].after)
        if here == after { return true }
        guard let here, let after, let before else { return false }
        // Each of content and mode is as the branch left it, or was not the branch's to change.
        guard here.kind == after.kind || before.kind == after.kind else { return false }
        if here.id == after.id || before.id == after.id { return true }
        guard here.id != before.id, here.isFile, after.isFile, before.isFile else { return false }
        if let known = paths[place].known[here.id] { return known }
        let had = try repository.hasChange(here.id, from: before.id, to: after.id)
        paths[place].known[here.id] = had
        return had
    }
}

extension Repository {
    /// Whether merging into a text the change that leads from one text to another leaves it as it is.
    fileprivate func hasChange(_ text: ObjectID, from old: ObjectID, to new: ObjectID)
        throws(GitError) -> Bool
    {
        let ours = try blob(text)
        let base = try blob(old)
        let theirs = try blob(new)
        var result = git_merge_file_result()
        defer { git_merge_file_result_free(&result) }
        let status = Self.lending(base) { base in
            Self.lending(ours) { ours in
                Self.lending(theirs) { theirs in
                    var (one, two, three) = (base, ours, theirs)
                    return git_merge_file(&result, &one, &two, &three, nil)
                }
            }
        }
        try check(status, "compare two versions of a file")
        guard result.automergeable == 1, result.len == ours.count else { return false }
        return ours.elementsEqual(UnsafeRawBufferPointer(start: result.ptr, count: result.len))
    }

    private static func lending(_ bytes: [UInt8], _ body: (git_merge_file_input) -> Int32) -> Int32
    {
        bytes.withUnsafeBytes { raw in
            var input = git_merge_file_input()
            git_merge_file_input_init(&input, UInt32(GIT_MERGE_FILE_INPUT_VERSION))
            input.ptr = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            input.size = raw.count
            return body(input)
        }
    }
}
