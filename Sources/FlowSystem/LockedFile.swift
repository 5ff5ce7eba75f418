internal import CFlowSystem
internal import Glibc

/// A file locked for as long as the value lives (an open file description lock, so it
/// also works between containers that share the folder, and ends with the program).
package final class LockedFile: Sendable {
    private let file: Int32

    /// Opens or makes the file and locks it; nil when somebody else has it locked.
    package init?(_ path: String) throws(SystemError) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw SystemError(errno: errno, doing: "open \(path)") }
        let failure = flow_lock(file)
        guard failure == 0 else {
            if failure == EAGAIN { return nil }
            throw SystemError(errno: failure, doing: "lock \(path)")
        }
    }

    deinit { close(file) }

    /// Whether somebody has the file locked.
    package static func isHeld(_ path: String) -> Bool {
        // Asking needs no right to write.
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flow_is_locked(file) == 1
    }

    /// Waits until nobody has the file locked; does not wait where there is no file.
    package static func waitUntilFree(_ path: String) throws(SystemError) {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        let failure = flow_wait_for_lock(file)
        guard failure == 0 else { throw SystemError(errno: failure, doing: "wait for \(path)") }
    }
}
