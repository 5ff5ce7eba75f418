internal import FlowGit
internal import FlowLearning
internal import FlowSystem

/// Tells how far long work is: nothing of what takes less than five seconds, then a line every five.
final class ProgressNotes: Sendable {
    private static let pause = Duration.seconds(5)
    private let say: @Sendable (String) -> Void
    private let last = PosixMutex(ContinuousClock.now)

    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }

    func report(_ progress: TransferProgress) {
        let tenths = progress.bytes / 100_000
        report(
            "\(progress.done) of \(progress.total) objects, "
                + "\(tenths / 10).\(tenths % 10) MB so far")
    }

    func report(_ progress: TrainingProgress) {
        report("\(progress.step.rawValue) \(progress.done) of \(progress.all)")
    }

    private func report(_ text: @autoclosure () -> String) {
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            guard now - last >= Self.pause else { return false }
            last = now
            return true
        }
        if isDue { say(text()) }
    }
}
