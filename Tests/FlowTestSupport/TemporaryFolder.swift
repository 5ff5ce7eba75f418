internal import FlowSystem
internal import Glibc

/// A folder of one test's own that goes away with the value.
package final class TemporaryFolder: Sendable {
    /// The absolute path, with links resolved.
    package let path: String

    package init() throws {
        var template = Array("/tmp/flow-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw SystemError(errno: errno, doing: "make a temporary folder")
        }
        path = try Files.real(String(cString: made))
    }

    deinit { try? Files.remove(path) }

    /// The path of `name` in the folder.
    package func at(_ name: String) -> String { Path.join(path, name) }

    /// Writes a file below the folder and gives its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try Files.write(text, to: at(name))
        return at(name)
    }
}
