package import FlowJSON
internal import FlowSystem
internal import Glibc
internal import Synchronization

/// A program that a test starts, with an environment of its own, to see what it prints and how it
/// ends.
package struct TestProgram: Sendable {
    /// A name that is looked for in the test's `PATH`, or a path.
    package let program: String
    /// Working folder.
    package var folder: String
    /// Words that stand before all others.
    package var prefix: [String] = []
    /// `NAME: value`; nothing is taken from the test's own environment.
    package var environment: [String: String]

    /// - Parameter folder: also the `HOME` unless the environment says otherwise, so that no
    ///   person's settings are read.
    package init(
        _ program: String, in folder: String, prefix: [String] = [],
        environment: [String: String] = [:]
    ) {
        self.program = program
        self.folder = folder
        self.prefix = prefix
        let plain = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
            "TZ": "UTC", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_EDITOR": "true",
        ]
        self.environment = plain.merging(environment) { _, own in own }
    }

    /// The same program in another folder.
    package func at(_ folder: String) -> TestProgram {
        var other = self
        other.folder = folder
        return other
    }

    /// Runs the program to its end; an exit other than 0 is a result, not an error.
    @discardableResult
    package func callAsFunction(_ words: String..., input: String = "") throws -> TestResult {
        try run(words, input: input)
    }

    /// Runs the program to its end.
    /// - Parameters:
    ///   - input: what it reads from standard input.
    ///   - delay: milliseconds after its first line at which it is sent `signal`, if it still runs.
    ///   - kill: called with each line of its standard output; true sends it `signal`.
    package func run(
        _ words: [String], input: String = "", signal: Int32 = SIGKILL, after delay: Int? = nil,
        killedAfter kill: ((String) -> Bool)? = nil
    ) throws -> TestResult {
        let started = try Self.starting.withLock { _ in try start(prefix + words, input) }
        defer {
            close(started.output)
            close(started.errors)
        }
        var reader = TestReader(output: started.output, errors: started.errors)
        let deadly = { _ = Glibc.kill(started.child, signal) }
        reader.readAll(delay, deadly) { line in
            if kill?(line) == true { deadly() }
        }
        var status: Int32 = 0
        while waitpid(started.child, &status, 0) < 0, errno == EINTR {}
        let ending = status & 0x7F
        return TestResult(
            words: [Path.name(program)] + prefix + words,
            exit: ending == 0 ? status >> 8 & 0xFF : nil, outputBytes: reader.bytes[0],
            errorBytes: reader.bytes[1])
    }

    /// One at a time: between the making of a pipe and its mark "not for children" no other child of
    /// this process may start, or it would hold the pipe open.
    private static let starting = Mutex(())

    private func start(_ words: [String], _ input: String) throws -> StartedProgram {
        let given = try Descriptors.file(holding: input)
        defer { close(given) }
        let output = try Descriptors.pipe()
        defer { close(output.writing) }
        let errors = try Descriptors.pipe()
        defer { close(errors.writing) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (place, file) in [given, output.writing, errors.writing].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(place))
        }
        var attributes = try SpawnAttributes.withPlainSignals()
        defer { posix_spawnattr_destroy(&attributes) }
        // `env` enters the folder and becomes the program, so the process is the program's own.
        let all = (["/usr/bin/env", "-C", folder, program] + words).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in all + variables { free(text) } }
        var child: pid_t = 0
        let failure = posix_spawn(
            &child, "/usr/bin/env", &actions, &attributes, all + [nil], variables + [nil])
        guard failure == 0 else { throw SystemError(errno: failure, doing: "start \(program)") }
        return StartedProgram(child: child, output: output.reading, errors: errors.reading)
    }
}

private struct StartedProgram {
    let child: pid_t
    /// Reading ends of its pipes.
    let output: Int32
    let errors: Int32
}

