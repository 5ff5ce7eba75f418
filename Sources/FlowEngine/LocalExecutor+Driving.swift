internal import FlowSystem
internal import Synchronization

/// Whoever has something to tell carries the run on: a lane whose attempt has ended starts its next
/// one itself, and no other thread has to wake up in between (leader and followers; Schmidt, Stal,
/// Rohnert, Buschmann 2000). The thread that called `drive` watches the time, and does what no lane
/// can do.
extension LocalExecutor {
    /// What carries the run on.
    // Unchecked: `advance` is called only by the thread that holds the lock around this.
    struct Wheel: @unchecked Sendable {
        /// nil: the run is not driven, or over.
        fileprivate var advance: (([AttemptReport]) -> Pause)?
        /// Until when the driving thread waits, as the run said it; nil: until it is woken.
        fileprivate var deadline: Timestamp?
        /// The same in nanoseconds of the monotonic clock, by which it waits.
        fileprivate var waits = Int64.max

        fileprivate mutating func turn(_ reports: [AttemptReport]) -> Pause {
            guard let pause = advance?(reports) else { return .over }
            if case .over = pause { advance = nil }
            return pause
        }
    }

    /// What becomes of the first attempt that is started while a lane drives.
    enum Keeping: UInt8, AtomicRepresentable {
        /// It wakes a lane.
        case nothing
        /// The driving lane will take it itself.
        case first
        /// The driving lane will take the one that has been started.
        case kept
    }

    package func drive(_ advance: ([AttemptReport]) -> Pause) {
        withoutActuallyEscaping(advance) { advance in
            // Unsafe: nobody has it after this returns.
            nonisolated(unsafe) let advance = advance
            wheel.withLock { $0.advance = advance }
            var pause = turn { [] }
            while let deadline = pause {
                mail.wait(until: deadline)
                pause = turn(mail.takeAll)
            }
        }
    }

    /// A turn of the driving thread; gives until when to wait after it, and nil when the run is over.
    private func turn(_ reports: () -> [AttemptReport]) -> Int64? {
        wheel.withLock { wheel in
            // Before what follows from the end of their attempt.
            if let orphans = places.orphans, orphans.areThere { end(orphans) }
            switch wheel.turn(reports()) {
            case .until(let deadline):
                wheel.deadline = deadline
                wheel.waits = Self.monotonic(deadline)
                return wheel.waits
            case .over: return nil
            }
        }
    }

    /// A turn of a lane whose attempt has ended.
    func deliver(_ reports: [AttemptReport]) {
        // Only the driving thread can end them.
        if places.orphans?.mayBeThere == true { return mail.send(reports) }
        wheel.withLock { wheel in
            keeping.store(.first, ordering: .relaxed)
            // What other lanes have told before comes first.
            let pause = wheel.turn(mail.takeAll() + reports)
            keeping.store(.nothing, ordering: .relaxed)
            switch pause {
            case .until(let deadline):
                // The same one, converted again, differs by a microsecond.
                guard let deadline, deadline != wheel.deadline else { return }
                let waits = Self.monotonic(deadline)
                guard waits < wheel.waits else { return }
                (wheel.deadline, wheel.waits) = (deadline, waits)
            case .over: break
            }
            mail.wake()
        }
    }

    package func start(_ attempt: Attempt) {
        let isKept = keeping.compareExchange(
            expected: .first, desired: .kept, ordering: .relaxed
        ).exchanged
        jobs.send([attempt], waking: !isKept)
    }

    /// Lets another lane take the attempt that the driving one has kept for itself; called where it
    /// goes on to do something else first.
    func giveUpKept() {
        if keeping.compareExchange(expected: .kept, desired: .nothing, ordering: .relaxed).exchanged
        {
            jobs.wake()
        }
    }

    private static func monotonic(_ deadline: Timestamp?) -> Int64 {
        guard let deadline else { return .max }
        let clock = SystemClock()
        return clock.monotonic() + max(0, deadline.microseconds - clock.now().microseconds) * 1000
    }
}
