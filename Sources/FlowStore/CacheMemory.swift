internal import FlowSystem

/// The part of `cache.db` that one run asks for, which can be read before the run is there.
package final class CacheMemory: Sendable {
    let index: PosixMutex<CacheIndex>

    /// Opens the cache's file, or makes it. A damaged one begins anew; one that cannot be used, or that
    /// a newer flow has written, knows and keeps nothing.
    package init(_ file: String) { index = PosixMutex(CacheIndex(path: file)) }

    /// Begins to take a workflow's last times into memory; whoever asks for them waits for the end.
    package func prepare(_ workflow: String) {
        // Where there is no thread, the first look does it.
        try? Thread { [self] in index.withLock { $0.load(workflow) } }.detach()
    }
}
