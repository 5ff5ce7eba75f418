internal import CFlowSystem
internal import Glibc

/// A small process that ends what flow started when flow itself is killed: it holds the reading end
/// of a pipe and, at the pipe's end-of-file, kills the groups that stand in memory that it shares with
/// flow and that have not ended.
package final class ProcessGuard: Sendable {
    /// Its name among processes.
    static let name = "flow-guard"

    private let pipe: Int32
    private let pid: pid_t
    // Unsafe: each place belongs to one lane, and is written and read as one atomic word.
    private nonisolated(unsafe) let groups: UnsafeMutablePointer<flow_group>
    private let taken = PosixMutex(0)

    /// Call it while the program has one thread, since it forks.
    /// - Throws: `SystemError` when the system has no processes or descriptors left.
    package init() throws(SystemError) {
        var child: pid_t = 0
        var memory: UnsafeMutablePointer<flow_group>?
        let made = flow_guard_start(&child, &memory)
        guard made >= 0, let memory else {
            throw SystemError(errno: -made, doing: "start the process guard")
        }
        pipe = made
        pid = child
        groups = memory
    }

    /// A place for the group of one lane.
    /// - Throws: `SystemError` when there are too many lanes.
    func place() throws(SystemError) -> UnsafeMutablePointer<flow_group> {
        let number = taken.withLock { taken in
            taken += 1
            return taken
        }
        guard number <= flow_guard_places() else {
            throw SystemError(errno: EAGAIN, doing: "find a place with the process guard")
        }
        return groups + (number - 1)
    }

    deinit { flow_guard_end(pipe, pid, groups) }
}
