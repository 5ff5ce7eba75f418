internal import FlowSystem

/// The mark of the flow that owns a run: a lock on an open file, which the kernel takes away when
/// the owner ends, however it ends.
package final class RunLock: Sendable {
    private let file: LockedFile

    /// Others hold the lock of a dead run for a moment, to end what is left of it.
    private static let tries = 20

    /// Takes the lock of a run; nil when another flow has it.
    package init?(_ state: StateFolder, run: String) throws(StoreError) {
        do throws(SystemError) {
            try Files.makeFolder(state.folder(ofRun: run))
            var file = try LockedFile(state.lock(ofRun: run))
            for _ in 1..<Self.tries where file == nil {
                Thread.pause(milliseconds: 10)
                file = try LockedFile(state.lock(ofRun: run))
            }
            guard let file else { return nil }
            self.file = file
        } catch {
            throw StoreError(error)
        }
    }

    /// Whether some flow owns the run now.
    package static func isHeld(_ state: StateFolder, run: String) -> Bool {
        LockedFile.isHeld(state.lock(ofRun: run))
    }

    /// Waits until no flow owns the run.
    package static func wait(_ state: StateFolder, run: String) throws(StoreError) {
        do throws(SystemError) {
            try LockedFile.waitUntilFree(state.lock(ofRun: run))
        } catch {
            throw StoreError(error)
        }
    }
}
