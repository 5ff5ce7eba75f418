internal import FlowSystem

/// The digest of a file with the status it had, so that it need not be read again.
struct FileRecord: Sendable, Hashable {
    let status: FileStamp
    /// SHA-256 of the content.
    let hash: [UInt8]
    /// When the reading began, by the clock that gives files their times.
    let taken: Int64

    /// The longest step of that clock, in nanoseconds (a kernel at 100 Hz).
    private static let step: Int64 = 10_000_000

    /// Whether a later change could not have escaped: one that falls into the same step of the clock
    /// as the reading leaves no trace in the file's times (git, "racy-git.txt").
    private var isSettled: Bool {
        taken - max(status.modified, status.changed) >= Self.step
    }

    /// Whether the file is still as it was read.
    func stands(for status: FileStamp) -> Bool { status == self.status && isSettled }

    var bytes: [UInt8] {
        var packed = PackedBytes()
        packed.add(status.mode)
        packed.add(status.size)
        packed.add(status.modified)
        packed.add(status.changed)
        packed.add(status.inode)
        packed.add(taken)
        packed.add(hash)
        packed.add(PackedBytes.sum(packed.bytes))
        return packed.bytes
    }

    init(status: FileStamp, hash: [UInt8], taken: Int64) {
        self.status = status
        self.hash = hash
        self.taken = taken
    }

    /// Reads what `bytes` gave; nil where it is damaged.
    init?(bytes: [UInt8]) {
        var reader = PackedBytes.Reader(bytes)
        guard let mode = reader.number(UInt32.self), let size = reader.number(Int64.self),
            let modified = reader.number(Int64.self), let changed = reader.number(Int64.self),
            let inode = reader.number(UInt64.self), let taken = reader.number(Int64.self),
            let hash = reader.content(), let sum = reader.number(Int64.self), reader.isAtEnd,
            sum == PackedBytes.sum(Array(bytes.dropLast(8)))
        else { return nil }
        self.init(
            status: FileStamp(
                kind: .file, mode: mode, size: size, modified: modified, changed: changed,
                inode: inode), hash: Array(hash), taken: taken)
    }
}

/// What a file is to whoever reads it: its mode and content, and for a link also what it says.
struct FileContent: Sendable, Hashable {
    /// The permission bits, of the file that a link leads to.
    let mode: UInt32
    let size: Int64
    let hash: [UInt8]
    let link: String?

    var bytes: [UInt8] {
        var packed = PackedBytes()
        packed.add(mode)
        packed.add(hash)
        if let link { packed.add(link) }
        return packed.bytes
    }
}
