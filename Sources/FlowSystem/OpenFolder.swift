internal import CFlowSystem
internal import Glibc

/// A folder that is kept open, so that one need not search for it to see whether it is empty.
package final class OpenFolder: Sendable {
    package let path: String
    private let descriptor: Int32
    /// The time of its last change, after which it was seen to be empty.
    // Unsafe: only the thread of the folder's lane asks.
    private nonisolated(unsafe) var emptySince: Int64?

    /// Makes the folder where it is missing, and opens it.
    package init(making path: String) throws(SystemError) {
        try Files.makeFolder(path)
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SystemError(errno: errno, doing: "open the folder \(path)")
        }
    }

    deinit { close(descriptor) }

    /// Whether nothing is in it, and nobody has removed it. Costs one call of the system where nothing
    /// was put into it since it was seen to be empty, else a few. Not for two threads at once.
    package var isEmpty: Bool {
        guard let changed = FileStamp(descriptor: descriptor)?.changed else { return false }
        if changed == emptySince { return true }
        emptySince = nil
        // Entries change the folder's time, which moves in steps: only what comes in a later step than
        // the last change is told from it.
        let isSettled = changed < FileStamp.now
        guard flow_is_empty(descriptor) == 1 else { return false }
        if isSettled, FileStamp(descriptor: descriptor)?.changed == changed { emptySince = changed }
        return true
    }
}
