internal import FlowJSON

/// Log records of OpenTelemetry as the collector writes them (OTLP in JSON), made flat: the fields
/// of `LogRecord`, its attributes and those of its resource.
enum OTelLog {
    /// The records of `{"resourceLogs": […]}`; nil for any other object.
    static func records(_ document: JSONObject) -> [JSONObject]? {
        guard let resources = (document["resourceLogs"] ?? document["resource_logs"])?.arrayValue
        else { return nil }
        var result: [JSONObject] = []
        for resource in resources {
            let scopes = resource["scopeLogs"] ?? resource["scope_logs"]
            for scope in scopes?.arrayValue ?? [] {
                let records = scope["logRecords"] ?? scope["log_records"]
                for record in records?.arrayValue ?? [] {
                    guard var flat = record.objectValue else { continue }
                    flat["resource"] = resource["resource"]
                    flat["scope"] = scope["scope"]
                    result.append(flat)
                }
            }
        }
        return result
    }

    /// Attributes as an object: `[{"key": …, "value": {"stringValue": …}}]`, or one already.
    static func attributes(_ value: JSON) -> JSONObject? {
        guard let pairs = value.arrayValue else { return value.objectValue }
        return JSONObject(
            pairs.compactMap { pair in
                guard let key = pair["key"]?.stringValue, let value = pair["value"] else {
                    return nil
                }
                return (key, plain(value))
            })
    }

    /// The value in `AnyValue`; anything else as it is.
    static func plain(_ value: JSON) -> JSON {
        guard let object = value.objectValue, object.count == 1, let kind = object.keys.first,
            let inner = object.values.first
        else { return value }
        switch kind {
        case "stringValue", "boolValue", "doubleValue", "bytesValue": return inner
        // 64 bits travel as text
        case "intValue":
            return inner.stringValue.flatMap { Int($0) }.map { .integer($0) } ?? inner
        case "arrayValue": return .array(inner["values"]?.arrayValue?.map(plain) ?? [])
        case "kvlistValue":
            return inner["values"].flatMap(attributes).map { .object($0) } ?? inner
        default: return value
        }
    }
}
