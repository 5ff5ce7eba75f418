internal import FlowJSON

/// Reads spans of OpenTelemetry (OTLP in JSON) by the semantic conventions for generative AI: a trace
/// is a run, a span that executes a tool or invokes an agent is a step.
///
/// A trace succeeded if its root did: a root without status has, as nothing said otherwise. What
/// span is whose parent is looked at once all are read; spans whose parents lead back to themselves
/// are named, and stay steps. A span that is there twice, as after a repeated export, counts once.
struct SpanReader {
    private struct Span {
        let trace: Int32
        let identity: Int32
        let parent: Int32
        let outcome: ExecutionLog.Outcome
    }

    private var identities = ByteInterner()
    private var spans: [Span] = []
    private var seen: Set<Int32> = []

    /// Adds the spans of one `resourceSpans` object.
    mutating func read(_ value: JSON, at place: String, _ builder: inout EventLogBuilder) {
        guard let resources = value["resourceSpans"]?.arrayValue else {
            builder.notes.problem(
                "values without spans", "\(place): the value has no resourceSpans", skipping: 1)
            return
        }
        for resource in resources {
            for scope in resource["scopeSpans"]?.arrayValue ?? [] {
                for span in scope["spans"]?.arrayValue ?? [] { add(span, at: place, &builder) }
            }
        }
    }

    private mutating func add(_ span: JSON, at place: String, _ builder: inout EventLogBuilder) {
        guard let trace = span["traceId"]?.stringValue, !trace.isEmpty,
            let identity = span["spanId"]?.stringValue, !identity.isEmpty
        else {
            builder.notes.problem(
                "spans without ids", "\(place): a span has no traceId or spanId", skipping: 1)
            return
        }
        let number = identities.number(of: trace + "/" + identity)
        // who exports sends again what was not acknowledged
        guard seen.insert(number).inserted else {
            builder.notes.problem(
                "spans that are there twice",
                "\(place): span \(trace)/\(identity) is there twice: the first is kept", skipping: 1
            )
            return
        }
        let run = builder.runs.number(of: trace)
        let parent = span["parentSpanId"]?.stringValue ?? ""
        let attributes = Self.attributes(span["attributes"])
        let outcome = Self.outcome(span["status"])
        spans.append(
            Span(
                trace: run, identity: number,
                parent: parent.isEmpty ? -1 : identities.number(of: trace + "/" + parent),
                outcome: outcome))
        guard let step = Self.step(attributes) else { return }
        var event = EventLogBuilder.Event(run: run, symbol: 0)
        event.symbol = builder.symbol(
            type: builder.names.number(of: step.type), name: builder.names.number(of: step.name),
            hasFailed: outcome == .failure || attributes["error.type"] != nil)
        let start = Self.nanoseconds(span["startTimeUnixNano"])
        let end = Self.nanoseconds(span["endTimeUnixNano"])
        if let start { event.time = start / 1000 }
        if let agent = attributes["gen_ai.agent.name"]?.stringValue {
            event.agent = builder.agents.number(of: agent)
        }
        let took = start.flatMap { start in
            end.flatMap { end -> Float? in
                let (took, isTooLong) = end.subtractingReportingOverflow(start)
                return isTooLong ? nil : Float(Double(took) / 1e6)
            }
        }
        event.detail = ExecutionLog.Detail(
            duration: took ?? .nan, cost: .nan,
            arguments: Self.keep(attributes["gen_ai.tool.call.arguments"], &builder),
            output: Self.keep(attributes["gen_ai.tool.call.result"], &builder),
            isTimeOfBeginning: true)
        builder.add(event)
    }

    /// Says how traces ended and which spans are their own ancestors.
    mutating func finish(_ builder: inout EventLogBuilder) {
        var parents = [Int32](repeating: -1, count: identities.count)
        for span in spans { parents[Int(span.identity)] = span.parent }
        // 0: not looked at, 1: on the way up from here, 2: leads to a root
        var states = [UInt8](repeating: 0, count: identities.count)
        for span in spans {
            if span.parent == -1 { builder.finish(span.trace, span.outcome) }
            var way: [Int32] = []
            var at = span.identity
            while at >= 0, states[Int(at)] == 0 {
                states[Int(at)] = 1
                way.append(at)
                at = parents[Int(at)]
            }
            if at >= 0, states[Int(at)] == 1 {
                builder.notes.problem(
                    "circles of spans",
                    "span \(identities.text(at)) is its own ancestor: parents there are not believed"
                )
            }
            for passed in way { states[Int(passed)] = 2 }
        }
        spans = []
        seen = []
    }

    private static func step(_ attributes: [String: JSON]) -> (type: String, name: String)? {
        let operation = attributes["gen_ai.operation.name"]?.stringValue
        if let tool = attributes["gen_ai.tool.name"]?.stringValue,
            operation == nil || operation == "execute_tool"
        {
            return ("tool.called", tool)
        }
        guard operation == "invoke_agent", let agent = attributes["gen_ai.agent.name"]?.stringValue
        else { return nil }
        return ("agent.called", agent)
    }

    /// A root's status: 2 is an error, 0 and 1 are none.
    private static func outcome(_ status: JSON?) -> ExecutionLog.Outcome {
        let code = status?["code"]
        return code?.intValue == 2 || code?.stringValue == "STATUS_CODE_ERROR" ? .failure : .success
    }

    private static func nanoseconds(_ value: JSON?) -> Int64? {
        value?.intValue.map(Int64.init) ?? value?.stringValue.flatMap { Int64($0) }
    }

    private static func attributes(_ list: JSON?) -> [String: JSON] {
        var result: [String: JSON] = [:]
        for attribute in list?.arrayValue ?? [] {
            guard let key = attribute["key"]?.stringValue, let value = attribute["value"] else {
                continue
            }
            result[key] = plain(value)
        }
        return result
    }

    /// The plain value of an AnyValue.
    private static func plain(_ value: JSON) -> JSON {
        if let text = value["stringValue"] { return text }
        if let flag = value["boolValue"] { return flag }
        if let number = value["doubleValue"] { return number }
        if let number = value["intValue"] {
            return number.stringValue.flatMap { Int($0) }.map(JSON.integer) ?? number
        }
        if let list = value["arrayValue"]?["values"]?.arrayValue { return .array(list.map(plain)) }
        if let list = value["kvlistValue"]?["values"]?.arrayValue {
            return .object(
                JSONObject(
                    list.compactMap { member in
                        guard let key = member["key"]?.stringValue else { return nil }
                        return (key, plain(member["value"] ?? .null))
                    }))
        }
        return .null
    }

    /// Keeps arguments or a result; text that is JSON is kept as what it says.
    private static func keep(_ value: JSON?, _ builder: inout EventLogBuilder) -> ByteArena.Piece {
        guard let value else { return ByteArena.Piece() }
        let meant = value.stringValue.flatMap { try? JSON.read($0) } ?? value
        let bytes = meant.bytes()
        guard bytes.count <= EventLines.longestValue else {
            builder.notes.problem(
                "long values that are not compared",
                "a value of \(bytes.count) bytes is not compared; the step counts")
            return ByteArena.Piece()
        }
        return bytes.withUnsafeBufferPointer { builder.arena.keep($0) }
    }
}
