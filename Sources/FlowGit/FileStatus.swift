internal import Glibc

/// Which file stands at a path, and since when.
struct FileStatus: Equatable {
    private let device: UInt
    private let number: UInt
    /// Nanoseconds since 1970 at which it was written last.
    let written: Int

    /// nil where nothing stands; links are not followed.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
        written = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    func isSameFile(as other: FileStatus) -> Bool {
        device == other.device && number == other.number
    }
}
