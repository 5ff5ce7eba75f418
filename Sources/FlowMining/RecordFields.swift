internal import FlowJSON

/// Looks the fields of one JSON object up by several names: at the top, one level down where the
/// name has a point (`error.type` in `{"error": {"type": …}}`), and in the attributes beside them.
struct RecordFields {
    /// A field's name and, where it has a point, the two names that a nested object gives it.
    struct Name: ExpressibleByStringLiteral {
        let whole: String
        let outer: String?
        let inner: String

        init(stringLiteral name: String) {
            whole = name
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            outer = parts.count > 1 ? parts[0] : nil
            inner = parts.last ?? name
        }
    }

    let object: JSONObject
    private let attributes: [JSONObject]

    init(_ object: JSONObject) {
        self.object = object
        attributes = Self.places.compactMap { names in
            let value = names.reduce(JSON?.some(.object(object))) { $0?[$1] }
            return value.flatMap(OTelLog.attributes)
        }
    }

    private static let places = [
        ["attributes"], ["Attributes"], ["LogAttributes"], ["resource", "attributes"], ["resource"],
        ["Resource", "Attributes"], ["Resource"], ["ResourceAttributes"],
    ]

    /// The first of the fields that is there and not null.
    func first(_ names: [Name]) -> JSON? {
        for name in names {
            if let value = Self.value(object, name) { return value }
            for place in attributes {
                if let value = Self.value(place, name) { return value }
            }
        }
        return nil
    }

    private static func value(_ object: JSONObject, _ name: Name) -> JSON? {
        if let value = object[name.whole], !value.isNull { return value }
        if let outer = name.outer, let value = object[outer]?[name.inner], !value.isNull {
            return value
        }
        return nil
    }

    /// The first of the fields that is text, or a whole number as text.
    func text(_ names: [Name]) -> String? {
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
        if let text = first(Self.levelNames)?.stringValue {
            if let level = Level(word: text) ?? Int(text).flatMap({ Level(number: $0) }) {
                return level
            }
        } else if let number = first(Self.levelNames)?.intValue {
            return Level(number: number)
        }
        return first(Self.severityNumbers)?.intValue.flatMap { Level(telemetry: $0) }
    }

    private static let levelNames: [Name] = [
        "level", "severity", "levelname", "severityText", "severity_text", "SeverityText",
        "log.level", "error_severity",
    ]
    private static let severityNumbers: [Name] = [
        "severityNumber", "severity_number", "SeverityNumber",
    ]

    /// An exception given as an object of its own or under dotted names.
    var exception: (type: String, message: String, stack: [String]) {
        for name in ["exception", "error", "err"] {
            guard let own = object[name]?.objectValue else { continue }
            let inner = RecordFields(own)
            return (
                inner.text(Exception.kind) ?? "",
                inner.text(Exception.text) ?? "",
                FlatRecord.lines(inner.first(Exception.trace))
            )
        }
        return (
            "", text(Exception.dottedText) ?? "",
            FlatRecord.lines(
                first(Exception.dottedTrace))
        )
    }

    private enum Exception {
        static let kind: [Name] = ["type", "name", "class", "kind"]
        static let text: [Name] = ["message", "msg", "value"]
        static let trace: [Name] = ["stack", "stacktrace", "stack_trace", "traceback"]
        static let dottedText: [Name] = ["exception.message", "error.message"]
        static let dottedTrace: [Name] = [
            "exception.stacktrace", "error.stack", "error.stack_trace",
        ]
    }
}
