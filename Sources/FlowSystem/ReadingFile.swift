internal import Glibc

/// A file that is read from its start in pieces.
package final class ReadingFile: Sendable {
    private let file: Int32
    private let path: String

    /// Opens the file.
    package init(_ path: String) throws(SystemError) {
        self.path = path
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError(errno: errno, doing: "read \(path)") }
        if Files.kind(path, following: true) == .folder {
            throw SystemError(
                code: .isDirectory, doing: "read \(path)", message: "it is a folder")
        }
    }

    deinit { close(file) }

    /// Up to `count` bytes; none at the end.
    package func read(_ count: Int) throws(SystemError) -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
                let got = Glibc.read(file, buffer.baseAddress, count)
                failure = got < 0 ? errno : 0
                used = max(0, got)
            }
            if failure == 0 { return bytes }
            if failure != EINTR { throw SystemError(errno: failure, doing: "read \(path)") }
        }
    }
}
