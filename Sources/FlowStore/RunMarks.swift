internal import FlowSystem

/// What tells the next flow that a run was killed and may have left something behind: a file for each
/// run that goes on, gone when the run has ended in order.
///
/// Files and not rows: looking for them costs one listing of a folder that is nearly always empty.
package struct RunMarks: Sendable {
    private let state: StateFolder
    private var folder: String { Path.join(state.path, "live") }

    package init(_ state: StateFolder) { self.state = state }

    /// Marks a run that begins or is taken up; whoever calls has its `RunLock`.
    /// - Parameter privateFolder: where its attempts keep what must not stay; nil: nowhere.
    package func begin(_ run: String, privateFolder: String?) throws(StoreError) {
        try attempt { () throws(SystemError) in
            try Files.write(Array((privateFolder ?? "").utf8), to: path(run), sync: false)
        }
    }

    /// Removes the mark and the private folder of a run that has ended.
    package func end(_ run: String) throws(StoreError) {
        try attempt { () throws(SystemError) in
            try removePrivateFolder(of: run)
            try Files.remove(path(run))
        }
    }

    /// Ends the processes that a killed owner of the run has left and removes its private folder;
    /// whoever calls has the run's `RunLock`.
    package func sweep(_ run: String) throws(StoreError) {
        try attempt { () throws(SystemError) in
            let lock = try sweeping()
            // Looked for without a mark too: the state may have been copied, or be an older flow's.
            try finish(run)
            withExtendedLifetime(lock) {}
        }
    }

    /// Does the same for every run whose owner is gone. Best effort: what cannot be ended now is tried
    /// again by the next flow.
    package func sweepAbandoned() {
        guard let runs = try? Files.list(folder) else { return }
        let abandoned = runs.filter { !$0.hasPrefix(".") && !RunLock.isHeld(state, run: $0) }
        guard !abandoned.isEmpty, let lock = try? sweeping() else { return }
        // Looked at again: whoever takes a run up waits for this lock before it starts anything.
        for run in abandoned where !RunLock.isHeld(state, run: run) { try? finish(run) }
        withExtendedLifetime(lock) {}
    }

    private func finish(_ run: String) throws(SystemError) {
        try ProcessSearch.end(where: "FLOW_RUN_ID", is: run)
        try removePrivateFolder(of: run)
        try Files.remove(path(run))
    }

    private func removePrivateFolder(of run: String) throws(SystemError) {
        guard let bytes = try? Files.read(path(run), limit: 1 << 16), !bytes.isEmpty else { return }
        try PrivateFolder.remove(String(decoding: bytes, as: UTF8.self), run)
    }

    private func path(_ run: String) -> String { Path.join(folder, run) }

    /// One flow sweeps at a time.
    private func sweeping() throws(SystemError) -> LockedFile {
        try Files.makeFolder(folder)
        for _ in 0..<1000 {
            if let lock = try LockedFile(Path.join(folder, ".sweep")) { return lock }
            Thread.pause(milliseconds: 10)
        }
        throw SystemError(
            code: .interrupted, doing: "end what an earlier flow had started",
            message: "another flow has been doing that for ten seconds")
    }

    private func attempt(_ body: () throws(SystemError) -> Void) throws(StoreError) {
        do throws(SystemError) { try body() } catch { throw StoreError(error) }
    }
}
