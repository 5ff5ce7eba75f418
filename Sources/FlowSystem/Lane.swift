internal import CFlowSystem
internal import Glibc

/// Runs one process at a time on the thread that calls `run`: starts it in a process group of its
/// own, drains its output, watches for its end, its deadline and a cancel at once, and reaps it.
///
/// `run` blocks, so a lane has a thread of its own, which must live as long as the program: the
/// kernel ends a lane's process when the lane's thread ends.
package final class Lane: Sendable {
    /// Kept, and not only its descriptor: the guard ends with its last owner.
    private let processGuard: ProcessGuard?
    /// A pipe that a cancel writes to, so that the wait for the process ends.
    private let wake: (reading: Int32, writing: Int32)
    private let nothing: Int32
    private let isCancelled = PosixMutex(false)
    /// Where the guard finds the running process group.
    private nonisolated(unsafe) let place: UnsafeMutablePointer<flow_group>?
    /// For what the running process prints.
    // Unsafe: only the thread that calls `run` touches it.
    private nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer
    /// Nanoseconds in which most small commands end. Only after it is somebody told of the beginning,
    /// and the output looked at: a process closes its output a little before it is over, and whoever
    /// watches both is woken twice.
    private static let moment: Int64 = 5_000_000

    /// - Parameter processGuard: the run's guard; nil: nobody ends the group when flow is killed.
    /// - Throws: `SystemError` when the system has no descriptors left.
    package init(processGuard: ProcessGuard?) throws(SystemError) {
        self.processGuard = processGuard
        place = try processGuard?.place()
        buffer = .allocate(byteCount: 1 << 16, alignment: 16)
        var ends: [Int32] = [-1, -1]
        let unwatched = flow_watch_children()
        guard unwatched == 0 else { throw SystemError(errno: unwatched, doing: "open a lane") }
        let failure = flow_pipe(&ends, O_NONBLOCK)
        guard failure == 0 else { throw SystemError(errno: failure, doing: "open a lane") }
        wake = (ends[0], ends[1])
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard nothing >= 0 else { throw SystemError(errno: errno, doing: "open /dev/null") }
    }

    deinit {
        close(wake.reading)
        close(wake.writing)
        close(nothing)
        buffer.deallocate()
    }

    /// Asks the running process to end: TERM to its group, KILL after its grace. May be called from
    /// any thread; without a running process the next one is not started.
    package func cancel() {
        isCancelled.withLock { isCancelled in
            isCancelled = true
            var one: UInt8 = 1
            _ = Glibc.write(wake.writing, &one, 1)
        }
    }

    /// Forgets a cancel that came when nothing ran.
    package func rearm() {
        isCancelled.withLock { isCancelled in
            guard isCancelled else { return }
            isCancelled = false
            var bytes: UInt64 = 0
            while Glibc.read(wake.reading, &bytes, 8) > 0 {}
        }
    }

    /// Starts `command` and returns when it and its process group have ended.
    /// - Parameters:
    ///   - started: called with the process id before anything that it printed is handed on; of a
    ///     process that is over within a few milliseconds only when it is over, with true.
    ///   - output: called with what it printed, in pieces, standard error included.
    package func run(
        _ command: Command, started: (Int32, _ isOver: Bool) -> Void,
        output: (UnsafeRawBufferPointer) -> Void
    ) -> CommandResult {
        let begin = SystemClock().monotonic()
        if isCancelled.withLock({ $0 }) { return Self.cancelled(command) }
        do throws(SystemError) {
            let child = try Child(command, place: place, input: nothing)
            return supervise(child, command, since: begin, started: started, output: output)
        } catch {
            return CommandResult(end: .unstarted(error))
        }
    }

    private static func cancelled(_ command: Command) -> CommandResult {
        var result = CommandResult(
            end: .unstarted(
                SystemError(
                    code: .interrupted, doing: "start \(command.program)",
                    message: "it was cancelled before")))
        result.cancelled = true
        return result
    }

    private func supervise(
        _ child: borrowing Child, _ command: Command, since begin: Int64,
        started: (Int32, _ isOver: Bool) -> Void, output: (UnsafeRawBufferPointer) -> Void
    ) -> CommandResult {
        var ending = Ending(timeout: command.timeout.map { begin + $0.nanoseconds })
        var isOpen = true
        var announceAt: Int64? = begin + Self.moment
        func announce(isOver: Bool) {
            if announceAt != nil { started(child.pid, isOver) }
            announceAt = nil
        }
        while true {
            var watched = [
                pollfd(fd: child.handle, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ending.isAsked ? -1 : wake.reading, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: isOpen && announceAt == nil ? child.output : -1, events: Int16(POLLIN),
                    revents: 0),
            ]
            wait(&watched, until: [ending.next, announceAt].compactMap { $0 }.min())
            // Without something to read it tells that the last writer is gone.
            if watched[2].revents & Int16(POLLIN) != 0 {
                _ = child.drain(buffer, output)
            } else if watched[2].revents != 0 {
                isOpen = false
            }
            if watched[0].revents != 0 { break }
            if let due = announceAt, SystemClock().monotonic() >= due { announce(isOver: false) }
            if isCancelled.withLock({ $0 }) { ending.cancel() }
            if let signal = ending.signal(at: SystemClock().monotonic(), grace: command.grace) {
                child.signal(signal)
            }
        }
        // The group's leader is a zombie still, so its number cannot be another group's yet.
        child.signal(SIGKILL)
        flow_guard_tell(place, 0)
        if isOpen {
            child.drainRest(buffer) { bytes in
                announce(isOver: false)
                output(bytes)
            }
        }
        var result = child.reap()
        child.awaitGroup()
        announce(isOver: true)
        result.duration = .nanoseconds(SystemClock().monotonic() - begin)
        result.timedOut = ending.isTimedOut
        result.cancelled = ending.isCancelled
        return result
    }

    private func wait(_ watched: inout [pollfd], until deadline: Int64?) {
        var timeout: Int32 = -1
        if let deadline {
            let rest = max(0, deadline - SystemClock().monotonic())
            timeout = Int32(clamping: (rest + 999_999) / 1_000_000)
        }
        poll(&watched, nfds_t(watched.count), timeout)
    }
}

