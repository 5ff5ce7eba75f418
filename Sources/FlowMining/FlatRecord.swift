internal import FlowJSON
internal import FlowSystem

/// Reads one flat JSON object as a record, by the names that logging libraries give their fields.
enum FlatRecord {
    struct Problem: Error {
        let reason: String
    }

    static func read(
        _ value: JSON, _ source: ErrorRecord.Source, _ settings: ReadSettings
    ) -> Result<ErrorRecord, Problem> {
        guard case .object(let object) = value else {
            return .failure(Problem(reason: "not an object but \(value.typeName)"))
        }
        let reader = FieldReader(object: object)
        let time = reader.first(["time", "ts", "timestamp", "@timestamp", "date", "asctime"])
        let read = time.flatMap { self.time($0, settings.zone) }
        if let time, read == nil {
            return .failure(Problem(reason: "the time is none: \(time.text().prefix(60))"))
        }
        guard let record = record(reader, read, source, settings) else {
            return .failure(Problem(reason: "neither a message nor a type"))
        }
        return .success(record)
    }

    private static func record(
        _ reader: FieldReader, _ time: Timestamp?, _ source: ErrorRecord.Source,
        _ settings: ReadSettings
    ) -> ErrorRecord? {
        let exception = reader.exception
        let message = reader.text(["message", "msg", "log", "body"]) ?? ""
        let error = reader.text(["error", "err", "exception"]) ?? ""
        let stack =
            exception.stack.isEmpty
            ? lines(reader.first(["stack", "stacktrace", "stack_trace", "traceback", "exc_info"]))
            : exception.stack
        let type =
            reader.text(["type", "exception.type", "error.type", "exc_type"])
            ?? exception.type
        // an exception's own message says more than the sentence it was logged with
        var body =
            exception.message.isEmpty ? (message.isEmpty ? error : message) : exception.message
        if body.isEmpty, type.isEmpty, let last = stack.first { body = last }
        guard !body.isEmpty || !type.isEmpty else { return nil }
        let stamped = type.isEmpty ? self.stamped(body, settings) : nil
        let parsed = parse(body, type: type, stack: stack)
        var rest = parsed.stack
        if body != message, !message.isEmpty { rest.insert(message, at: 0) }
        var read = ErrorRecord(
            time: time,
            component: reader.text([
                "component", "logger", "service", "logger_name", "name", "service.name", "app",
            ]) ?? "",
            type: parsed.type, message: parsed.message, stack: rest,
            level: reader.level, release: reader.text(["release", "version", "service.version"]),
            host: reader.text(["host", "hostname", "host.name"]),
            count: max(1, reader.first(["count"])?.intValue ?? 1), source: source)
        read.whole = parsed.whole
        return stamped.map { merged($0, read) } ?? read
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

    private static func lines(_ value: JSON?) -> [String] {
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

    /// RFC 3339 and its like, or a number since 1970 in seconds, or their thousandths, millionths
    /// or thousand-millionths.
    private static func time(_ value: JSON, _ zone: ZoneOffset) -> Timestamp? {
        if let text = value.stringValue {
            if let time = Timestamp(text, offset: zone.seconds) { return time }
            guard let number = Double(text) else { return nil }
            return time(number)
        }
        return value.doubleValue.flatMap(time)
    }

    private static func time(_ number: Double) -> Timestamp? {
        let size = abs(number)
        let seconds =
            size < 1e11
            ? number : size < 1e14 ? number / 1e3 : size < 1e17 ? number / 1e6 : number / 1e9
        // the years 1 to 9999
        guard seconds > -62_135_596_801, seconds < 253_402_300_800 else { return nil }
        return Timestamp(microseconds: Int64((seconds * 1e6).rounded()))
    }
}

/// Looks fields up by several names, also below `exception`, `error`, `err` and `attributes`.
private struct FieldReader {
    let object: JSONObject

    /// The first of the fields that is there and not null.
    func first(_ names: [String]) -> JSON? {
        for name in names {
            if let value = object[name], !value.isNull { return value }
            if let value = object["attributes"]?[name], !value.isNull { return value }
        }
        return nil
    }

    /// The first of the fields that is text, or a number as text.
    func text(_ names: [String]) -> String? {
        for name in names {
            switch first([name]) {
            case .string(let text)? where !text.isEmpty: return text
            case .integer(let number)?: return String(number)
            default: continue
            }
        }
        return nil
    }

    var level: Level? {
        guard let value = first(["level", "severity", "levelname", "severity_text", "log.level"])
        else { return nil }
        if let text = value.stringValue {
            return Level(word: text) ?? Int(text).flatMap(Level.init(number:))
        }
        return value.intValue.flatMap(Level.init(number:))
    }

    /// An exception given as an object of its own or under dotted names.
    var exception: (type: String, message: String, stack: [String]) {
        for name in ["exception", "error", "err"] {
            guard let own = object[name]?.objectValue else { continue }
            let inner = FieldReader(object: own)
            let stack = inner.text(["stack", "stacktrace", "stack_trace", "traceback"]) ?? ""
            return (
                inner.text(["type", "name", "class", "kind"]) ?? "",
                inner.text(["message", "msg", "value"]) ?? "",
                stack.isEmpty ? [] : FlatRecord.lines(of: stack)
            )
        }
        let stack = text(["exception.stacktrace", "error.stack", "error.stack_trace"]) ?? ""
        return (
            "", text(["exception.message", "error.message"]) ?? "",
            stack.isEmpty ? [] : FlatRecord.lines(of: stack)
        )
    }
}
