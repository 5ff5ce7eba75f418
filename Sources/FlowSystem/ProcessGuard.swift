internal import CFlowSystem
internal import Glibc

/// A small process that ends what flow started when flow itself is killed: it holds the reading end
/// of a pipe, is told each process group that begins and ends, and at the pipe's end-of-file kills
/// the groups that have not ended.
package final class ProcessGuard: Sendable {
    let pipe: Int32

    /// Call it while the program has one thread, since it forks.
    /// - Throws: `SystemError` when the system has no processes or descriptors left.
    package init() throws(SystemError) {
        let made = flow_guard_start()
        guard made >= 0 else { throw SystemError(errno: -made, doing: "start the process guard") }
        pipe = made
    }

    deinit { close(pipe) }
}
