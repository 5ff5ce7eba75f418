internal import CFlowSystem
internal import Glibc

/// A small process that ends what flow started when flow itself is killed: it holds the reading end
/// of a pipe, is told each process group that begins and ends, and at the pipe's end-of-file kills
/// the groups that have not ended.
package final class ProcessGuard: Sendable {
    /// Its name among processes.
    static let name = "flow-guard"

    let pipe: Int32
    private let pid: pid_t

    /// Call it while the program has one thread, since it forks.
    /// - Throws: `SystemError` when the system has no processes or descriptors left.
    package init() throws(SystemError) {
        var child: pid_t = 0
        let made = flow_guard_start(&child)
        guard made >= 0 else { throw SystemError(errno: -made, doing: "start the process guard") }
        pipe = made
        pid = child
    }

    deinit { flow_guard_end(pipe, pid) }
}
