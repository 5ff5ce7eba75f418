internal import Glibc

/// Waiting for a lock that another program holds: a few milliseconds at first, ten seconds in all.
struct Waiting {
    private var left = 10_000
    private var pause = 2

    /// Pauses; false when the time is up.
    mutating func again() -> Bool {
        guard left > 0 else { return false }
        // Two that wait for each other's lock must not wake at the same moments.
        let milliseconds = Int.random(in: 1...pause)
        usleep(UInt32(milliseconds) * 1_000)
        left -= milliseconds
        pause = min(pause * 2, 100)
        return true
    }
}
