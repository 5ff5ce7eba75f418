internal import CFlowSystem
internal import Glibc

/// A thread of the operating system, for work that blocks. No signal interrupts it but those of its
/// own mistakes.
package struct Thread: Sendable {
    private final class Body: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    private let handle: pthread_t

    /// Starts a thread that does `work` and ends.
    /// - Throws: `SystemError` when the system has no thread left to give.
    package init(_ work: @escaping @Sendable () -> Void) throws(SystemError) {
        let body = Unmanaged.passRetained(Body(work))
        var made = pthread_t()
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        for mistake in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS] {
            sigdelset(&all, mistake)
        }
        // It begins with the mask of the one that makes it.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let failure = pthread_create(
            &made, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, body.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard failure == 0 else {
            body.release()
            throw SystemError(errno: failure, doing: "start a thread")
        }
        handle = made
    }

    /// Waits until the thread has ended. Call it once, or `detach`.
    package func join() { pthread_join(handle, nil) }

    /// Lets the thread end by itself; nobody waits for it.
    package func detach() { pthread_detach(handle) }

    /// Lets the calling thread rest.
    package static func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}
