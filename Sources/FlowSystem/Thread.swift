internal import Glibc
internal import Synchronization

/// A thread of the operating system, for work that blocks.
package struct Thread: Sendable {
    private final class Body: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    private let handle: pthread_t

    /// Starts a thread that does `work` and ends.
    /// - Throws: `SystemError` when the system has no thread left to give.
    package init(_ work: @escaping @Sendable () -> Void) throws(SystemError) {
        let body = Unmanaged.passRetained(Body(work))
        var made = pthread_t()
        let failure = pthread_create(
            &made, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, body.toOpaque())
        guard failure == 0 else {
            body.release()
            throw SystemError(errno: failure, doing: "start a thread")
        }
        handle = made
    }

    /// Waits until the thread has ended. Call it once, or `detach`.
    package func join() { pthread_join(handle, nil) }

    /// Lets the thread end by itself; nobody waits for it.
    package func detach() { pthread_detach(handle) }

    /// Lets the calling thread rest.
    package static func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}

/// Work that is shared by two threads.
package enum Threads {
    /// Fewer values than this are not worth a thread.
    private static let few = 64

    private final class Half<Value: Sendable>: Sendable {
        let values = Mutex<[Value]>([])
    }

    /// The values of `body` for 0 to `count` - 1, in order; half of many is made on another thread.
    package static func map<Value: Sendable>(
        _ count: Int, _ body: @Sendable (Int) -> Value
    ) -> [Value] {
        withoutActuallyEscaping(body) { body in
            let middle = count < few ? count : count / 2
            let half = Half<Value>()
            let thread =
                middle == count
                ? nil
                : try? Thread {
                    let values = (middle..<count).map(body)
                    half.values.withLock { $0 = values }
                }
            let first = (0..<middle).map(body)
            guard let thread else { return first + (middle..<count).map(body) }
            thread.join()
            return first + half.values.withLock { $0 }
        }
    }
}
