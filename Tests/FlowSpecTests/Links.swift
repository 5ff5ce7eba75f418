import FlowSystem
import Glibc

/// Symbolic links for tests.
enum Links {
    static func make(_ path: String, to target: String) throws {
        guard symlink(target, path) == 0 else {
            throw SystemError(errno: errno, doing: "link \(path)")
        }
    }
}
