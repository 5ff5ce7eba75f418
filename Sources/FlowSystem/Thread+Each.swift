extension Thread {
    /// Does `work` once for each number from 0 up to `count`, on at most `threads` threads, one of
    /// which is the caller's. Each takes the lowest number left when it is free, so the order in
    /// which they end is open. Returns when all are done.
    ///
    /// Where the system has no thread left to give, those that there are do the work.
    package static func forEach(
        _ count: Int, threads: Int, _ work: @Sendable (Int) -> Void
    ) {
        withoutActuallyEscaping(work) { work in
            let next = Counter()
            let lane: @Sendable () -> Void = {
                while case let number = next.next() - 1, number < count { work(number) }
            }
            var others: [Thread] = []
            for _ in 1..<max(1, min(threads, count)) {
                guard let other = try? Thread(lane) else { break }
                others.append(other)
            }
            lane()
            for other in others { other.join() }
        }
    }
}
