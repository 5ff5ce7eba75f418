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

/// Values handed from any thread to the one that waits for them, in order.
package final class Mailbox<Element: Sendable>: @unchecked Sendable {
    // Unchecked: every access to the variables holds `lock`.
    private var elements: [Element] = []
    private var isClosed = false
    private var isWoken = false
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    package func send(_ element: Element) { send([element]) }

    /// Hands over several values at once, which one that takes all gets together.
    /// - Parameter waking: whether somebody who waits is to take them now; else `wake`, or whoever
    ///   sends the value.
    package func send(_ values: [Element], waking: Bool = true) {
        pthread_mutex_lock(lock)
        elements.append(contentsOf: values)
        pthread_mutex_unlock(lock)
        // After the lock is free: who waits wakes up to take it.
        if !waking {
            return
        } else if values.count == 1 {
            pthread_cond_signal(changed)
        } else {
            pthread_cond_broadcast(changed)
        }
    }

    /// Ends one wait, also where there is nothing to take.
    package func wake() {
        pthread_mutex_lock(lock)
        isWoken = true
        pthread_mutex_unlock(lock)
        pthread_cond_signal(changed)
    }

    /// Lets everybody who waits go on with nothing, now and later.
    package func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// The oldest value; waits for one. Nil once the mailbox is closed and empty.
    package func next() -> Element? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while elements.isEmpty, !isClosed { pthread_cond_wait(changed, lock) }
        return elements.isEmpty ? nil : elements.removeFirst()
    }

    /// Waits until something is there, or `wake` is called, or it is `deadline` (nanoseconds of the
    /// monotonic clock), and takes nothing.
    package func wait(until deadline: Int64) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        while elements.isEmpty, !isClosed, !isWoken {
            if pthread_cond_timedwait(changed, lock, &time) == ETIMEDOUT { break }
        }
        isWoken = false
    }

    /// Everything that is there.
    package func takeAll() -> [Element] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        defer { elements.removeAll(keepingCapacity: true) }
        return elements
    }
}
