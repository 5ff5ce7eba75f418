internal import CFlowSystem
internal import Glibc

/// A folder that is kept open, so that one need not search for it to see whether it is empty.
package final class OpenFolder: Sendable {
    package let path: String
    private let descriptor: Int32

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

    /// Whether nothing is in it, and nobody has removed it. Costs two calls of the system.
    package var isEmpty: Bool { flow_is_empty(descriptor) == 1 }
}
