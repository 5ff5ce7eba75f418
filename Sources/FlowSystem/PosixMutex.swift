internal import Glibc

/// A value that threads use one after the other.
///
/// Where somebody waits, Synchronization's `Mutex` hands itself over through the kernel (a futex with
/// priority inheritance), which costs more than the short waits here, and which the thread sanitizer
/// cannot see.
package final class PosixMutex<Value>: @unchecked Sendable {
    // Unchecked: every access to `value` holds `lock`.
    private var value: Value
    private let lock: UnsafeMutablePointer<pthread_mutex_t>

    package init(_ value: sending Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Waits until nobody else has the value, and does `body` with it.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&value)
    }
}
