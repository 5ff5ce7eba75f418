internal import CFlowSystem
internal import Glibc

/// The signals that ask flow to stop, as values on a thread instead of handlers.
package enum Signals {
    /// What Ctrl-C sends.
    package static let interrupt: Int32 = SIGINT

    /// Blocks INT, TERM and HUP, as far as they are not ignored, in this thread and all it starts
    /// later, and calls `received` on a thread of its own for each that comes. Call it before other threads start.
    /// - Throws: `SystemError` when no thread can be started.
    package static func watch(_ received: @escaping @Sendable (Int32) -> Void) throws(SystemError) {
        block()
        try Thread {
            var set = stopping
            while true {
                var number: Int32 = 0
                if sigwait(&set, &number) == 0 { received(number) }
            }
        }.detach()
    }

    /// Blocks the stopping signals in this thread and all it starts later.
    package static func block() {
        var set = stopping
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Ends this process as the signal would have done, had nobody watched for it.
    package static func end(by number: Int32) {
        signal(number, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        kill(getpid(), number)
    }

    /// Ends this process as `end(by:)` does, and removes before that the files that it has open and
    /// whose names begin with `prefix`; `makers` are the threads that may make more of them, as
    /// `pthread_self` names them.
    package static func end(
        by number: Int32, removing prefix: StaticString, of makers: [UInt]
    ) {
        makers.withUnsafeBufferPointer { makers in
            UnsafeRawPointer(prefix.utf8Start).withMemoryRebound(
                to: CChar.self, capacity: prefix.utf8CodeUnitCount + 1
            ) { flow_remove_open($0, makers.baseAddress, Int32(makers.count)) }
            // One of them may hold the lock of the memory.
            end(by: number)
        }
    }

    /// Makes writing to a pipe that nobody reads any more an error instead of this program's end;
    /// what it starts is not affected.
    package static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

    private static var stopping: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        // What flow was started to ignore stays ignored: `nohup`, a background job of a script.
        for number in [SIGINT, SIGTERM, SIGHUP] where flow_is_ignored(number) == 0 {
            sigaddset(&set, number)
        }
        return set
    }
}
