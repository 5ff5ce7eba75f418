internal import FlowJSON
internal import FlowSystem

/// Reads one flat JSON object as a record, by the names that logging libraries give their fields.
enum FlatRecord {
    struct Problem: Error {
        let reason: String
    }

    /// The records of one JSON value: an object is one, or an OTLP document of many; an array may
    /// hold several.
    static func read(
        _ value: JSON, _ source: ErrorRecord.Source, _ settings: ReadSettings
    ) -> [Result<ErrorRecord, Problem>] {
        switch value {
        case .array(let values):
            return values.isEmpty
                ? [.failure(Problem(reason: "the array is empty"))]
                : values.map { one($0, source, settings) }
        case .object(let object):
            guard let records = OTelLog.records(object) else { break }
            return records.isEmpty
                ? [.failure(Problem(reason: "the document holds no log record"))]
                : records.map { one(.object($0), source, settings) }
        default: break
        }
        return [one(value, source, settings)]
    }

    private static func one(
        _ value: JSON, _ source: ErrorRecord.Source, _ settings: ReadSettings
    ) -> Result<ErrorRecord, Problem> {
        guard case .object(let object) = value else {
            return .failure(Problem(reason: "not an object but \(value.typeName)"))
        }
        let fields = RecordFields(object)
        let time = fields.first(Names.time)
        let read = time.flatMap { LogTime.read($0, settings) }
        if let time, read == nil {
            return .failure(Problem(reason: "the time is none: \(time.text().prefix(60))"))
        }
        let event = SentryEvent(object)
        let record =
            event == nil
            ? record(fields, read, source, settings)
            : event?.record(source)
        guard var record else { return .failure(Problem(reason: "neither a message nor a type")) }
        if event != nil { record.time = read }
        return .success(record)
    }

    private static func record(
        _ fields: RecordFields, _ time: Timestamp?, _ source: ErrorRecord.Source,
        _ settings: ReadSettings
    ) -> ErrorRecord? {
        let exception = fields.exception
        let message = message(fields)
        let stack =
            exception.stack.isEmpty
            ? lines(fields.first(Names.stack)) : exception.stack
        let type =
            fields.text(Names.type) ?? exception.type
        // an exception's own message says more than the sentence it was logged with
        var body = exception.message.isEmpty ? message : exception.message
        if body.isEmpty, type.isEmpty, let last = stack.first { body = last }
        guard !body.isEmpty || !type.isEmpty else { return nil }
        let stamped = type.isEmpty ? self.stamped(body, settings) : nil
        let parsed = parse(body, type: type, stack: stack)
        var rest = parsed.stack
        if body != message, !message.isEmpty { rest.insert(message, at: 0) }
        rest += PostgresLog.details(fields)
        let most = 1_000_000_000
        var read = ErrorRecord(
            time: time, component: component(fields),
            type: parsed.type, message: parsed.message, stack: rest,
            level: fields.level,
            release: fields.text(Names.release),
            host: fields.text(Names.host),
            count: min(most, max(1, fields.first(Names.count)?.intValue ?? 1)), source: source)
        read.whole = parsed.whole
        return stamped.map { merged($0, read) } ?? read
    }

    /// The sentence of the record; where libraries for Go put the error beside it, both.
    private static func message(_ fields: RecordFields) -> String {
        let message =
            fields.text(Names.message) ?? body(fields) ?? ""
        guard let error = fields.text(Names.error) else {
            return message.isEmpty ? fields.text(Names.exception) ?? "" : message
        }
        if message.isEmpty || error.contains(message) { return error }
        return message.contains(error) ? message : message + ": " + error
    }

    /// The body of a log record of OpenTelemetry: text, or a value of any kind.
    private static func body(_ fields: RecordFields) -> String? {
        guard let value = fields.first(Names.body).map(OTelLog.plain) else { return nil }
        if let object = value.objectValue {
            return RecordFields(object).text(["message", "msg", "event"])
                ?? JSON.object(object).text()
        }
        return value.stringValue ?? value.text()
    }

    private static func component(_ fields: RecordFields) -> String {
        fields.text(Names.component) ?? (PostgresLog.isRow(fields) ? "postgresql" : "")
    }

