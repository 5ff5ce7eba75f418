internal import FlowJSON
internal import FlowSystem
internal import Glibc

/// What a publication is about to do, on disk before it is done, so that the next flow command can
/// finish it after a crash (`commonFolder/flow/intent-….json`).
struct Intent {
    let branch: String
    let old: ObjectID?
    let new: ObjectID
    /// Of the work tree whose files follow.
    let gitFolder: String
    let paths: [ChangedPath]
}

extension Intent {
    var json: JSON {
        [
            "version": 1, "branch": .string(branch), "old": old.map { .string($0.hex) } ?? .null,
            "new": .string(new.hex), "git-folder": .string(gitFolder),
            "lock": .string(Path.join(gitFolder, "index.lock")),
            "paths": .array(
                paths.map {
                    [
                        "path": .string($0.path), "executable": .bool($0.executable),
                        "old": $0.old.map { .string($0.hex) } ?? .null,
                        "new": $0.new.map { .string($0.hex) } ?? .null,
                    ]
                }),
        ]
    }

    /// nil for what is no intent of this version.
    init?(json: JSON) {
        guard json["version"]?.intValue == 1, let branch = json["branch"]?.stringValue,
            let new = json["new"]?.stringValue.flatMap({ ObjectID($0) }),
            let gitFolder = json["git-folder"]?.stringValue,
            let paths = json["paths"]?.arrayValue
        else { return nil }
        self.branch = branch
        self.old = json["old"]?.stringValue.flatMap { ObjectID($0) }
        self.new = new
        self.gitFolder = gitFolder
        self.paths = paths.compactMap { entry in
            entry["path"]?.stringValue.map {
                ChangedPath(
                    path: $0, old: entry["old"]?.stringValue.flatMap { ObjectID($0) },
                    new: entry["new"]?.stringValue.flatMap { ObjectID($0) },
                    executable: entry["executable"]?.boolValue ?? false)
            }
        }
    }
}

/// An intent's file, locked (`flock`) as long as this value lives: who can lock it knows that its
/// writer is dead.
struct IntentFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Writes a new intent; it appears under its name complete and locked.
    init(_ intent: Intent, in folder: String) throws(GitError) {
        do { try Files.makeFolder(folder) } catch { throw GitError(error) }
        let bytes = intent.json.bytes()
        // Another command's `recover` may take the unfinished file for a dead writer's, in the
        // moment before it is locked; then this one starts over.
        for _ in 0..<100 {
            let name = "intent-\(getpid())-\(UInt64.random(in: 0...(.max)))"
            let path = Path.join(folder, name + ".json")
            if let descriptor = try Self.write(
                bytes, Path.join(folder, name + ".new"), path, isSynced: !intent.paths.isEmpty)
            {
                self.path = path
                self.descriptor = descriptor
                return
            }
        }
        throw GitError(.locked, doing: "write to \(folder)", "other commands keep removing it")
    }

    /// The locked descriptor of the finished file; nil where somebody removed it meanwhile.
    private static func write(
        _ bytes: [UInt8], _ temporary: String, _ path: String, isSynced: Bool
    )
        throws(GitError) -> Int32?
    {
        let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw GitError(SystemError(errno: errno, doing: "write \(path)"))
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            !isSynced || fsync(descriptor) == 0, rename(temporary, path) == 0
        {
            return descriptor
        }
        let number = errno
        close(descriptor)
        unlink(temporary)
        if number == EWOULDBLOCK || number == ENOENT { return nil }
        throw GitError(SystemError(errno: number, doing: "write \(path)"))
    }

    /// Takes over the file of a writer that is dead; nil where it lives, or the file is gone.
    init?(dead path: String) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
            status.st_nlink > 0, Files.exists(path)
        else {
            close(descriptor)
            return nil
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        // A child that is just being started may hold a copy of the descriptor for a moment.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// The intent in the file; nil for a file that is none.
    func read() -> Intent? {
        (try? JSON.read(Files.read(path))).flatMap { Intent(json: $0) }
    }

    /// A folder of this intent's own for what is then renamed to its place; whatever a dead writer
    /// left in it goes away with it.
    private var scratch: String { path + ".d" }

    func makeScratch() throws(GitError) {
        do {
            try Files.remove(scratch)
            try Files.makeFolder(scratch)
        } catch { throw GitError(error) }
    }

    /// Where a file's new content stands before it is renamed into the work tree.
    var temporary: String { Path.join(scratch, "content") }

    /// Where the new index is written.
    var indexCopy: String { Path.join(scratch, "index") }

    /// The index from before, until the branch has moved.
    var indexBefore: String { Path.join(scratch, "index-before") }

    func remove() {
        // What cannot be removed does no harm; the intent goes last, so that a next try can.
        try? Files.remove(scratch)
        unlink(path)
    }
}

/// A turn at what only one flow may do at a time: `flock` on a folder, which a dead holder loses.
struct FolderLock {
    private let descriptor: Int32

    /// Waits until nobody else has it.
    init(_ folder: String) throws(GitError) {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        var isHeld = false
        while descriptor >= 0, !isHeld {
            isHeld = flock(descriptor, LOCK_EX) == 0
            if !isHeld, errno != EINTR { break }
        }
        guard isHeld else {
            let error = SystemError(errno: errno, doing: "lock \(folder)")
            if descriptor >= 0 { close(descriptor) }
            throw GitError(error)
        }
    }

    func release() {
        // A child that is just being started may hold a copy of the descriptor for a moment.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
