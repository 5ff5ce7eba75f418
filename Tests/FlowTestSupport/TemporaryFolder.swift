internal import FlowSystem
internal import Glibc
internal import Synchronization

/// A folder of one test's own that goes away with the value, at the latest with the process (what tests
/// share lives as long as that).
package final class TemporaryFolder: Sendable {
    /// The absolute path, with links resolved.
    package let path: String

    /// - Parameter inMemory: In a file system in memory, where there is one: waiting for a disk adds
    ///   nothing to what a test sees of processes that are killed.
    package init(inMemory: Bool = false) throws {
        let place = inMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(place)/flow-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw SystemError(errno: errno, doing: "make a temporary folder")
        }
        path = try Files.real(String(cString: made))
        Self.living.withLock { [path] paths in
            if paths.isEmpty { atexit { TemporaryFolder.removeAll() } }
            paths.insert(path)
        }
    }

    deinit {
        try? Files.remove(path)
        Self.living.withLock { [path] in _ = $0.remove(path) }
    }

    private static let living = Mutex<Set<String>>([])

    private static func removeAll() {
        for path in living.withLock({ $0 }) { try? Files.remove(path) }
    }

    /// The path of `name` in the folder.
    package func at(_ name: String) -> String { Path.join(path, name) }

    /// Writes a file below the folder and gives its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try Files.write(text, to: at(name))
        return at(name)
    }
}
