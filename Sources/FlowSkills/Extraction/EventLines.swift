internal import FlowJSON

/// Reads lines of JSONL events into a builder: this program's own logs, and any whose lines have
/// `run`, `type` and `name`.
struct EventLines {
    private var scanner = EventLineScanner()
    private var clock = EventTime()
    /// What notes call the line.
    var file = ""
    var number = 0
    private var place: String { "\(file):\(number)" }
    /// As it was written.
    private var lastRun: (text: [UInt8], number: Int32) = ([], -1)
    private var kinds: [Int32: Kind] = [:]

    /// Longer arguments and outputs are not kept: the step counts, but they are not compared.
    static let longestValue = 1 << 16

    /// Adds the event of one line.
    /// - Returns: whether the line has spans of OpenTelemetry in place of an event.
    mutating func read(
        _ line: UnsafeBufferPointer<UInt8>, into builder: inout EventLogBuilder
    ) -> Bool {
        do throws(EventLineScanner.Failure) {
            try scanner.scan(line)
        } catch {
            builder.notes.problem(
                "lines that cannot be read", "\(place), byte \(error.offset + 1): \(error.message)",
                skipping: 1)
            return false
        }
        if !scanner[.spans].isEmpty { return true }
        if let lack = add(line, to: &builder) {
            builder.notes.problem("lines that are no event", "\(place): \(lack)", skipping: 1)
        }
        return false
    }

    /// - Returns: what the event lacks, in words.
    private mutating func add(
        _ line: UnsafeBufferPointer<UInt8>, to builder: inout EventLogBuilder
    ) -> String? {
        guard let run = run(line, &builder) else { return "the event has no run" }
        guard let type = intern(.type, line, &builder.names) else { return "the event has no type" }
        let (number, time) = (self.number(line), self.time(line))
        if number == nil, !scanner[.number].isEmpty { return "its seq is no whole number" }
        if time == nil, !scanner[.time].isEmpty { return "its time is no time" }
        var event = EventLogBuilder.Event(run: run, symbol: 0)
        event.number = number ?? EventLogBuilder.noNumber
        event.time = time ?? ExecutionLog.noTime
        let outcome = outcome(line)
        switch kind(of: type, builder) {
        case .end: builder.finish(run, outcome)
        case .control: break
        case .attempt:
            builder.attempt(event, outcome)
            step(line, type, outcome, &event, &builder)
        case .step: step(line, type, outcome, &event, &builder)
        }
        return nil
    }

    /// What an event is to the log.
    private enum Kind {
        case end, control, attempt, step

        init(_ type: String) {
            if type == "run.finished" {
                self = .end
            } else if type == EventLogBuilder.attempt {
                self = .attempt
            } else if ["run.", "node.", "attempt.", "approval."].contains(where: type.hasPrefix) {
                self = .control
            } else {
                self = .step
            }
        }
    }

    private mutating func kind(of type: Int32, _ builder: EventLogBuilder) -> Kind {
        if let known = kinds[type] { return known }
        let kind = Kind(builder.names.text(type))
        kinds[type] = kind
        return kind
    }

    private mutating func step(
        _ line: UnsafeBufferPointer<UInt8>, _ type: Int32, _ outcome: ExecutionLog.Outcome,
        _ event: inout EventLogBuilder.Event, _ builder: inout EventLogBuilder
    ) {
        let isAttempt = kinds[type] == .attempt
        event.node = intern(.node, line, &builder.names) ?? -1
        event.agent = intern(.agent, line, &builder.agents) ?? -1
        let name =
            isAttempt
            ? event.node
            : intern(.name, line, &builder.names) ?? intern(.agent, line, &builder.names) ?? -1
        event.symbol = builder.symbol(type: type, name: name, hasFailed: outcome == .failure)
        event.detail = detail(line, isAttempt: isAttempt, &builder)
        builder.add(event)
    }

