internal import Glibc

/// A file that is only added to.
package final class AppendingFile: Sendable {
    private let file: Int32
    private let path: String

    /// Opens the file, or makes it.
    package init(_ path: String) throws(SystemError) {
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw SystemError(errno: errno, doing: "open \(path)") }
    }

    deinit { close(file) }

    /// Adds all the bytes, or throws; a part may have been written then.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let wrote = write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if wrote >= 0 {
                done += wrote
            } else if errno != EINTR {
                throw SystemError(errno: errno, doing: "write \(path)")
            }
        }
    }
}

extension AppendingFile {
    /// Adds all the bytes, or throws; a part may have been written then.
    package func append(_ bytes: [UInt8]) throws(SystemError) {
        let failure: SystemError? = bytes.withUnsafeBytes { buffer in
            do throws(SystemError) {
                try append(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
