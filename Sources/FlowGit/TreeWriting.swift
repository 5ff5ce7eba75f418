internal import CGit2

extension Repository {
    /// The tree of a commit with the changes made, written to the object store; index and work tree
    /// are not touched. Costs one new tree for each folder on a changed path.
    ///
    /// A path that already has the new content is fine whatever its base. A file keeps its mode.
    /// - Throws: `changed`, naming every path whose content in the commit is not the change's base;
    ///   `filter` for a path that goes through an external program.
    package func buildTree(_ changes: [Change], on base: ObjectID?) throws(GitError) -> ObjectID {
        try refuseFilters(changes, at: base)
        guard let base else {
            try refuseChanged(changes, at: nil)
            return try root(changes.map { Step($0, nil) }, onto: nil)
        }
        let entries = try refuseChanged(changes, at: base)
        let tree = try treeObject(of: base)
        let root = ObjectID(git_tree_id(tree.pointer))
        let steps = changes.map { Step($0, entries[$0.path]) }
        return try self.root(steps, onto: root)
    }

    private func root(_ steps: [Step], onto old: ObjectID?) throws(GitError) -> ObjectID {
        if let made = try write(steps, onto: old) { return made }
        return try emptyTree()
    }

    /// The entries of the changed paths in `commit` (nil: nothing is committed yet).
    /// - Throws: `changed`; `invalid` for two changes of one path and for links and submodules.
    @discardableResult
    func refuseChanged(_ changes: [Change], at commit: ObjectID?) throws(GitError)
        -> [String: TreeEntry]
    {
        var entries: [String: TreeEntry] = [:]
        var seen: Set<String> = []
        var changed: [String] = []
        for change in changes {
            guard seen.insert(change.path).inserted else {
                throw GitError(
                    .invalid, "two changes of one path: \(change.path)", paths: [change.path])
            }
        }
        let written = Set(changes.lazy.filter { $0.blob != nil }.map(\.path))
        for change in changes where change.blob != nil {
            if let file = change.path.foldersAbove.first(where: written.contains) {
                throw GitError(
                    .invalid, "\(file) cannot be a file and the folder of \(change.path)",
                    paths: [file, change.path])
            }
        }
        if let commit {
            let tree = try treeObject(of: commit)
            for change in changes {
                entries[change.path] = try Self.entry(change.path, in: tree)
            }
            let deleted = Set(changes.lazy.filter { $0.blob == nil }.map(\.path))
            for change in changes where change.blob != nil && entries[change.path] == nil {
                for folder in change.path.foldersAbove where !deleted.contains(folder) {
                    if let entry = try Self.entry(folder, in: tree), entry.kind != .folder {
                        changed.append(change.path)
                    }
                }
            }
        }
        for change in changes {
            let entry = entries[change.path]
            if let entry, !entry.isFile, entry.kind != .folder {
                throw GitError(
                    .invalid, "\(change.path) is a link or a submodule; flow changes files only",
                    paths: [change.path])
            }
            // A folder counts as content that nobody can have read: its id equals no file's.
            if entry?.id != change.base, entry?.id != change.blob { changed.append(change.path) }
        }
        guard changed.isEmpty else {
            changed.sort()
            throw GitError(
                .changed,
                "\(changed.joined(separator: ", ")) changed since flow read it; run again",
                paths: changed)
        }
        return entries
    }

    func emptyTree() throws(GitError) -> ObjectID {
        let builder = try Owned(git_treebuilder_free, "write a folder") { [pointer] in
            git_treebuilder_new($0, pointer, nil)
        }
        return try Self.write(builder)
    }

    /// A change on its way down the tree.
    private struct Step {
        let parts: [Substring]
        let blob: ObjectID?
        let mode: git_filemode_t
        var depth = 0

        init(_ change: Change, _ entry: TreeEntry?) {
            parts = change.path.split(separator: "/")
            blob = change.blob
            mode =
                change.isExecutable(over: entry)
                ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB
        }

        var name: String { String(parts[depth]) }
        var isHere: Bool { depth == parts.count - 1 }
        var below: Step {
            var step = self
            step.depth += 1
            return step
        }
    }

    /// Writes the folder `old` with the steps done; nil for one that is empty then.
    private func write(_ steps: [Step], onto old: ObjectID?) throws(GitError) -> ObjectID? {
        let builder = try treeBuilder(old)
        for step in steps where step.isHere && step.blob == nil {
            // Missing already is fine: the change was checked against its base.
            _ = git_treebuilder_remove(builder.pointer, step.name)
        }
        // By bytes: git tells names apart that are equal as Unicode text.
        let deeper = Dictionary(grouping: steps.filter { !$0.isHere }) { Array($0.name.utf8) }
        for steps in deeper.values {
            guard let name = steps.first?.name else { continue }
            let folder = git_treebuilder_get(builder.pointer, name)
                .flatMap {
                    git_tree_entry_type($0) == GIT_OBJECT_TREE ? git_tree_entry_id($0) : nil
                }
                .flatMap { ObjectID($0) }
            if let made = try write(steps.map(\.below), onto: folder) {
                try insert(name, made, GIT_FILEMODE_TREE, into: builder)
            } else if folder != nil {
                try check(git_treebuilder_remove(builder.pointer, name), "remove \(name)")
            }
        }
        for step in steps where step.isHere {
            if let blob = step.blob { try insert(step.name, blob, step.mode, into: builder) }
        }
        if git_treebuilder_entrycount(builder.pointer) == 0 { return nil }
        return try Self.write(builder)
    }

    private func treeBuilder(_ old: ObjectID?) throws(GitError) -> Owned {
        let doing = "write a folder"
        guard let old else {
            return try Owned(git_treebuilder_free, doing) { [pointer] in
                git_treebuilder_new($0, pointer, nil)
            }
        }
        let tree = try folderObject(old)
        return try Owned(git_treebuilder_free, doing) { [pointer] in
            git_treebuilder_new($0, pointer, tree.pointer)
        }
    }

    private func insert(
        _ name: String, _ id: ObjectID, _ mode: git_filemode_t, into builder: borrowing Owned
    ) throws(GitError) {
        var oid = id.oid
        try check(
            git_treebuilder_insert(nil, builder.pointer, name, &oid, mode),
            "put \(name) into a folder of the commit")
    }

    private static func write(_ builder: borrowing Owned) throws(GitError) -> ObjectID {
        var made = git_oid()
        try check(git_treebuilder_write(&made, builder.pointer), "write a folder")
        return ObjectID(made)
    }
}
