import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowSkills

@Suite("Reading event logs")
struct EventLogTests {
    /// What a log says, in words: each run with its outcome and its steps.
    private func shown(_ log: ExecutionLog) -> [String] {
        (0..<log.runCount).map { run in
            let steps = log.steps(of: run).map { place in
                let symbol = log.symbols[Int(log.steps[place])]
                return (symbol.type == "tool.called" ? "" : symbol.type + ":") + symbol.name
                    + (symbol.hasFailed ? "!" : "")
            }
            return "\(log.name(of: run)) \(log.outcomes[run]): " + steps.joined(separator: " ")
        }
    }

    private func read(_ text: String, pieces: Int = .max) -> (log: ExecutionLog, notes: EventNotes)
    {
        var reader = EventLogReader()
        reader.begin("log")
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(pieces, max(1, bytes.count))) {
            reader.add(Array(bytes[start..<min(bytes.count, start + min(pieces, bytes.count))]))
        }
        reader.end()
        return reader.finish()
    }

    private static let own = """
        {"seq": 1, "time": "2026-01-01T00:00:00Z", "run": "a", "type": "run.created", "data": {}}
        {"seq": 2, "time": "2026-01-01T00:00:01Z", "run": "a", "node": "n", "type": "tool.called", "data": {"name": "read", "arguments": {"path": "x"}, "status": "success", "duration_ms": 5, "cost_usd": 0.5, "output": {"id": 7}}}
        {"seq": 3, "time": "2026-01-01T00:00:02Z", "run": "a", "node": "n", "type": "attempt.finished", "data": {"result": "failure"}}
        {"seq": 4, "time": "2026-01-01T00:00:03Z", "run": "a", "node": "m", "type": "attempt.finished", "data": {"result": "success"}}
        {"seq": 5, "time": "2026-01-01T00:00:04Z", "run": "a", "type": "agent.called", "agent": "coder", "status": "error"}
        {"seq": 6, "time": "2026-01-01T00:00:05Z", "run": "a", "type": "run.finished", "data": {"status": "failure"}}

        """

    @Test("steps are calls, and the attempts of nodes that say nothing themselves")
    func steps() {
        let (log, notes) = read(Self.own)
        #expect(shown(log) == ["a failure: read attempt.finished:m agent.called:coder!"])
        #expect(notes.problems == [] && notes.notes == [])
        #expect(log.arguments(of: 0) == ["path": "x"] && log.output(of: 0) == ["id": 7])
        #expect(log.detail(of: 0)?.duration == 5 && log.detail(of: 0)?.cost == 0.5)
        #expect(log.detail(of: 1) == nil && log.agent(of: 2) == "coder")
        #expect(log.time(of: 0)?.rfc3339 == "2026-01-01T00:00:01Z")
    }

    @Test("wherever the bytes are cut, the log is the same", arguments: [1, 2, 3, 7, 64, 1000])
    func cuts(length: Int) {
        #expect(shown(read(Self.own, pieces: length).log) == shown(read(Self.own).log))
    }

    @Test("a run without an end has the outcome of its last attempt, else none")
    func outcomes() {
        let (log, notes) = read(
            """
            {"run": "a", "seq": 1, "type": "attempt.finished", "node": "n", "result": "failure"}
            {"run": "a", "seq": 2, "type": "attempt.finished", "node": "n", "result": "success"}
            {"run": "b", "seq": 1, "type": "tool.called", "name": "x"}
            """)
        #expect(
            shown(log) == [
                "a success: attempt.finished:n! attempt.finished:n", "b unknown: x",
            ])
        #expect(notes.problems == [])
        #expect(notes.notes == ["1 of 2 runs have no end: whether they succeeded is not known"])
    }

    @Test("the order of lines does not matter, nor that of files")
    func order() {
        let seed: UInt64 = 20_261_201
        print("seed \(seed)")
        var draw = SeededGenerator(seed: seed)
        var lines: [String] = []
        for run in 0..<20 {
            for seq in 0..<Int.random(in: 1...9, using: &draw) {
                lines.append(
                    """
                    {"run": "r\(run)", "seq": \(seq), "time": "2026-01-0\(1 + run % 9)T00:00:0\(seq)Z", \
                    "type": "tool.called", "name": "t\(Int.random(in: 0..<6, using: &draw))", \
                    "arguments": {"k": \(seq)}}
                    """)
            }
        }
        let (first, _) = read(lines.joined(separator: "\n"))
        for _ in 0..<20 {
            lines.shuffle(using: &draw)
            let (log, notes) = read(lines.joined(separator: "\n"))
            #expect(shown(log) == shown(first) && log.steps == first.steps)
            #expect(log.symbols == first.symbols && notes.problems == [])
            let extraction = Extraction(log).procedures.map { $0.json.text() }
            #expect(extraction == Extraction(first).procedures.map { $0.json.text() })
        }
    }

    @Test("without numbers the times order a run, without both its lines do")
    func fallbacks() {
        let (log, _) = read(
            """
            {"run": "a", "time": 1767225602, "type": "tool.called", "name": "late"}
            {"run": "a", "time": "2026-01-01T01:00:00+01:00", "type": "tool.called", "name": "early"}
            {"run": "b", "type": "tool.called", "name": "first"}
            {"run": "b", "time": "2025-01-01", "type": "tool.called", "name": "second"}
            """)
        #expect(shown(log).sorted() == ["a unknown: early late", "b unknown: first second"])
    }

    @Test("of two events with one number the first is kept, the other named")
    func doubles() {
        let (log, notes) = read(
            """
            {"run": "a", "seq": 1, "type": "tool.called", "name": "x"}
            {"run": "a", "seq": 2, "type": "tool.called", "name": "y"}
            {"run": "a", "seq": 1, "type": "tool.called", "name": "z"}
            """)
        #expect(shown(log) == ["a unknown: x y"])
        #expect(notes.problems == ["run a has number 1 twice: the first event is kept"])
        #expect(notes.skipped == 1)
    }

    @Test("an event that names no tool is a step of its type alone")
    func nameless() {
        let (log, notes) = read(
            """
            {"run": "a", "seq": 1, "type": "tool.called"}
            {"run": "a", "seq": 2, "type": "tool.called", "name": "x"}
            {"run": "a", "seq": 3, "type": "tool.called", "name": 7, "success": false}
            {"run": "a", "seq": 4, "type": "attempt.finished"}
            """)
        #expect(notes.problems == [] && log.steps.count == 4)
        let shown = log.steps.map { log.symbols[Int($0)] }
        #expect(shown.map(\.name) == ["", "x", "", ""])
        #expect(shown.map(\.hasFailed) == [false, false, true, false])
    }

    @Test("a span that was exported twice counts once, and is named")
    func twice() {
        let trace = Self.trace(parentOfTool: "01").replacing("\n", with: " ") + "\n"
        let (log, notes) = read(trace + trace)
        #expect(shown(log) == ["t1 failure: agent.called:coder! search!"])
        #expect(notes.problems.count == 3 && notes.skipped == 3)
        #expect(
            notes.problems.allSatisfy { $0.hasSuffix("is there twice: the first is kept") },
            "\(notes.problems)")
    }

    @Test("clocks that go back are named, and the numbers hold")
    func clocks() {
        let (log, notes) = read(
            """
            {"run": "a", "seq": 1, "time": "2026-01-01T00:00:09Z", "type": "tool.called", "name": "x"}
            {"run": "a", "seq": 2, "time": "2026-01-01T00:00:01Z", "type": "tool.called", "name": "y"}
            """)
        #expect(shown(log) == ["a unknown: x y"] && notes.problems == [])
        #expect(notes.notes.contains { $0.hasPrefix("in 1 runs clocks go back") })
    }

    @Test(
        "lines that cannot be read are named with their number, and the others are read",
        arguments: [
            ("{\"run\": \"a\"", "log:2, byte 12: the object has no end"),
            ("not JSON", "log:2, byte 1: an event is a JSON object"),
            ("[1]", "log:2, byte 1: an event is a JSON object"),
            ("{\"run\": 01}", "log:2, byte 11: a number has no leading zeros"),
            (
                "{\"run\": \"a\u{1}\"}",
                "log:2, byte 11: a control character in a string is not escaped"
            ),
            ("{\"run\": \"a\\x\"}", "log:2, byte 12: no such escape"),
            ("{\"run\": \"a\", \"arguments\": [1,]}", "log:2, byte 30: no value begins so"),
            ("{\"run\": \"a\", \"type\": nul}", "log:2, byte 22: expected 'null'"),
            ("{\"type\": \"tool.called\"}", "log:2: the event has no run"),
            ("{\"run\": \"a\", \"data\": {\"name\": \"x\"}}", "log:2: the event has no type"),
            (
                "{\"run\": \"a\", \"type\": \"t.x\", \"seq\": 1.5}",
                "log:2: its seq is no whole number"
            ),
            (
                "{\"run\": \"a\", \"type\": \"t.x\", \"time\": \"noon\"}",
                "log:2: its time is no time"
            ),
        ])
    func unreadable(line: String, problem: String) {
        let good = #"{"run": "a", "type": "tool.called", "name": "x"}"#
        let (log, notes) = read([good, line, good].joined(separator: "\n"))
        #expect(shown(log) == ["a unknown: x x"])
        #expect(notes.problems == [problem] && notes.skipped == 1)
    }

    @Test("a thousand bad lines are counted, and five named")
    func many() {
        let (_, notes) = read(String(repeating: "{]\n", count: 1000))
        #expect(notes.problems.count == 6 && notes.skipped == 1000)
        #expect(notes.problems.last == "995 more lines that cannot be read")
    }

    @Test("arguments of 10 MB are not kept, the step is")
    func large() {
        let long = String(repeating: "x", count: 10 << 20)
        let (log, notes) = read(
            #"{"run": "a", "type": "tool.called", "name": "x", "arguments": {"text": "\#(long)"}}"#)
        #expect(shown(log) == ["a unknown: x"] && log.arguments(of: 0) == nil)
        #expect(
            notes.problems == [
                "log:1: arguments of 10485772 bytes are not compared; the step counts"
            ])
    }

    @Test("names with escapes are the same names")
    func escapes() {
        let (log, notes) = read(
            """
            {"run": "\\u0061", "type": "tool.c\\u0061lled", "name": "caf\\u00e9 \\"x\\""}
            {"run": "a", "type": "tool.called", "name": "café \\"x\\""}
            """)
        #expect(shown(log) == ["a unknown: café \"x\" café \"x\""] && notes.problems == [])
        #expect(log.symbols.count == 1)
    }

    @Test("what the scanner takes for JSON is what the reader does")
    func grammar() {
        let seed: UInt64 = 20_261_202
        print("seed \(seed)")
        var draw = SeededGenerator(seed: seed)
        let base = Array(
            #"{"run":"a","type":"t.x","data":{"n":[1,-2.5e+3,{"k":null}],"s":"q\"\u00e4"},"b":true}"#
                .utf8)
        var readable = 0
        for _ in 0..<20_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 0...2, using: &draw) {
                let place = Int.random(in: 0..<bytes.count, using: &draw)
                switch Int.random(in: 0..<3, using: &draw) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = base.randomElement(using: &draw) ?? 0
                default: bytes.insert(base.randomElement(using: &draw) ?? 0, at: place)
                }
            }
            var scanner = EventLineScanner()
            let isTaken = bytes.withUnsafeBufferPointer { line in
                (try? scanner.scan(line)) != nil
            }
            let value = try? JSON.read(bytes)
            #expect(
                isTaken == (value?.objectValue != nil), "\(String(decoding: bytes, as: UTF8.self))")
            if isTaken { readable += 1 }
        }
        #expect(readable > 5000)
    }

    @Test(
        "times are read as the clock's own reader reads them",
        arguments: [
            "2017-01-09T09:49:50.000+01:00", "2026-11-20T02:00:00.123456Z", "2024-02-29T23:59:59Z",
            "2026-11-20T02:00:00.1234567-05:30", "2026-11-20 02:00:00", "2026-11-20",
            "2026-02-30T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T02:00:00.Z", "noon", "",
        ])
    func times(text: String) {
        var clock = EventTime()
        for _ in 0..<2 {
            let read = Array(text.utf8).withUnsafeBufferPointer { clock.read($0) }
            #expect(read == Timestamp(text)?.microseconds)
        }
    }

    @Test("spans of OpenTelemetry: a trace is a run, calls of tools and agents are steps")
    func spans() {
        let (log, notes) = read(Self.trace(parentOfTool: "01"))
        #expect(shown(log) == ["t1 failure: agent.called:coder! search!"])
        #expect(notes.problems == [])
        #expect(log.arguments(of: 1) == ["query": "x"] && log.output(of: 1) == "none")
        #expect(log.detail(of: 1)?.duration == 2000)
    }

    @Test("spans that are their own ancestors are named and stay steps", arguments: ["03", "02"])
    func circles(parent: String) {
        let (log, notes) = read(Self.trace(parentOfTool: parent))
        #expect(shown(log) == ["t1 failure: agent.called:coder! search!"])
        #expect(notes.problems.count == 1)
        #expect(notes.problems.first?.contains("is its own ancestor") == true)
    }

    @Test("a span from the first to the last moment that there is has no duration")
    func endless() {
        let trace = Self.trace(parentOfTool: "01")
            .replacing("\"1767225602000000000\"", with: "\"\(Int64.min)\"")
            .replacing(": 1767225604000000000", with: ": \(Int64.max)")
        let (log, notes) = read(trace)
        #expect(log.runCount == 1 && log.steps.count == 2 && notes.problems.isEmpty)
        #expect((0..<2).contains { log.detail(of: $0)?.duration.isNaN == true })
    }

    /// A trace of a root that failed, an agent, and a tool (02) with another span (03) below it.
    private static func trace(parentOfTool: String) -> String {
        """
        {
          "resourceSpans": [{"scopeSpans": [{"spans": [
            {"traceId": "t1", "spanId": "01", "name": "root", "status": {"code": 2},
             "startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225609000000000",
             "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_agent"}},
                            {"key": "gen_ai.agent.name", "value": {"stringValue": "coder"}}]},
            {"traceId": "t1", "spanId": "02", "parentSpanId": "\(parentOfTool)", "name": "execute_tool search",
             "startTimeUnixNano": "1767225602000000000", "endTimeUnixNano": 1767225604000000000,
             "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
                            {"key": "gen_ai.tool.name", "value": {"stringValue": "search"}},
                            {"key": "gen_ai.tool.call.arguments", "value": {"stringValue": "{\\"query\\": \\"x\\"}"}},
                            {"key": "gen_ai.tool.call.result", "value": {"stringValue": "none"}},
                            {"key": "error.type", "value": {"stringValue": "timeout"}}]},
            {"traceId": "t1", "spanId": "03", "parentSpanId": "02", "name": "http"}
          ]}]}]
        }

        """
    }

    @Test("XES: a trace is a run, other transitions than complete are part of the name")
    func xes() {
        let (log, notes) = read(Self.xes, pieces: 11)
        #expect(shown(log) == ["case 1 unknown: Ask (start) Ask", "trace 2 unknown: Pay"])
        #expect(
            notes.problems == [
                "log: an event of trace 2 has no concept:name"
            ])
        #expect(log.arguments(of: 1) == ["amount": "12"] && log.agent(of: 0) == "ada")
        #expect(log.time(of: 0)?.rfc3339 == "2026-01-01T07:00:00Z")
    }

    @Test("XES that breaks off keeps what came before, and says where")
    func brokenXES() {
        let cut = Self.xes.range(of: "<event><string key=\"concept:name\" value=\"Pay\"").map {
            String(Self.xes[..<$0])
        }
        let (log, notes) = read(cut ?? "")
        #expect(shown(log) == ["case 1 unknown: Ask (start) Ask"])
        #expect(notes.problems.count == 1)
        #expect(notes.problems.first?.hasPrefix("log: line 8: ") == true, "\(notes.problems)")
    }

    private static let xes = """
        <?xml version="1.0" encoding="UTF-8"?>
        <log xes.version="1.0">
        <string key="concept:name" value="the log"/>
        <trace><string key="concept:name" value="case 1"/>
        <event><string key="concept:name" value="Ask"/><string key="lifecycle:transition" value="START"/>
        <date key="time:timestamp" value="2026-01-01T08:00:00.000+01:00"/><string key="org:resource" value="ada"/></event>
        <event><string key="concept:name" value="Ask"/><int key="amount" value="12"><string key="inner" value="no"/></int></event></trace>
        <trace><event><string key="concept:name" value="Pay"/><date key="time:timestamp" value="2026-02-01T00:00:00Z"/></event><event><string key="x" value="y"/></event></trace>
        </log>

        """
}

extension String {
    /// The place of a part; the standard library has it for collections only.
    fileprivate func range(of part: String) -> String.Index? {
        self.ranges(of: part).first?.lowerBound
    }
}
