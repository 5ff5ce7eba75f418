internal import CGit2
internal import FlowSystem

/// A file that differs between two commits.
package struct PathDifference: Sendable, Hashable {
    package let path: String
    /// nil: it is not in the first commit.
    package let old: ObjectID?
    /// nil: it is not in the second commit.
    package let new: ObjectID?
}

extension Repository {
    /// Commits from `tip` into the past, newest first, those reachable from `hidden` left out.
    /// - Parameter firstParents: Follow only the first parent of a merge: what the branch itself saw.
    package func history(
        from tip: ObjectID, hiding hidden: [ObjectID] = [], firstParents: Bool = false,
        limit: Int = .max
    ) throws(GitError) -> [Commit] {
        var result: [Commit] = []
        try walk(from: tip, hiding: hidden, firstParents: firstParents) {
            id throws(GitError) in
            if result.count < limit { result.append(try commit(id)) }
            return result.count < limit
        }
        return result
    }

    /// Visits commits as `history` orders them until `visit` gives false.
    func walk(
        from tip: ObjectID, hiding hidden: [ObjectID] = [], firstParents: Bool,
        _ visit: (ObjectID) throws(GitError) -> Bool
    ) throws(GitError) {
        let doing = "walk the history of \(tip)"
        let walk = try Owned(git_revwalk_free, doing) { [pointer] in git_revwalk_new($0, pointer) }
        let order = GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue
        try check(git_revwalk_sorting(walk.pointer, firstParents ? 0 : order), doing)
        if firstParents {
            try check(git_revwalk_simplify_first_parent(walk.pointer), doing)
        }
        var oid = tip.oid
        try check(git_revwalk_push(walk.pointer, &oid), doing)
        for id in hidden {
            oid = id.oid
            try check(git_revwalk_hide(walk.pointer, &oid), doing)
            // libgit2 goes by dates, and may hide too little where a commit's is before its
            // parent's; so where the two sides meet is hidden by name.
            guard var base = try mergeBase(id, tip)?.oid else { continue }
            try check(git_revwalk_hide(walk.pointer, &base), doing)
        }
        while true {
            let result = git_revwalk_next(&oid, walk.pointer)
            if result == GIT_ITEROVER.rawValue { return }
            if result == GIT_ENOTFOUND.rawValue, isShallow { throw Self.shallow(doing) }
            try check(result, doing)
            if try !visit(ObjectID(oid)) { return }
        }
    }

    /// The error of a clone whose history was cut off.
    package static func shallow(_ doing: String) -> GitError {
        GitError(
            .shallow, doing: doing,
            "this clone is shallow and lacks older commits; run 'git fetch --unshallow', "
                + "or set fetch-depth: 0 where the repository is checked out")
    }

    /// Whether `commit` is `other` or lies in its past.
    package func isAncestor(_ commit: ObjectID, of other: ObjectID) throws(GitError) -> Bool {
        if commit == other { return true }
        var young = other.oid
        var old = commit.oid
        let doing = "compare \(commit.short) with \(other.short)"
        return try check(git_graph_descendant_of(pointer, &young, &old), doing) == 1
    }

    /// The best common ancestor; nil where the histories have none.
    package func mergeBase(_ one: ObjectID, _ other: ObjectID) throws(GitError) -> ObjectID? {
        var (first, second, base) = (one.oid, other.oid, git_oid())
        let result = git_merge_base(&base, pointer, &first, &second)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try check(result, "compare \(one.short) with \(other.short)")
        return ObjectID(base)
    }

    /// How many commits `commit` has that `other` has not, and the other way round.
    package func aheadBehind(_ commit: ObjectID, _ other: ObjectID) throws(GitError)
        -> (ahead: Int, behind: Int)
    {
        var (local, upstream) = (commit.oid, other.oid)
        var (ahead, behind) = (0, 0)
        try check(
            git_graph_ahead_behind(&ahead, &behind, pointer, &local, &upstream),
            "compare \(commit.short) with \(other.short)")
        return (ahead, behind)
    }

