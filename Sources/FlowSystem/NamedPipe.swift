internal import Glibc
internal import Synchronization

/// A named pipe that one process reads to be woken by others on the same machine, also from another
/// container that shares the folder. What is written into it means nothing.
package final class NamedPipe: Sendable {
    private let file: Int32
    private let isClosing: Closing
    private let reader: Thread

    /// Shared with the reading thread, which must not keep the pipe itself alive.
    private final class Closing: Sendable { let value = Atomic(false) }

    /// Makes the pipe, unless it is there, and calls `woken` on a thread of its own after each poke;
    /// pokes that come close together may be one call.
    ///
    /// It is opened for both directions, so that it never comes to an end-of-file.
    /// - Throws: `SystemError`, also where something else stands at the path.
    package init(_ path: String, woken: @escaping @Sendable () -> Void) throws(SystemError) {
        let doing = "open the named pipe \(path)"
        guard mkfifo(path, 0o644) == 0 || errno == EEXIST else {
            throw SystemError(errno: errno, doing: "make the named pipe \(path)")
        }
        let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw SystemError(errno: errno, doing: doing) }
        guard Self.isPipe(file) else {
            close(file)
            throw SystemError(errno: EEXIST, doing: doing)
        }
        let isClosing = Closing()
        do throws(SystemError) {
            reader = try Thread {
                while Self.readSome(file), !isClosing.value.load(ordering: .acquiring) { woken() }
            }
        } catch {
            close(file)
            throw error
        }
        self.file = file
        self.isClosing = isClosing
    }

    /// Waits for a call of `woken` that is going on.
    deinit {
        isClosing.value.store(true, ordering: .releasing)
        var byte: UInt8 = 0
        while write(file, &byte, 1) < 0, errno == EINTR {}
        reader.join()
        close(file)
    }

    /// Wakes whoever reads the pipe at a path. Never waits; where there is no pipe or no reader,
    /// nothing happens.
    package static func poke(_ path: String) {
        // Opened for both directions, writing cannot meet a closed pipe, which would be a signal.
        let file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return }
        defer { close(file) }
        guard isPipe(file) else { return }
        var byte: UInt8 = 0
        // A full pipe has pokes enough.
        while write(file, &byte, 1) < 0, errno == EINTR {}
    }

    private static func isPipe(_ file: Int32) -> Bool {
        var status = stat()
        return fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    private static func readSome(_ file: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { buffer in
            var got = read(file, buffer.baseAddress, buffer.count)
            while got < 0, errno == EINTR { got = read(file, buffer.baseAddress, buffer.count) }
            return got > 0
        }
    }
}
