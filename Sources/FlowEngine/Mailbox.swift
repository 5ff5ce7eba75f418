internal import Glibc

/// Values handed from any thread to the one that waits for them, in order.
package final class Mailbox<Element: Sendable>: @unchecked Sendable {
    // Unchecked: every access to the variables holds `lock`.
    private var elements: [Element] = []
    /// How many of the elements have been taken.
    private var taken = 0
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
        while isEmpty, !isClosed { pthread_cond_wait(changed, lock) }
        if isEmpty { return nil }
        defer {
            taken += 1
            // What has been taken is let go once it is the larger part: O(1) a value on the whole.
            if 2 * taken >= elements.count {
                elements.removeFirst(taken)
                taken = 0
            }
        }
        return elements[taken]
    }

    private var isEmpty: Bool { taken == elements.count }

    /// Waits until something is there, or `wake` is called, or it is `deadline` (nanoseconds of the
    /// monotonic clock), and takes nothing.
    package func wait(until deadline: Int64) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        while isEmpty, !isClosed, !isWoken {
            if pthread_cond_timedwait(changed, lock, &time) == ETIMEDOUT { break }
        }
        isWoken = false
    }

    /// Everything that is there.
    package func takeAll() -> [Element] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if isEmpty { return [] }
        defer { (elements, taken) = ([], 0) }
        return Array(elements[taken...])
    }
}
