internal import CGit2
internal import FlowText

/// One entry of a folder in a commit.
package struct TreeEntry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case file, executable, link, folder, submodule }

    /// Below the repository's root.
    package let path: String
    package let kind: Kind
    package let id: ObjectID

    package var isFile: Bool { kind == .file || kind == .executable }
}

extension TreeEntry.Kind {
    init(_ mode: git_filemode_t) {
        switch mode {
        case GIT_FILEMODE_TREE: self = .folder
        case GIT_FILEMODE_BLOB_EXECUTABLE: self = .executable
        case GIT_FILEMODE_LINK: self = .link
        case GIT_FILEMODE_COMMIT: self = .submodule
        default: self = .file
        }
    }

    var mode: git_filemode_t {
        switch self {
        case .file: GIT_FILEMODE_BLOB
        case .executable: GIT_FILEMODE_BLOB_EXECUTABLE
        case .link: GIT_FILEMODE_LINK
        case .folder: GIT_FILEMODE_TREE
        case .submodule: GIT_FILEMODE_COMMIT
        }
    }
}

extension Repository {
    /// What stands at a path in a commit; nil for nothing.
    package func entry(_ path: String, at commit: ObjectID) throws(GitError) -> TreeEntry? {
        let tree = try treeObject(of: commit)
        return try Self.entry(path, in: tree)
    }

    static func entry(_ path: String, in tree: borrowing Owned) throws(GitError) -> TreeEntry? {
        var raw: OpaquePointer?
        let result = git_tree_entry_bypath(&raw, tree.pointer, path)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try check(result, "read \(path) in a commit")
        guard let raw else { return nil }
        defer { git_tree_entry_free(raw) }
        return ObjectID(git_tree_entry_id(raw)).map {
            TreeEntry(path: path, kind: .init(git_tree_entry_filemode(raw)), id: $0)
        }
    }

    /// The bytes of a file in a commit; nil where there is no file at that path.
    package func bytes(_ path: String, at commit: ObjectID) throws(GitError) -> [UInt8]? {
        guard let entry = try entry(path, at: commit), entry.isFile else { return nil }
        return try blob(entry.id)
    }

    /// The bytes of a blob.
    package func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
        let raw = try blobObject(id)
        let size = Int(git_blob_rawsize(raw.pointer))
        return Array(UnsafeRawBufferPointer(start: git_blob_rawcontent(raw.pointer), count: size))
    }

    func blobObject(_ id: ObjectID) throws(GitError) -> Owned {
        var oid = id.oid
        return try sayingHowToGet { () throws(GitError) in
            try Owned(git_blob_free, "read the content \(id)") { [pointer] in
                git_blob_lookup($0, pointer, &oid)
            }
        }
    }

    /// Reads an object; of one that is missing the error tells how a partial clone gets it.
    func sayingHowToGet(_ read: () throws(GitError) -> Owned) throws(GitError) -> Owned {
        do throws(GitError) {
            return try read()
        } catch {
            guard error.code == .notFound else { throw error }
            throw try lacking(error)
        }
    }

    /// The error of work for which content is missing, in a partial clone with the way to it.
    func lacking(_ error: GitError) throws(GitError) -> GitError {
        guard let remote = try promisor() else { return error }
        return GitError(
            .notFound, doing: error.doing,
            "this clone is partial and lacks content that is needed; run "
                + "'git fetch --refetch --no-filter \(VisibleText.safe(remote))', then run again")
    }

    /// The remote that has what a partial clone lacks; nil in a clone that has all.
    private func promisor() throws(GitError) -> String? {
        let (prefix, suffix) = ("remote.", ".promisor")
        let key = try configurationEntries().first {
            $0.name.hasPrefix(prefix) && $0.name.hasSuffix(suffix) && $0.value == "true"
        }?.name
        return key.map { String($0.dropFirst(prefix.count).dropLast(suffix.count)) }
    }

    /// Puts bytes into the object store; the same bytes always get the same id.
    package func writeBlob(_ bytes: [UInt8]) throws(GitError) -> ObjectID {
        var made = git_oid()
        let result = bytes.withUnsafeBytes {
            git_blob_create_from_buffer(&made, pointer, $0.baseAddress, $0.count)
        }
        try check(result, "write \(bytes.count) bytes to the object store")
        return ObjectID(made)
    }

    /// The entries of a folder in a commit in git's order, with `recursive` those of all folders
    /// below it in place of the folders; nothing where there is no such folder. The root is `""`.
    package func list(
        _ folder: String = "", at commit: ObjectID, recursive: Bool = false
    ) throws(GitError) -> [TreeEntry] {
        let tree = try treeObject(of: commit)
        if folder.isEmpty {
            return try list(tree, below: "", recursive)
        }
        guard let entry = try Self.entry(folder, in: tree), entry.kind == .folder else { return [] }
        return try list(try folderObject(entry.id), below: folder + "/", recursive)
    }

    func folderObject(_ id: ObjectID) throws(GitError) -> Owned {
        var oid = id.oid
        return try sayingHowToGet { () throws(GitError) in
            try Owned(git_tree_free, "read the folder \(id)") { [pointer] in
                git_tree_lookup($0, pointer, &oid)
            }
        }
    }

    private func list(
        _ tree: borrowing Owned, below folder: String, _ recursive: Bool
    ) throws(GitError) -> [TreeEntry] {
        var result: [TreeEntry] = []
        for place in 0..<git_tree_entrycount(tree.pointer) {
            guard let raw = git_tree_entry_byindex(tree.pointer, place),
                let id = ObjectID(git_tree_entry_id(raw)), let name = git_tree_entry_name(raw)
            else { continue }
            let path = folder + String(cString: name)
            let entry = TreeEntry(path: path, kind: .init(git_tree_entry_filemode(raw)), id: id)
            if recursive, entry.kind == .folder {
                result += try list(try folderObject(id), below: path + "/", true)
            } else {
                result.append(entry)
            }
        }
        return result
    }
}
