internal import FlowJSON
internal import FlowSystem

/// An event as Sentry's SDKs send it and as its web interface exports it.
///
/// The shape: https://develop.sentry.dev/sdk/data-model/event-payloads/. Of chained exceptions the
/// last is the one that was raised last; frames come with the innermost call last.
struct SentryEvent {
    private let event: JSONObject
    private let exceptions: [JSON]

    private static let mostFrames = 100

    /// nil for an object that is no event.
    init?(_ object: JSONObject) {
        event = object
        let entry = object["entries"]?.arrayValue?.first { $0["type"]?.stringValue == "exception" }
        let exception = entry?["data"] ?? object["exception"]
        exceptions = (exception?["values"] ?? exception)?.arrayValue ?? []
        let isEvent =
            object["event_id"] != nil || object["eventID"] != nil
            || exception?["values"]?.arrayValue != nil
        let hasText =
            object["logentry"] != nil || object["message"]?.objectValue != nil
            || object["platform"] != nil
        guard isEvent, !exceptions.isEmpty || hasText else { return nil }
    }

    /// The record without its time; nil for an event that says nothing, such as a transaction.
    func record(_ source: ErrorRecord.Source) -> ErrorRecord? {
        let fields = RecordFields(event)
        let main = exceptions.last?.objectValue ?? [:]
        let type = main["type"]?.stringValue ?? ""
        let text = main["value"]?.stringValue ?? message ?? ""
        guard !type.isEmpty || !text.isEmpty else { return nil }
        let frames = Self.frames(main)
        var stack = FlatRecord.lines(of: text).dropFirst().map { $0 }
        stack += frames.map(\.text)
        for cause in exceptions.dropLast().reversed() {
            guard let cause = cause.objectValue else { continue }
            let words = [cause["type"], cause["value"]].compactMap { $0?.stringValue }
            stack.append("caused by " + words.joined(separator: ": "))
            stack += Self.frames(cause).map(\.text)
        }
        if let message, message != text, !exceptions.isEmpty { stack.insert(message, at: 0) }
        var record = ErrorRecord(
            time: nil,
            component: fields.text(["logger", "transaction", "culprit"])
                ?? main["module"]?.stringValue ?? "",
            type: type, message: FlatRecord.lines(of: text).first ?? "",
            stack: Array(stack.prefix(400)), level: fields.level ?? .error,
            release: fields.text(["release", "release.version"]),
            host: fields.text(["server_name"]) ?? tag("server_name"), source: source)
        record.givenFrames = frames
        return record
    }

    private var message: String? {
        for value in [event["logentry"], event["message"]] {
            if let text = value?.stringValue, !text.isEmpty { return text }
            for name in ["formatted", "message"] {
                if let text = value?[name]?.stringValue, !text.isEmpty { return text }
            }
        }
        return event["title"]?.stringValue
    }

    private func tag(_ name: String) -> String? {
        if let text = event["tags"]?[name]?.stringValue { return text }
        for pair in event["tags"]?.arrayValue ?? [] {
            let key = pair["key"] ?? pair.arrayValue?.first
            guard key?.stringValue == name else { continue }
            return (pair["value"] ?? pair.arrayValue?.last)?.stringValue
        }
        return nil
    }

    /// The frames of one exception, the innermost first.
    private static func frames(_ exception: JSONObject) -> [StackFrame] {
        let all = exception["stacktrace"]?["frames"]?.arrayValue ?? []
        return all.suffix(mostFrames).reversed().compactMap { frame in
            guard let object = frame.objectValue else { return nil }
            let fields = RecordFields(object)
            let path = fields.text(["filename", "abs_path", "absPath"])
            guard let place = path ?? fields.text(["module", "package"]) else { return nil }
            let isOwn = fields.first(["in_app", "inApp"])?.boolValue
            return StackFrame(
                module: place, function: fields.text(["function"]) ?? "",
                line: fields.first(["lineno", "lineNo"])?.intValue, inApp: isOwn)
        }
    }
}
