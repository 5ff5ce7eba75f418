internal import Glibc

/// The children of the program's first thread, looked at from any thread: one read of a file that
/// stays open (`/proc/PID/task/TID/children`, proc(5)).
final class FirstThreadChildren: Sendable {
    /// Negative where the kernel has no such file.
    private let file: Int32
    private let known = PosixMutex<[UInt8]?>(nil)
    private static let most = 1024

    init() { file = open("/proc/self/task/\(getpid())/children", O_RDONLY | O_CLOEXEC) }

    deinit { if file >= 0 { close(file) } }

    /// Their numbers as the kernel writes them; nil where it does not, or where there are many.
    func list() -> [UInt8]? { look { $0.map { Array($0) } } }

    private func look<Result>(_ body: (Slice<UnsafeRawBufferPointer>?) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.most, alignment: 1) { buffer in
            let count = pread(file, buffer.baseAddress, Self.most, 0)
            guard (0..<Self.most).contains(count) else { return body(nil) }
            return body(UnsafeRawBufferPointer(buffer).prefix(count))
        }
    }

    /// Keeps what `list` gave, which needs no further look.
    func remember(_ list: [UInt8]?) { known.withLock { $0 = list } }

    /// Whether there may be others than those that were remembered.
    var haveChanged: Bool {
        look { list in
            guard let list else { return true }
            return known.withLock { $0.map { !list.elementsEqual($0) } ?? true }
        }
    }
}
