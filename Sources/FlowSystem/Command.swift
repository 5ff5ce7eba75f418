/// A process to start, complete: nothing is taken from flow's own environment.
package struct Command: Sendable, Hashable {
    /// Path of the executable.
    package var program: String
    /// With the program's own name first.
    package var arguments: [String]
    /// `NAME=value` each.
    package var environment: CStrings
    /// Working folder.
    package var folder: String
    /// TERM is sent when it has run this long; nil: never.
    package var timeout: Duration?
    /// From TERM to KILL.
    package var grace: Duration

    package init(
        program: String, arguments: [String], environment: CStrings, folder: String,
        timeout: Duration? = nil, grace: Duration = .seconds(10)
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.timeout = timeout
        self.grace = grace
    }

    /// The executable that a name without a slash means, looked up in `path` as a shell does; a name
    /// with a slash is itself. Nil: there is none.
    package static func find(_ name: String, path: String) -> String? {
        if name.contains("/") { return name }
        return path.split(separator: ":", omittingEmptySubsequences: false).lazy
            .map { Path.join($0.isEmpty ? "." : String($0), name) }
            .first(where: Files.isExecutable)
    }
}

/// How a process ended.
package struct CommandResult: Sendable, Hashable {
    package enum End: Sendable, Hashable {
        case exit(Int)
        case signal(Int)
        /// It could not be started.
        case unstarted(SystemError)
    }

    package var end: End
    /// Whether flow ended it because its time was up.
    package var timedOut = false
    /// Whether flow ended it because somebody asked for that.
    package var cancelled = false
    package var duration: Duration
    /// User and system time of the process and of the children it waited for.
    package var cpu: Duration
    /// The largest resident set of the process or one of its children, in KiB.
    package var maxRSS: Int

    package init(end: End, duration: Duration = .zero, cpu: Duration = .zero, maxRSS: Int = 0) {
        self.end = end
        self.duration = duration
        self.cpu = cpu
        self.maxRSS = maxRSS
    }

    package var succeeded: Bool { end == .exit(0) && !timedOut && !cancelled }
}

extension Duration {
    /// Milliseconds, rounded down.
    package var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    /// Nanoseconds, rounded down.
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