/// What flow does to end a process, and when: nothing, then TERM, then KILL.
private struct Ending {
    private enum Stage { case none, asked, terminated(killAt: Int64), killed }
    private var stage = Stage.none
    private let timeout: Int64?
    private(set) var isTimedOut = false
    private(set) var isCancelled = false

    init(timeout: Int64?) { self.timeout = timeout }

    var isAsked: Bool { if case .none = stage { false } else { true } }

    /// When there is something to do next.
    var next: Int64? {
        switch stage {
        case .none: timeout
        case .asked: 0
        case .terminated(let killAt): killAt
        case .killed: nil
        }
    }

    mutating func cancel() {
        guard case .none = stage else { return }
        isCancelled = true
        stage = .asked
    }

    mutating func signal(at now: Int64, grace: Duration) -> Int32? {
        if case .none = stage, let timeout, now >= timeout {
            isTimedOut = true
            stage = .asked
        }
        switch stage {
        case .asked:
            stage = .terminated(killAt: now + grace.nanoseconds)
            return SIGTERM
        case .terminated(let killAt) where now >= killAt:
            stage = .killed
            return SIGKILL
        default: return nil
        }
    }
}

/// A started process and the descriptors that watch it.
private struct Child: ~Copyable {
    let pid: Int32
    let handle: Int32
    let output: Int32

