internal import Glibc

/// What the system says of a file without reading it.
package struct FileStamp: Sendable, Hashable {
    package let kind: Files.Kind
    /// The permission bits.
    package let mode: UInt32
    package let size: Int64
    /// In nanoseconds since 1970.
    package let modified: Int64
    /// When content, mode or name changed last, which no program can set; as `modified`.
    package let changed: Int64
    package let inode: UInt64

    /// - Parameter following: whether a link stands for what it leads to.
    /// - Returns: nil where nothing stands at the path, or it cannot be seen.
    package init?(_ path: String, following: Bool = false) {
        var status = stat()
        guard (following ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(status)
    }

    /// Of an open file.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// A status that was kept somewhere.
    package init(
        kind: Files.Kind, mode: UInt32, size: Int64, modified: Int64, changed: Int64, inode: UInt64
    ) {
        self.kind = kind
        self.mode = mode
        self.size = size
        self.modified = modified
        self.changed = changed
        self.inode = inode
    }

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        mode = status.st_mode & 0o7777
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
        inode = UInt64(status.st_ino)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Now, by the clock that gives files their times (nanoseconds since 1970): what is changed from
    /// now on has no earlier time than this.
    package static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return nanoseconds(time)
    }
}

extension Files {
    /// Tells the file that stands at a path from another one put in its place, without reading it;
    /// nil for nothing.
    package static func identity(_ path: String) -> String? {
        FileStamp(path, following: true).map { "\($0.size).\($0.modified).\($0.inode)" }
    }
}
