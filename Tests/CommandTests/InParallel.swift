import FlowSystem
import Synchronization
import Testing

/// Does the work once on each of some threads, which may wait as they like, as a test's own may not.
/// - Parameter work: is given its thread's number.
func inParallel(
    _ count: Int = 2, _ location: SourceLocation = #_sourceLocation,
    _ work: @escaping @Sendable (Int) throws -> Void
) throws {
    let failures = Mutex<[String]>([])
    let threads = try (0..<count).map { worker in
        try Thread {
            do { try work(worker) } catch { failures.withLock { $0.append("\(error)") } }
        }
    }
    threads.forEach { $0.join() }
    #expect(failures.withLock { $0 } == [], sourceLocation: location)
}
