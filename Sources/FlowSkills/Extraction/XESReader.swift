internal import CExpat
internal import FlowJSON

/// Reads XES (IEEE 1849), the format of process mining, with expat: a trace is a run, an event a step
/// named by its activity.
///
/// A transition other than `complete` is part of the step's name, so that beginning a task and ending
/// it are two steps. Attributes that are not of the standard extensions are the step's arguments.
final class XESReader {
    private struct Attributes {
        var values: [(key: String, value: String)] = []
        subscript(key: String) -> String? { values.first { $0.key == key }?.value }
    }

    /// Owned; freed with the reader.
    private let parser: XML_Parser?
    private let file: String
    private var traces = 0
    private var trace = Attributes()
    private var events: [Attributes] = []
    private var event: Attributes?
    private var isInTrace = false
    /// How deep attributes stand in others, which are passed over.
    private var nested = 0
    private var clock = EventTime()
    private var failure: String?
    /// Traces that are whole, until the next call hands them over.
    private var finished: [(name: String, trace: Attributes, events: [Attributes])] = []

    init(file: String) {
        self.file = file
        parser = XML_ParserCreate(nil)
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { user, name, attributes in
                guard let user, let name, let attributes else { return }
                Unmanaged<XESReader>.fromOpaque(user).takeUnretainedValue()
                    .begin(String(cString: name), attributes)
            },
            { user, name in
                guard let user, let name else { return }
                Unmanaged<XESReader>.fromOpaque(user).takeUnretainedValue()
                    .end(String(cString: name))
            })
    }

    deinit { XML_ParserFree(parser) }

    func add(_ bytes: ArraySlice<UInt8>, _ builder: inout EventLogBuilder) {
        parse(bytes, isLast: false)
        handOver(&builder)
    }

    /// - Returns: why the document could not be read to its end; the traces before it are kept.
    func finish(_ builder: inout EventLogBuilder) -> String? {
        parse([], isLast: true)
        if failure != nil, isInTrace, !events.isEmpty { endTrace() }
        handOver(&builder)
        return failure
    }

    private func parse(_ bytes: ArraySlice<UInt8>, isLast: Bool) {
        guard failure == nil else { return }
        let status = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                XML_Parse(parser, $0.baseAddress, Int32($0.count), isLast ? 1 : 0)
            }
        }
        guard status == XML_STATUS_ERROR else { return }
        let words = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
        failure = "line \(XML_GetCurrentLineNumber(parser)): \(words ?? "it is not XML")"
    }

    private func begin(
        _ name: String, _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>
    ) {
        switch name {
        case "trace":
            isInTrace = true
            trace = Attributes()
            events = []
        case "event":
            event = Attributes()
        case "string", "date", "int", "float", "boolean", "id":
            if nested == 0 { note(attributes) }
            nested += 1
        default: break
        }
    }

    private func end(_ name: String) {
        switch name {
        case "trace": endTrace()
        case "event":
            if let event, isInTrace { events.append(event) }
            event = nil
        case "string", "date", "int", "float", "boolean", "id": nested -= 1
        default: break
        }
    }

    private func note(_ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>) {
        var (key, value): (String?, String?)
        var at = 0
        while let name = attributes[at], let text = attributes[at + 1] {
            switch String(cString: name) {
            case "key": key = String(cString: text)
            case "value": value = String(cString: text)
            default: break
            }
            at += 2
        }
        guard let key, let value else { return }
        if event != nil {
            event?.values.append((key, value))
        } else if isInTrace {
            trace.values.append((key, value))
        }
    }

    private func endTrace() {
        traces += 1
        finished.append((trace["concept:name"] ?? "trace \(traces)", trace, events))
        events = []
        isInTrace = false
    }

    private func handOver(_ builder: inout EventLogBuilder) {
        for (name, _, events) in finished {
            let run = builder.runs.number(of: name)
            for event in events { add(event, to: run, &builder) }
        }
        finished = []
    }

    private func add(_ event: Attributes, to run: Int32, _ builder: inout EventLogBuilder) {
        guard var name = event["concept:name"] else {
            builder.notes.problem(
                "events without an activity",
                "\(file): an event of \(builder.runs.text(run)) has no concept:name", skipping: 1)
            return
        }
        if let transition = event["lifecycle:transition"]?.lowercased(), transition != "complete" {
            name += " (\(transition))"
        }
        var step = EventLogBuilder.Event(run: run, symbol: 0)
        step.symbol = builder.symbol(
            type: builder.names.number(of: "tool.called"), name: builder.names.number(of: name),
            hasFailed: false)
        if let text = event["time:timestamp"] {
            step.time =
                Array(text.utf8).withUnsafeBufferPointer { clock.read($0) } ?? ExecutionLog.noTime
        }
        if let resource = event["org:resource"] {
            step.agent = builder.agents.number(of: resource)
        }
        let standard = ["concept:", "lifecycle:", "time:", "org:", "identity:"]
        let own = event.values.filter { pair in !standard.contains { pair.key.hasPrefix($0) } }
        if !own.isEmpty {
            let object = JSON.object(JSONObject(own.map { ($0.key, .string($0.value)) }))
            step.detail = ExecutionLog.Detail(
                duration: .nan, cost: .nan,
                arguments: object.bytes().withUnsafeBufferPointer { builder.arena.keep($0) },
                output: ByteArena.Piece())
        }
        builder.add(step)
    }
}
