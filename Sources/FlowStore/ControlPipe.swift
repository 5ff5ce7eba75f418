internal import FlowSystem

/// What wakes the owner of a run: the named pipe `control` in the run's folder.
///
/// A poke only says "look": what there is to see stands in the store, so that a lost or a needless
/// poke does no harm. Whoever opens it looks once afterwards, for what was asked before.
package final class ControlPipe: Sendable {
    private let pipe: NamedPipe

    /// - Parameter woken: called on a thread of its own, until the value goes away.
    package init(_ state: StateFolder, run: String, woken: @escaping @Sendable () -> Void)
        throws(StoreError)
    {
        do throws(SystemError) {
            try Files.makeFolder(state.folder(ofRun: run))
            pipe = try NamedPipe(Self.path(state, run), woken: woken)
        } catch {
            throw StoreError(error)
        }
    }

    /// Wakes the owner of a run; never waits, and does nothing where there is no owner.
    package static func poke(_ state: StateFolder, run: String) {
        NamedPipe.poke(path(state, run))
    }

    private static func path(_ state: StateFolder, _ run: String) -> String {
        Path.join(state.folder(ofRun: run), "control")
    }
}
