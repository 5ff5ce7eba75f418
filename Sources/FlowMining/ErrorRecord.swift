package import FlowJSON
package import FlowSystem

/// What a reader makes of one record of a log, whatever the log looked like.
package struct ErrorRecord: Sendable, Hashable {
    /// Where a record began.
    package struct Source: Sendable, Hashable {
        package var file: String
        /// Bytes from the start of the file.
        package var offset: Int
        /// From 1; counted from where reading began.
        package var line: Int

        package init(file: String, offset: Int, line: Int) {
            self.file = file
            self.offset = offset
            self.line = line
        }
    }

    /// When it happened; nil where the record does not say.
    package var time: Timestamp?
    /// The logger, service or program; empty where nothing names one.
    package var component: String
    /// The class of the exception; empty for an error that has none.
    package var type: String
    /// One line, without the type and without blanks at its ends.
    package var message: String
    /// The lines that came with the message: frames, details, hints; as they were, but for the end.
    package var stack: [String]
    /// The frames of a source that gives them as such (Sentry); else they stand in `stack`.
    var givenFrames: [StackFrame] = []
    /// The message with all its lines, where it has several and is no traceback; else nil.
    package var whole: String?
    /// nil where the record does not say.
    package var level: Level?
    package var release: String?
    package var host: String?
    /// How many times it happened; 1 unless the record says more.
    package var count: Int
    package var source: Source

    package init(
        time: Timestamp?, component: String, type: String, message: String, stack: [String] = [],
        level: Level? = nil, release: String? = nil, host: String? = nil, count: Int = 1,
        source: Source = Source(file: "", offset: 0, line: 0)
    ) {
        self.time = time
        self.component = component
        self.type = ExceptionText.trimmed(type)
        self.message = ExceptionText.trimmed(message)
        self.stack = stack
        self.level = level
        self.release = release
        self.host = host
        self.count = count
        self.source = source
    }

    /// The record of what one failing program wrote: its traceback, or the line that names the
    /// error, with all other lines as its stack.
    package init(
        text: String, time: Timestamp?, component: String, level: Level? = nil,
        source: Source = Source(file: "", offset: 0, line: 0)
    ) {
        let exception = ExceptionText(FlatRecord.lines(of: text), head: false)
        self.init(
            time: time, component: component, type: exception.type, message: exception.message,
            stack: exception.stack, level: level, source: source)
        whole = exception.whole
    }

    /// `type: message`, what people read and what a skill's `message_regex` is matched against.
    package var headline: String {
        if type.isEmpty { return message }
        return message.isEmpty ? type : "\(type): \(message)"
    }

    /// What people see as an example: the headline, or the message with all its lines.
    package var example: String { whole ?? headline }

    /// Whether the record is an error: its level says so, or it names no level at all.
    package func isError(from least: Level = .error) -> Bool { (level ?? .critical) >= least }

    /// The record as `design/formats.md` writes it; unknown things are null.
    package var json: JSON {
        [
            "time": time.map { .string($0.description) } ?? .null,
            "component": .string(component),
            "type": .string(type),
            "message": .string(message),
            "stack": .array(stack.map { .string($0) }),
            "level": level.map { .string($0.description) } ?? .null,
            "release": release.map { .string($0) } ?? .null,
            "host": host.map { .string($0) } ?? .null,
            "count": .integer(count),
            "source": ["file": .string(source.file), "offset": .integer(source.offset)],
        ]
    }
}
