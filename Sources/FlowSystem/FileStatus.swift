internal import Glibc

/// What the system knows of a file beside its content; links are not followed.
package struct FileStatus: Sendable, Hashable {
    /// What it takes on the disk, in bytes; of a folder without what is in it.
    package let diskBytes: Int
    /// What can be read of it, in bytes.
    package let size: Int
    package let modified: Timestamp

    /// Nil where nothing stands.
    package init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        diskBytes = Int(status.st_blocks) * 512
        size = Int(status.st_size)
        modified = Timestamp(
            microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000
                + Int64(status.st_mtim.tv_nsec) / 1000)
    }
}

extension Files {
    /// What a path takes on the disk with all that is below it, in bytes; what goes away meanwhile
    /// does not count. Costs a look at every file.
    package static func diskUse(of path: String) -> Int {
        guard let status = FileStatus(path) else { return 0 }
        guard kind(path) == .folder, let names = try? list(path) else { return status.diskBytes }
        return names.reduce(status.diskBytes) { $0 + diskUse(of: Path.join(path, $1)) }
    }

    /// The bytes that are free for this user on the disk that a path is on; nil where nobody knows.
    package static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// Makes a file one that was modified now; false where there is none.
    package static func touch(_ path: String) -> Bool { utimensat(AT_FDCWD, path, nil, 0) == 0 }

    /// Gives a file another name on the same disk, in place of what has it.
    package static func move(_ path: String, to other: String) throws(SystemError) {
        guard rename(path, other) == 0 else {
            throw SystemError(errno: errno, doing: "move \(path) to \(other)")
        }
    }
}
