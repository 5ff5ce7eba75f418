internal import Glibc

/// A call of the operating system that failed.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        case notFound, exists, permission, notDirectory, isDirectory, full, tooLarge
        case outside, interrupted, malformed, otherFileSystem, readOnlyFileSystem, other(Int32)
    }

    package let code: Code
    /// What was done, to what: `read /srv/app/flow.yaml`.
    package let doing: String
    /// What went wrong, in words.
    package let message: String

    package init(code: Code, doing: String, message: String) {
        self.code = code
        self.doing = doing
        self.message = message
    }

    /// The error of the call that has just failed on this thread.
    package init(errno number: Int32, doing: String) {
        self.doing = doing
        self.message = String(cString: strerror(number))
        self.code =
            switch number {
            case ENOENT: .notFound
            case EEXIST, ENOTEMPTY: .exists
            case EACCES, EPERM: .permission
            case EROFS: .readOnlyFileSystem
            case ENOTDIR: .notDirectory
            case EISDIR: .isDirectory
            case ENOSPC, EDQUOT: .full
            case EFBIG, E2BIG: .tooLarge
            case ELOOP: .outside
            case EINTR: .interrupted
            case EXDEV: .otherFileSystem
            default: .other(number)
            }
    }

    package var description: String { "cannot \(doing): \(message)" }
}
