internal import FlowSystem

/// The mark of the flow that owns a run: a lock on an open file, which the kernel takes away when
/// the owner ends, however it ends.
package final class RunLock: Sendable {
    private let file: LockedFile

    /// Takes the lock of a run; nil when another flow has it.
    package init?(_ state: StateFolder, run: String) throws(StoreError) {
        do throws(SystemError) {
            let folder = state.folder(ofRun: run)
            try Files.makeFolder(folder)
            guard let file = try LockedFile(Path.join(folder, "lock")) else { return nil }
            self.file = file
        } catch {
            throw StoreError(error)
        }
    }

    /// Whether some flow owns the run now.
    package static func isHeld(_ state: StateFolder, run: String) -> Bool {
        LockedFile.isHeld(Path.join(state.folder(ofRun: run), "lock"))
    }
}
