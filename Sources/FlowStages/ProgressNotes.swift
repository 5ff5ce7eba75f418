internal import FlowGit

/// Tells of long transfers: nothing of those that take less than five seconds, then a line every five.
final class ProgressNotes {
    private static let pause = Duration.seconds(5)
    private let note: (String) -> Void
    private var last = ContinuousClock.now

    init(_ note: @escaping (String) -> Void) { self.note = note }

    func report(_ progress: TransferProgress) {
        let now = ContinuousClock.now
        guard now - last >= Self.pause else { return }
        last = now
        let tenths = progress.bytes / 100_000
        note(
            "\(progress.done) of \(progress.total) objects, "
                + "\(tenths / 10).\(tenths % 10) MB so far")
    }
}