    /// The files that differ between two commits, sorted by path; a renamed one is two differences.
    /// - Parameter old: nil compares with nothing: every file is new.
    package func difference(from old: ObjectID?, to new: ObjectID) throws(GitError)
        -> [PathDifference]
    {
        let doing = "compare \(old?.short ?? "nothing") with \(new.short)"
        let after = try treeObject(of: new)
        var before: OpaquePointer?
        defer { git_tree_free(before) }
        if let old {
            let commit = try commitObject(old)
            try check(git_commit_tree(&before, commit.pointer), doing)
        }
        let diff = try Owned(git_diff_free, doing) { [pointer] in
            git_diff_tree_to_tree($0, pointer, before, after.pointer, nil)
        }
        return (0..<git_diff_num_deltas(diff.pointer)).compactMap { place in
            guard let delta = git_diff_get_delta(diff.pointer, place)?.pointee,
                let path = delta.new_file.path ?? delta.old_file.path
            else { return nil }
            return PathDifference(
                path: String(cString: path),
                old: delta.status == GIT_DELTA_ADDED ? nil : ObjectID(delta.old_file.id),
                new: delta.status == GIT_DELTA_DELETED ? nil : ObjectID(delta.new_file.id))
        }
    }

    /// The commit that first brought a file to a branch, by any way of merging; nil where it never
    /// did. `time` of it is when the file was approved.
    package func firstCommit(adding path: String, on tip: ObjectID) throws(GitError) -> ObjectID? {
        try firstCommits(adding: [path], on: tip)[path]
    }

    /// `firstCommit` for many paths by one walk along the first parents of `tip`: of a merge the
    /// merge itself counts, not the commits that it brought.
    ///
    /// Costs one read of each commit and its root tree, and a look-up of each path wherever its
    /// folder differs from the next commit's.
    /// - Throws: `shallow` where the history was cut off: the answer would be wrong.
    package func firstCommits(adding paths: [String], on tip: ObjectID) throws(GitError)
        -> [String: ObjectID]
    {
        if isShallow { throw Self.shallow("find when files were added") }
        var folders = Dictionary(grouping: Set(paths), by: Path.folder)
            .map { Presence(folder: $0 == "." ? "" : $0, paths: $1) }
        try walk(from: tip, firstParents: true) { id throws(GitError) in
            let root = try treeObject(of: id)
            for place in folders.indices {
                let tree = try Self.folder(folders[place].folder, in: root)
                if folders[place].tree != tree {
                    guard let tree else {
                        folders[place].leave()
                        continue
                    }
                    folders[place].look(try folderObject(tree), tree)
                }
                folders[place].remember(id)
            }
            return true
        }
        var result: [String: ObjectID] = [:]
        for folder in folders {
            for (path, commit) in zip(folder.paths, folder.oldest) { result[path] = commit }
        }
        return result
    }

    private static func folder(_ path: String, in root: borrowing Owned) throws(GitError)
        -> ObjectID?
    {
        if path.isEmpty { return ObjectID(git_tree_id(root.pointer)) }
        guard let entry = try entry(path, in: root), entry.kind == .folder else { return nil }
        return entry.id
    }

    /// Which paths of one folder are there, looked up again only where the folder's tree differs.
    private struct Presence {
        let folder: String
        let paths: [String]
        private let names: [String]
        private(set) var tree: ObjectID?
        private var isThere: [Bool]
        /// The oldest commit seen so far that has the path; the walk goes into the past.
        private(set) var oldest: [ObjectID?]

        init(folder: String, paths: [String]) {
            self.folder = folder
            self.paths = paths
            names = paths.map(Path.name)
            isThere = paths.map { _ in false }
            oldest = paths.map { _ in nil }
        }

        mutating func look(_ object: borrowing Owned, _ id: ObjectID) {
            tree = id
            for (place, name) in names.enumerated() {
                let entry = git_tree_entry_byname(object.pointer, name)
                isThere[place] = entry.map { git_tree_entry_type($0) == GIT_OBJECT_BLOB } ?? false
            }
        }

        /// The folder itself is not there.
        mutating func leave() {
            tree = nil
            isThere = isThere.map { _ in false }
        }

        mutating func remember(_ commit: ObjectID) {
            for place in isThere.indices where isThere[place] { oldest[place] = commit }
        }
    }
}
