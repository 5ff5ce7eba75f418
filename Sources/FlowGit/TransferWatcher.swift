internal import CGit2

/// Hears libgit2's progress of a transfer for the time of one call.
final class TransferWatcher {
    private let progress: ((TransferProgress) -> Void)?

    init(_ progress: ((TransferProgress) -> Void)?) { self.progress = progress }

    /// Runs a call with `callbacks` that report to this watcher.
    func lend<Result>(
        to callbacks: git_remote_callbacks, _ body: (git_remote_callbacks) -> Result
    ) -> Result {
        var callbacks = callbacks
        // The watcher outlives the call, which is the only one that uses the pointer.
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.transfer_progress = { statistics, payload in
            guard let statistics = statistics?.pointee, let payload else { return 0 }
            Unmanaged<TransferWatcher>.fromOpaque(payload).takeUnretainedValue().progress?(
                TransferProgress(
                    received: Int(statistics.received_objects),
                    total: Int(statistics.total_objects), bytes: statistics.received_bytes))
            return 0
        }
        return withExtendedLifetime(self) { body(callbacks) }
    }
}