/// How a program ended, and what it printed.
package struct TestResult: Sendable, CustomStringConvertible {
    package let words: [String]
    /// Nil: a signal ended it.
    package let exit: Int32?
    package let outputBytes: [UInt8]
    package let errorBytes: [UInt8]

    /// Standard output.
    package var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// Standard error.
    package var errors: String { String(decoding: errorBytes, as: UTF8.self) }
    /// The lines of standard output, split at LF alone.
    package var lines: [String] {
        var lines = output.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
    /// Standard output without the newline at its end.
    package var text: String { lines.joined(separator: "\n") }
    /// Standard output as one JSON value.
    package var json: JSON { get throws { try JSON.read(outputBytes) } }
    /// Standard output as one JSON value a line.
    package var jsonLines: [JSON] { get throws { try JSONLines.read(outputBytes) } }

    package var description: String {
        let end = exit.map { "exit \($0)" } ?? "ended by a signal"
        return "\(words.joined(separator: " ")): \(end)\n\(output)\n\(errors)"
    }

    /// The result itself where the program succeeded.
    /// - Throws: what it printed, where it did not.
    @discardableResult
    package func checked() throws -> TestResult {
        guard exit == 0 else { throw Unexpected(description: description) }
        return self
    }

    /// A program that ended as a test did not expect.
    package struct Unexpected: Error, CustomStringConvertible {
        package let description: String
    }
}

/// The programs of this package, as built beside the tests.
package enum BuiltPrograms {
    /// The folder of the running test bundle, in which the build puts everything.
    package static let folder: String = {
        let bundle = (try? Files.real("/proc/self/exe")).map(Path.folder) ?? "."
        if Files.isExecutable(Path.join(bundle, "flow")) { return bundle }
        return Path.join(checkout, ".build/debug")
    }()

    package static var flow: String { Path.join(folder, "flow") }

    /// The root of the package's sources.
    package static let checkout = Path.folder(Path.folder(Path.folder(#filePath)))
}

/// How a child begins.
private enum SpawnAttributes {
    /// No signal blocked and none ignored: the threads that run tests block nearly all, and a test that
    /// runs in the background of a shell, or under nohup, ignores some.
    static func withPlainSignals() throws -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        let failure = posix_spawnattr_init(&attributes)
        guard failure == 0 else { throw SystemError(errno: failure, doing: "prepare a child") }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags)
        return attributes
    }
}

/// Files that children do not inherit.
private enum Descriptors {
    static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw SystemError(errno: errno, doing: "make a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// A file without a name that holds the text, at its start.
    static func file(holding text: String) throws -> Int32 {
        var template = Array("/tmp/flow-input-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw SystemError(errno: errno, doing: "make an input") }
        unlink(template)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else {
            throw SystemError(errno: errno, doing: "write an input")
        }
        lseek(file, 0, SEEK_SET)
        return file
    }
}

/// Reads two pipes until both have ended.
private struct TestReader {
    private let files: [Int32]
    private(set) var bytes: [[UInt8]] = [[], []]
    private var lineStart = 0

    init(output: Int32, errors: Int32) { files = [output, errors] }

    /// - Parameters:
    ///   - delay: milliseconds from the first line to the call of `late`.
    ///   - late: called once if not all has ended by then.
    mutating func readAll(_ delay: Int?, _ late: () -> Void, _ line: (String) -> Void) {
        var deadline: Int64?
        var open = [true, true]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while open[0] || open[1] {
            var watched = files.indices.map { place in
                pollfd(fd: open[place] ? files[place] : -1, events: Int16(POLLIN), revents: 0)
            }
            let rest = deadline.map { max(0, $0 - SystemClock().monotonic()) }
            let wait = rest.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
            let got = poll(&watched, nfds_t(watched.count), wait)
            if got == 0 {
                deadline = nil
                late()
            }
            for place in files.indices where watched[place].revents != 0 {
                let got = read(files[place], &buffer, buffer.count)
                if got > 0 {
                    bytes[place] += buffer[..<got]
                    let isFirst = place == 0 && lineStart == 0
                    if place == 0 { tell(line) }
                    if isFirst, lineStart > 0, let delay {
                        deadline = SystemClock().monotonic() + Int64(delay) * 1_000_000
                    }
                } else if got == 0 || errno != EINTR {
                    open[place] = false
                }
            }
        }
    }

    private mutating func tell(_ line: (String) -> Void) {
        while let end = bytes[0][lineStart...].firstIndex(of: 0x0A) {
            line(String(decoding: bytes[0][lineStart..<end], as: UTF8.self))
            lineStart = end + 1
        }
    }
}
