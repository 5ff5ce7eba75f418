internal import CGit2
internal import FlowSystem
internal import Glibc

/// A git index read from a file; changes stay in memory until `write`.
struct IndexFile: ~Copyable {
    /// What the index holds for a path.
    enum Entry: Equatable {
        case absent
        /// `isSkipped`: a sparse checkout keeps the file out of the work tree.
        case file(ObjectID, executable: Bool, isSkipped: Bool)
        /// A conflict, a link, or a file that was announced but not added.
        case other
    }

    private let raw: Owned

    /// An index that is not there is an empty one.
    init(_ path: String) throws(GitError) {
        raw = try Owned(git_index_free, "read the index") { git_index_open($0, path) }
    }

    func entry(_ path: String) -> Entry {
        guard let entry = git_index_get_bypath(raw.pointer, path, 0)?.pointee else {
            let isConflict = (1...3).contains {
                git_index_get_bypath(raw.pointer, path, Int32($0)) != nil
            }
            return isConflict ? .other : .absent
        }
        let mode = git_filemode_t(entry.mode)
        let announced = UInt32(entry.flags_extended) & GIT_INDEX_ENTRY_INTENT_TO_ADD.rawValue != 0
        guard !announced, mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE else {
            return .other
        }
        return .file(
            ObjectID(entry.id), executable: mode == GIT_FILEMODE_BLOB_EXECUTABLE,
            isSkipped: UInt32(entry.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0)
    }

    func remove(_ path: String) throws(GitError) {
        try check(git_index_remove(raw.pointer, path, 0), "take \(path) out of the index")
    }

    /// Sets a path's entry.
    /// - Parameter status: Of the file where it has this content; without it git compares the
    ///   content the next time it looks.
    func set(
        _ path: String, _ id: ObjectID, executable: Bool, isSkipped: Bool, status: stat?
    ) throws(GitError) {
        var entry = git_index_entry()
        entry.id = id.oid
        entry.mode = (executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB).rawValue
        if isSkipped { entry.flags_extended = UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue) }
        if let status {
            entry.ctime = git_index_time(status.st_ctim)
            entry.mtime = git_index_time(status.st_mtim)
            entry.dev = UInt32(truncatingIfNeeded: status.st_dev)
            entry.ino = UInt32(truncatingIfNeeded: status.st_ino)
            entry.uid = status.st_uid
            entry.gid = status.st_gid
            entry.file_size = UInt32(truncatingIfNeeded: status.st_size)
        }
        let result = path.withCString { name in
            entry.path = name
            return git_index_add(raw.pointer, &entry)
        }
        try check(result, "put \(path) into the index")
    }

    func write() throws(GitError) {
        try check(git_index_write(raw.pointer), "write the index")
    }
}

extension git_index_time {
    fileprivate init(_ time: timespec) {
        self.init(
            seconds: Int32(truncatingIfNeeded: time.tv_sec),
            nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
    }
}

/// git's own lock on the index, held by a hard link to an intent: so that, after a crash, flow knows
/// its own locks from a person's.
struct IndexLock {
    private let path: String

    /// - Throws: `locked` after ten seconds; `whileWaiting` is called before each pause.
    init(
        of gitFolder: String, intent: String, whileWaiting: () throws(GitError) -> Void
    ) throws(GitError) {
        path = Path.join(gitFolder, "index.lock")
        var wait = Waiting()
        while link(intent, path) != 0 {
            let error = SystemError(errno: errno, doing: "lock the index")
            guard error.code == .exists else { throw GitError(error) }
            if Self.isHeld(in: gitFolder, by: intent) { return }
            try whileWaiting()
            guard wait.again() else {
                throw GitError(
                    .locked,
                    "another git program has locked the index (\(path)); wait until it is done, or "
                        + "remove that file when none runs, then run again")
            }
        }
    }

    /// Whether anybody holds it.
    static func isHeld(in gitFolder: String) -> Bool {
        Files.exists(Path.join(gitFolder, "index.lock"))
    }

    /// Whether the lock is the one that this intent took.
    static func isHeld(in gitFolder: String, by intent: String) -> Bool {
        guard let lock = FileStatus(Path.join(gitFolder, "index.lock")),
            let intent = FileStatus(intent)
        else { return false }
        return lock.isSameFile(as: intent)
    }

    func release() { unlink(path) }
}