    private func detail(
        _ line: UnsafeBufferPointer<UInt8>, isAttempt: Bool,
        _ builder: inout EventLogBuilder
    ) -> ExecutionLog.Detail? {
        var duration = double(.duration, line)
        if duration.isNaN { duration = double(.seconds, line) * 1000 }
        let cost = double(.cost, line)
        var arguments = scanner[.arguments]
        // files and commits say themselves what was done to them
        if arguments.isEmpty, !scanner[.path].isEmpty { arguments = scanner[.data] }
        var output = scanner[.output]
        if output.isEmpty { output = scanner[.outputRef] }
        if isAttempt { (arguments, output) = (0..<0, 0..<0) }
        if duration.isNaN, cost.isNaN, arguments.isEmpty, output.isEmpty { return nil }
        func kept(_ range: Range<Int>, _ what: String) -> ByteArena.Piece {
            if range.count > Self.longestValue {
                builder.notes.problem(
                    "long values that are not compared",
                    "\(place): \(what) of \(range.count) bytes are not compared; the step counts")
                return ByteArena.Piece()
            }
            return builder.arena.keep(UnsafeBufferPointer(rebasing: line[range]))
        }
        return ExecutionLog.Detail(
            duration: Float(duration), cost: Float(cost),
            arguments: kept(arguments, "arguments"), output: kept(output, "outputs"))
    }

    /// The run's number; mostly that of the line before.
    private mutating func run(
        _ line: UnsafeBufferPointer<UInt8>, _ builder: inout EventLogBuilder
    ) -> Int32? {
        let range = scanner[.run]
        let written = UnsafeBufferPointer(rebasing: line[range])
        if lastRun.number >= 0, lastRun.text.count == written.count,
            lastRun.text.elementsEqual(written)
        {
            return lastRun.number
        }
        guard
            let number = intern(.run, line, &builder.runs)
                ?? number(.run, line).map({ builder.runs.number(of: $0) })
        else { return nil }
        lastRun = (Array(written), number)
        return number
    }

    /// What stands between the quotes of a text; nil where it is missing, empty, or no text.
    private func text(
        _ field: EventLineScanner.Field, _ line: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        let range = scanner[field]
        guard range.count > 2, line[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return UnsafeBufferPointer(rebasing: line[(range.lowerBound + 1)..<(range.upperBound - 1)])
    }

    /// The number of a text, which is decoded only where it has escapes.
    private func intern(
        _ field: EventLineScanner.Field, _ line: UnsafeBufferPointer<UInt8>,
        _ interner: inout ByteInterner
    ) -> Int32? {
        guard let text = text(field, line) else { return nil }
        if !text.contains(UInt8(ascii: "\\")) { return interner.number(of: text) }
        guard let decoded = try? JSON.read(Array(line[scanner[field]])).stringValue else {
            return nil
        }
        return interner.number(of: decoded)
    }

    private func number(
        _ field: EventLineScanner.Field, _ line: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        let range = scanner[field]
        guard let first = range.first, line[first] == 0x2D || line[first] &- 0x30 < 10 else {
            return nil
        }
        return UnsafeBufferPointer(rebasing: line[range])
    }

    private func number(_ line: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let text = number(.number, line), text.count < 19 else { return nil }
        var value: Int64 = 0
        for byte in text.drop(while: { $0 == 0x2D }) {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return text.first == 0x2D ? -value : value
    }

    private mutating func time(_ line: UnsafeBufferPointer<UInt8>) -> Int64? {
        if let text = text(.time, line) { return clock.read(text) }
        let value = double(.time, line)
        return value.isNaN ? nil : EventTime.read(value)
    }

    /// Not a number where the field is missing or is none.
    private func double(
        _ field: EventLineScanner.Field, _ line: UnsafeBufferPointer<UInt8>
    ) -> Double {
        number(field, line).flatMap { Double(String(decoding: $0, as: UTF8.self)) } ?? .nan
    }

    /// How what the event tells of ended: by `status` or `result`, `success`, or an `error`.
    private func outcome(_ line: UnsafeBufferPointer<UInt8>) -> ExecutionLog.Outcome {
        if let status = text(.status, line) { return Self.outcome(status) }
        if let first = scanner[.success].first {
            return line[first] == UInt8(ascii: "f") ? .failure : .success
        }
        if let first = scanner[.error].first {
            let isEmpty =
                scanner[.error].count == 2 && line[first] == UInt8(ascii: "\"")
                || line[first] == UInt8(ascii: "f")
            return isEmpty ? .unknown : .failure
        }
        return .unknown
    }

    static func outcome(_ status: some Collection<UInt8>) -> ExecutionLog.Outcome {
        switch String(decoding: status, as: UTF8.self).lowercased() {
        case "success", "succeeded", "ok", "completed", "passed", "done", "cached": .success
        case "failure", "failed", "error", "cancelled", "timeout", "timed_out", "rejected": .failure
        default: .unknown
        }
    }
}
