internal import Glibc

/// A file that is read while somebody writes to it.
package final class GrowingFile {
    private let file: Int32

    /// Opens the file; nil where there is none.
    package init?(_ path: String) {
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
    }

    deinit { close(file) }

    /// What comes next, up to 64 KiB; empty where there is nothing yet, or cannot be.
    package func next() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            var got = read(file, buffer.baseAddress, buffer.count)
            while got < 0, errno == EINTR { got = read(file, buffer.baseAddress, buffer.count) }
            count = max(0, got)
        }
    }
}
