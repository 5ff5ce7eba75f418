internal import CGit2
internal import FlowSystem
internal import Glibc
internal import FlowText

/// A path that a commit changes, as index and work tree have to follow it.
struct ChangedPath: Hashable {
    let path: String
    /// nil: absent before.
    let old: ObjectID?
    /// nil: deleted.
    let new: ObjectID?
    let executable: Bool
}

/// Files of the work tree under the filters of git (line ends, `ident`).
struct WorkTreeFile {
    let repository: OpaquePointer
    let root: String
    /// Whether the executable bit counts.
    let keepsModes: Bool
    let path: String
    /// Whether a sparse checkout leaves the path out where it is new.
    var isLeftOut = false

    private var place: String { Path.join(root, path) }

    /// Which of two contents a file has.
    enum Content { case new, old }

    /// Which of two contents the file has, by git's comparison or byte for byte as a checkout would
    /// write it; with nil, that nothing is there. A path through a link or a file has neither. Reads
    /// the file once for both.
    func content(new: ObjectID?, old: ObjectID?, executable: Bool) throws(GitError) -> Content? {
        if isBlocked { return nil }
        guard let kind = Files.kind(place) else {
            return new == nil ? .new : old == nil ? .old : nil
        }
        guard kind == .file, !keepsModes || Self.isExecutable(place) == executable else {
            return nil
        }
        var oid = git_oid()
        if git_repository_hashfile(&oid, repository, path, GIT_OBJECT_BLOB, nil) == 0 {
            if ObjectID(oid) == new { return .new }
            if ObjectID(oid) == old { return .old }
        }
        if let new, try isCheckout(of: new) { return .new }
        if let old, try isCheckout(of: old) { return .old }
        return nil
    }

    private func isCheckout(of blob: ObjectID) throws(GitError) -> Bool {
        do throws(GitError) {
            return try read() == smudged(blob)
        } catch {
            // A partial clone may lack content that the work tree does not have either.
            guard error.code == .notFound else { throw error }
            return false
        }
    }

    private var isBlocked: Bool {
        path.foldersAbove.contains { folder in
            let kind = Files.kind(Path.join(root, folder))
            return kind != nil && kind != .folder
        }
    }

    /// Why nothing can be written here, as far as it shows beforehand; nil: nothing is known
    /// against it.
    var obstacle: String? {
        let limit = pathconf(root, Int32(_PC_NAME_MAX))
        let longest = limit > 0 ? Int(limit) : 255
        if let part = path.split(separator: "/").first(where: { $0.utf8.count > longest }) {
            return "\(part.prefix(40))… is \(part.utf8.count) bytes long, "
                + "and the file system takes names of \(longest)"
        }
        guard place.utf8.count < PATH_MAX else {
            return "its path is \(place.utf8.count) bytes long, and the system takes "
                + "\(PATH_MAX - 1)"
        }
        var folder = Path.folder(place)
        while Files.kind(folder) == nil, folder.utf8.count > root.utf8.count {
            folder = Path.folder(folder)
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            return "\(SystemError(errno: errno, doing: "write to \(folder)"))"
        }
        return nil
    }

    private func read() throws(GitError) -> [UInt8] {
        do { return try Files.read(place) } catch { throw GitError(error) }
    }

    /// The content as a checkout would write it here.
    private func smudged(_ blob: ObjectID) throws(GitError) -> [UInt8] {
        let doing = "prepare \(path) for the work tree"
        var oid = blob.oid
        let raw = try Owned(git_blob_free, doing) { git_blob_lookup($0, repository, &oid) }
        var list: OpaquePointer?
        try IndexFile.whole { () throws(GitError) in
            _ = try check(
                git_filter_list_load(
                    &list, repository, raw.pointer, path, GIT_FILTER_TO_WORKTREE,
                    GIT_FILTER_DEFAULT.rawValue), doing)
        }
        guard let list else {
            let size = Int(git_blob_rawsize(raw.pointer))
            return Array(
                UnsafeRawBufferPointer(start: git_blob_rawcontent(raw.pointer), count: size))
        }
        defer { git_filter_list_free(list) }
        var buffer = Buffer()
        try check(git_filter_list_apply_to_blob(&buffer.raw, list, raw.pointer), doing)
        return buffer.bytes
    }

    /// Writes the content through `temporary`, so that a reader sees the old file or the new one
    /// and a crash leaves nothing in the work tree.
    func write(_ blob: ObjectID, executable: Bool, through temporary: String) throws(GitError) {
        let bytes = try smudged(blob)
        let mode: UInt32 = executable ? 0o777 : 0o666
        do throws(SystemError) {
            try Files.makeFolder(Path.folder(place))
            try Files.write(bytes, to: temporary, mode: mode, sync: false)
            if rename(temporary, place) == 0 { return }
            let error = SystemError(errno: errno, doing: "write \(place)")
            try Files.remove(temporary)
            guard error.code == .other(EXDEV) else { throw error }
            try Files.write(bytes, to: place, mode: mode, sync: false)
        } catch { throw GitError(error) }
    }

    /// Deletes the file and the folders that are empty then, never the root.
    func delete() throws(GitError) {
        guard unlink(place) == 0 || errno == ENOENT else {
            throw GitError(SystemError(errno: errno, doing: "delete \(place)"))
        }
        for folder in path.foldersAbove.reversed() {
            guard rmdir(Path.join(root, folder)) == 0 else { return }
        }
    }

    /// Facts of the file that let git see without reading that it is unchanged.
    func status() -> stat? {
        var status = stat()
        return lstat(place, &status) == 0 ? status : nil
    }

    static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_mode & 0o100 != 0
    }
}

extension GitError {
    init(_ error: SystemError) {
        self.init(.other, doing: error.doing, error.message)
    }
}

extension Repository {
    /// - Throws: `filter`, naming every path whose attributes send it through a program or an
    ///   encoding that flow does not apply.
    func refuseFilters(_ changes: [Change], at commit: ObjectID?) throws(GitError) {
        var found: [(path: String, value: String)] = []
        for change in changes {
            for name in ["filter", "working-tree-encoding"] {
                if let value = try attribute(name, of: change.path, at: commit) {
                    found.append((change.path, "\(name)=\(value)"))
                }
            }
        }
        guard !found.isEmpty else { return }
        let shown = found.map { "\($0.path) (\(VisibleText.safe($0.value)))" }
        throw GitError(
            .filter,
            "git sends these files through a program that flow does not run: "
                + shown.joined(separator: ", ")
                + "; take the attribute off them in .gitattributes, or keep them elsewhere",
            paths: found.map(\.path))
    }

    private func attribute(_ name: String, of path: String, at commit: ObjectID?) throws(GitError)
        -> String?
    {
        var options = git_attr_options()
        options.version = UInt32(GIT_ATTR_OPTIONS_VERSION)
        options.flags = UInt32(
            isBare ? GIT_ATTR_CHECK_INDEX_ONLY : GIT_ATTR_CHECK_FILE_THEN_INDEX)
        if let commit {
            options.flags |= UInt32(GIT_ATTR_CHECK_INCLUDE_COMMIT)
            options.attr_commit_id = commit.oid
        }
        var value: UnsafePointer<CChar>?
        try IndexFile.whole { () throws(GitError) in
            _ = try check(
                git_attr_get_ext(&value, pointer, &options, path, name),
                "read the attributes of \(path)")
        }
        guard git_attr_value(value) == GIT_ATTR_VALUE_STRING, let value else { return nil }
        return String(cString: value)
    }
}