    /// The record in a message that is a stamped record of its own, as a program wrote it to its
    /// log before a collector put it into an object; nil for any other message.
    private static func stamped(_ body: String, _ settings: ReadSettings) -> ErrorRecord? {
        let bytes = Array(body.utf8)
        guard Stamp(bytes[...], zone: settings.zone, reference: settings.reference) != nil else {
            return nil
        }
        var reader = LogReader(file: "", format: .log, settings: settings)
        var inner: [ErrorRecord] = []
        reader.read(bytes) { inner.append($0) }
        reader.finish { inner.append($0) }
        return inner.count == 1 ? inner.first : nil
    }

    /// The inner record with what the object around it says.
    private static func merged(_ inner: ErrorRecord, _ outer: ErrorRecord) -> ErrorRecord {
        var result = inner
        result.time = outer.time ?? inner.time
        if !outer.component.isEmpty { result.component = outer.component }
        result.level = outer.level ?? inner.level
        result.host = outer.host ?? inner.host
        result.release = outer.release
        result.count = outer.count
        result.source = outer.source
        return result
    }

    /// Type, message and the other lines of a message that may be a whole traceback.
    private static func parse(_ body: String, type: String, stack: [String]) -> ExceptionText {
        // beside a type of its own the first line is the message
        let trimmed = ExceptionText.trimmed(body)
        var text = ExceptionText(lines(of: trimmed), head: !type.isEmpty)
        if text.type.isEmpty, type.isEmpty, !stack.isEmpty {
            // the type may stand in the stack only
            let whole = ExceptionText(stack, head: true)
            if !whole.type.isEmpty {
                text.type = whole.type
                if !whole.message.isEmpty { text.message = whole.message }
            }
        }
        if !type.isEmpty {
            // `KeyError: 'x'` beside the type `KeyError` says it twice
            let own = text.type.isEmpty || type == text.type || type.hasSuffix("." + text.type)
            if !own { text.message = text.type + ": " + text.message }
            text.type = ExceptionText.trimmed(lines(of: type).first ?? "")
            if own, let whole = text.whole, !whole.hasPrefix(text.type) {
                text.whole = text.type + ": " + whole
            }
        }
        text.stack += stack
        return text
    }

    /// The lines of a text, or of an array of them; none for anything else.
    static func lines(_ value: JSON?) -> [String] {
        switch value {
        case .string(let text): lines(of: text)
        case .array(let elements): elements.prefix(400).map { $0.stringValue ?? $0.text() }
        default: []
        }
    }

    static func lines(of text: String) -> [String] {
        var result = text.utf8.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        )
        .map { line in
            String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
        if result.count > 400 { result.removeSubrange(200..<(result.count - 200)) }
        return result
    }
}

extension FlatRecord {
    /// The names that logging libraries give the fields of a record; the first that is there counts.
    fileprivate enum Names {
        static let time: [RecordFields.Name] = [
            "time", "ts", "timestamp", "@timestamp", "date", "asctime", "timeUnixNano",
            "time_unix_nano", "Timestamp", "observedTimeUnixNano", "dateCreated",
        ]
        static let component: [RecordFields.Name] = [
            "component", "logger", "service", "logger_name", "name", "log.logger", "service.name",
            "app", "scope.name", "instrumentation_scope.name",
        ]
        static let message: [RecordFields.Name] = [
            "message", "msg", "log", "event", "textPayload",
        ]
        static let body: [RecordFields.Name] = ["body", "Body"]
        static let type: [RecordFields.Name] = [
            "type", "exception.type", "error.type", "exc_type",
        ]
        static let error: [RecordFields.Name] = ["error", "err"]
        static let exception: [RecordFields.Name] = ["exception"]
        static let stack: [RecordFields.Name] = [
            "stack", "stacktrace", "stack_trace", "traceback", "exc_info", "exception",
        ]
        static let release: [RecordFields.Name] = ["release", "version", "service.version"]
        static let host: [RecordFields.Name] = ["host", "hostname", "host.name", "host.hostname"]
        static let count: [RecordFields.Name] = ["count"]
    }
}