    init(_ command: Command, place: UnsafeMutablePointer<flow_group>?, input: Int32)
        throws(SystemError)
    {
        let doing = "start \(command.program)"
        let arguments = CStrings(command.arguments)
        guard arguments.areWhole, command.environment.areWhole else {
            throw SystemError(
                code: .other(EINVAL), doing: doing,
                message: "an argument or a variable holds a NUL byte, which no program can be given"
            )
        }
        var ends: [Int32] = [0, 0]
        let unopened = flow_pipe(&ends, 0)
        guard unopened == 0 else { throw SystemError(errno: unopened, doing: doing) }
        // Not for the command, whose end is another: it may read from the pipe as well, and what was
        // there a moment ago be gone.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var pid: Int32 = 0
        var handle: Int32 = -1
        var inFolder: Int32 = 0
        let failure = arguments.lent { arguments in
            command.environment.lent { environment in
                command.program.withCString { program in
                    command.folder.withCString { folder in
                        var what = flow_spawn(
                            program: program, arguments: arguments, environment: environment,
                            folder: folder, input: input, output: ends[1], guard: place)
                        return flow_spawn(&what, &pid, &handle, &inFolder)
                    }
                }
            }
        }
        close(ends[1])
        guard failure == 0 else {
            close(ends[0])
            throw inFolder != 0
                ? SystemError(errno: failure, doing: doing + " in the folder \(command.folder)")
                : Self.explained(SystemError(errno: failure, doing: doing), command)
        }
        self.pid = pid
        self.handle = handle
        self.output = ends[0]
    }

    deinit {
        close(handle)
        close(output)
    }

    /// The kernel's word on why a program does not start, with the way to mend it.
    private static func explained(_ error: SystemError, _ command: Command) -> SystemError {
        let program = command.program
        let path = program.hasPrefix("/") ? program : Path.join(command.folder, program)
        let message: String
        switch error.code {
        case .permission
        where Files.kind(path, following: true) == .file && !Files.isExecutable(path):
            message = "\(error.message); chmod +x \(program) makes it a program"
        case .notFound
        where (try? Files.read(path, limit: 1 << 20))?.starts(with: "#!".utf8) == true:
            message = "the interpreter that its first line names (#!) is not there"
        default: return error
        }
        return SystemError(code: error.code, doing: error.doing, message: message)
    }

    func signal(_ number: Int32) { kill(-pid, number) }

    /// Hands on a piece of what is in the pipe.
    /// - Returns: its bytes; 0 where there is nothing.
    func drain(
        _ buffer: UnsafeMutableRawBufferPointer, _ sink: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        while true {
            let got = Glibc.read(output, buffer.baseAddress, buffer.count)
            if got > 0 { sink(UnsafeRawBufferPointer(rebasing: buffer[..<got])) }
            if got >= 0 || errno != EINTR { return max(0, got) }
        }
    }

    /// Hands on what the ended process has left in the pipe, and no more: somebody who escaped from
    /// the group may go on writing.
    func drainRest(
        _ buffer: UnsafeMutableRawBufferPointer, _ sink: (UnsafeRawBufferPointer) -> Void
    ) {
        var rest: Int32 = 0
        guard ioctl(output, UInt(FIONREAD), &rest) == 0 else { return }
        while rest > 0 {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, Int(rest))])
            let got = drain(piece, sink)
            if got == 0 { return }
            rest -= Int32(got)
        }
    }

    /// Waits, though not for long, until the killed members of the group are gone: a signal does not
    /// wait for its effect, and the next attempt must not meet them. Zombies that nobody collects
    /// (a container without an init) and processes stuck in the kernel are left to themselves.
    func awaitGroup() {
        var tries = 0
        while tries < 100, flow_group_lives(pid) != 0 {
            usleep(tries < 10 ? 100 : 1_000)
            tries += 1
        }
    }

    /// Collects the ended process.
    func reap() -> CommandResult {
        var status: Int32 = 0
        var usage = rusage()
        let collected = flow_reap(pid, &status, &usage)
        guard collected == 1 else {
            return CommandResult(
                end: .unstarted(
                    SystemError(
                        errno: collected == 0 ? EAGAIN : -collected,
                        doing: "learn how the process \(pid) ended")))
        }
        let signal = status & 0x7F
        let cpu =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
            + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return CommandResult(
            end: signal == 0 ? .exit(Int(status >> 8 & 0xFF)) : .signal(Int(signal)),
            cpu: .microseconds(cpu), maxRSS: usage.ru_maxrss)
    }
}
