internal import Glibc

/// Values made in order and used in order, by two threads at once.
package enum Pipeline {
    /// Calls `use` here with what `make` gives for 0 to `count` - 1, in order. Later values are made
    /// meanwhile on another thread, and here while there is nothing to use.
    package static func run<Value: Sendable>(
        _ count: Int, make: @escaping @Sendable (Int) -> Value, use: (Value) -> Void
    ) {
        let bench = Bench<Value>(count)
        let helper: Thread?
        if count > 1 {
            // Where there is no thread left, all is made here.
            helper = try? Thread {
                while let place = bench.claim() { bench.put(make(place), at: place) }
            }
        } else {
            helper = nil
        }
        for place in 0..<count {
            while true {
                if let value = bench.take(place) {
                    use(value)
                    break
                }
                if let next = bench.claim() {
                    bench.put(make(next), at: next)
                } else {
                    bench.wait(for: place)
                }
            }
        }
        helper?.join()
    }
}

/// Where values lie from when they are made until they are used.
private final class Bench<Value: Sendable>: @unchecked Sendable {
    // Unchecked: every access to the variables holds `lock`.
    private var values: [Value?]
    private var claimed = 0
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>

    init(_ count: Int) {
        values = Array(repeating: nil, count: count)
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// The next place whose value nobody makes yet; nil: there is none.
    func claim() -> Int? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard claimed < values.count else { return nil }
        defer { claimed += 1 }
        return claimed
    }

    func put(_ value: Value, at place: Int) {
        pthread_mutex_lock(lock)
        values[place] = value
        pthread_mutex_unlock(lock)
        pthread_cond_signal(changed)
    }

    /// The value, which is gone from here then; nil: it is not made yet.
    func take(_ place: Int) -> Value? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return values[place].take()
    }

    func wait(for place: Int) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while values[place] == nil { pthread_cond_wait(changed, lock) }
    }
}
