internal import FlowSystem
internal import Glibc

/// Which file a path leads to, and how long it was then.
package struct FileIdentity: Sendable, Hashable {
    /// What stays when a file is renamed.
    package struct Place: Sendable, Hashable {
        package let device: UInt64
        package let inode: UInt64
    }

    package let path: String
    let folder: String
    /// The name up to its first dot: what a log and its rotated parts have in common.
    let stem: String
    package let place: Place
    package let size: Int

    package init(path: String, device: UInt64, inode: UInt64, size: Int) {
        self.path = path
        folder = Path.folder(path)
        stem = String(Path.name(path).prefix { $0 != "." })
        place = Place(device: device, inode: inode)
        self.size = size
    }

    /// - Returns: nil where there is nothing, or it cannot be seen.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(path: path, status)
    }

    init(path: String, _ status: stat) {
        self.init(
            path: path, device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            size: Int(status.st_size))
    }
}
