import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

@Suite("Reading lines")
struct LogReaderTests {
    static let settings = ReadSettings(
        reference: Timestamp("2026-11-20T12:00:00Z") ?? .init(day: 0))

    static func read(
        _ bytes: [UInt8], _ format: LogFormat? = nil, chunk: Int = .max,
        settings: ReadSettings = settings
    ) -> (records: [ErrorRecord], reader: LogReader) {
        var reader = LogReader(file: "a", format: format, settings: settings)
        var records: [ErrorRecord] = []
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + min(chunk, bytes.count))
            reader.read(Array(bytes[at..<end])) { records.append($0) }
            at = end
        }
        reader.finish { records.append($0) }
        return (records, reader)
    }

    static func read(_ text: String, _ format: LogFormat? = nil)
        -> (records: [ErrorRecord], reader: LogReader)
    {
        read(Array(text.utf8), format)
    }

    @Test(
        "the format is found in the content",
        arguments: [
            ("{\"message\": \"x\"}\n", LogFormat.jsonl),
            ("\n  {\"message\": \"x\"}\n", .jsonl),
            ("starting\n2026-11-20 02:00:00 ERROR x\n", .log),
            ("Nov 20 12:00:00 h p: x\n", .log),
            ("fatal: not a git repository\n", .plain),
            ("", .plain),
        ])
    func format(text: String, expected: LogFormat) {
        #expect(Self.read(text).reader.format == expected)
    }

    @Test("JSON objects are read by the names that libraries give their fields")
    func flat() throws {
        let (records, reader) = Self.read(
            """
            {"ts": 1763604000.5, "logger": "app", "level": "error", "msg": "no order 5", "release": "1.2", "host": "h", "count": 3}
            {"@timestamp": "2026-11-20T02:00:00Z", "service": "pay", "exception.type": "KeyError", "message": "KeyError: 'x'", "stacktrace": "a\\nb"}
            {"time": 1763604000500, "level": 50, "err": {"type": "TypeError", "message": "x is no function", "stack": "TypeError: x\\n    at f"}, "msg": "request failed"}
            {"message": "Traceback (most recent call last):\\n  File \\"a.py\\", line 1\\n    f()\\nValueError: bad"}
            {"severity": "INFO", "message": "fine"}
            """)
        #expect(reader.report.skippedCount == 0)
        #expect(
            records.map(\.headline) == [
                "no order 5", "KeyError: 'x'", "TypeError: x is no function", "ValueError: bad",
                "fine",
            ])
        #expect(records.map(\.component) == ["app", "pay", "", "", ""])
        #expect(records[0].time == records[2].time)
        #expect(records[0].count == 3)
        #expect(records[0].release == "1.2")
        #expect(records[0].host == "h")
        #expect(records[1].stack == ["a", "b"])
        #expect(records[2].stack.first == "request failed")
        #expect(records[3].time == nil)
        #expect(records.map { $0.isError() } == [true, true, true, true, false])
    }

    @Test("a JSON line that cannot be read is counted with its number and reason")
    func skipped() {
        let (records, reader) = Self.read(
            "{\"message\": \"a\"}\n{oops\n[1]\n\n{\"x\": 1}\n{\"message\": \"b\", \"time\": \"noon\"}\n"
        )
        #expect(records.map(\.message) == ["a"])
        #expect(
            reader.report.skipped.map { "\($0.line): \($0.reason)" } == [
                "2: not JSON: column 2: expected a key in quotes",
                "3: not an object but integer",
                "5: neither a message nor a type",
                "6: the time is none: \"noon\"",
            ])
    }

    @Test("a collector's object around a stamped record gives that record")
    func collector() throws {
        let records = Self.read(
            """
            {"log": "2026-11-20 02:00:00,123 ERROR app.orders: no order\\nTraceback (most recent call last):\\n  File \\"a.py\\", line 1\\nKeyError: 'x'\\n", "time": "2026-11-20T02:00:01Z"}
            {"message": "2026-11-20 02:00:00.1 UTC [7] a@b ERROR:  duplicate key\\n2026-11-20 02:00:00.1 UTC [7] a@b DETAIL:  Key exists.", "component": "db"}
            """
        ).records
        #expect(records.map(\.headline) == ["KeyError: 'x'", "duplicate key"])
        #expect(records.map(\.component) == ["app.orders", "db"])
        #expect(records.map(\.level) == [.error, .error])
        #expect(records.first?.time == Timestamp("2026-11-20T02:00:01Z"))
        #expect(records.last?.time == Timestamp("2026-11-20T02:00:00.1Z"))
        #expect(records.last?.stack == ["DETAIL:  Key exists."])
    }

    @Test("bytes that are not UTF-8 become U+FFFD and stay in their record")
    func utf8() {
        let bytes = Array("{\"message\": \"a".utf8) + [0xFF, 0xC3] + Array("b\"}\nx".utf8)
        let (records, reader) = Self.read(bytes)
        #expect(records.map(\.message) == ["a\u{FFFD}\u{FFFD}b"])
        #expect(reader.report.skippedCount == 1)
        #expect(Self.read([0xFF, 0x41, 0x0A]).records.map(\.message) == ["\u{FFFD}A"])
    }

    @Test("of a line beyond the limit the start is a record with a note, and no more is kept")
    func longLine() {
        var settings = Self.settings
        settings.longestLine = 100
        let bytes = [UInt8](repeating: 0x61, count: 100_000) + Array("\nb\n".utf8)
        let (records, reader) = Self.read(bytes, .plain, chunk: 1000, settings: settings)
        #expect(records.map(\.message.utf8.count) == [100, 1])
        #expect(
            reader.report.cut.map { "\($0.line): \($0.reason)" } == [
                "1: 99900 bytes of a longer line are left out"
            ])
        #expect(records.last?.source.offset == 100_001)
        let json = Array("{\"message\": \"".utf8) + bytes
        let skipped = Self.read(json, .jsonl, chunk: 1000, settings: settings).reader.report
        #expect(skipped.skipped.first?.reason == "the line is longer than 100 bytes")
    }

    @Test("plain lines are records; indented lines and tracebacks stay together")
    func plain() {
        let records = Self.read(
            """
            fatal: no repository
            error: pathspec 'x'
              did not match
            Traceback (most recent call last):
              File "a.py", line 1, in f
            KeyError: 'x'

            The above exception was the direct cause of the following exception:

            Traceback (most recent call last):
              File "a.py", line 2, in g
            ValueError: bad
            ERROR:app.orders:no order
            """, .plain
        ).records
        #expect(
            records.map(\.headline) == [
                "fatal: no repository", "error: pathspec 'x'", "ValueError: bad", "no order",
            ])
        #expect(records.allSatisfy { $0.time == nil })
        #expect(records.last?.component == "app.orders")
        #expect(records.map(\.source.line) == [1, 2, 4, 13])
    }

    @Test("an uncaught error of Node is one record")
    func node() {
        let records = Self.read(
            """
            /srv/app/server.js:12
                throw new TypeError("x")
                ^

            TypeError: x is not a function
                at f (/srv/app/server.js:12:9)

            Node.js v20.20.2
            next
            """, .plain
        ).records
        #expect(records.map(\.headline) == ["TypeError: x is not a function", "next"])
    }

    @Test("however the bytes come in chunks, the records are the same", arguments: [1, 2, 7, 64])
    func chunks(size: Int) {
        let text = """
            2026-11-20 02:00:00,123 ERROR app: a\r
            Traceback (most recent call last):
              File "ü.py", line 1, in f
            KeyError: 'x'
            2026-11-20 02:00:00,123 ERROR app: b
            """
        let whole = Self.read(Array(text.utf8))
        let parts = Self.read(Array(text.utf8), chunk: size)
        #expect(parts.records == whole.records)
        #expect(parts.reader.report == whole.reader.report)
    }

    @Test("random bytes make records or notes, never a crash", arguments: LogFormat.allCases)
    func fuzz(format: LogFormat) {
        let seed: UInt64 = 20_261_120
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let words: [String] = [
            "2026-11-20 02:00:00", "ERROR", "Traceback (most recent call last):", "\n", "\n",
            "  at ",
            "{", "}", "\"message\"", ":", "[", "]", "'", "\"", "<", ">", "=", "\u{0}", "\t", "é",
            "KeyError", "Caused by: ", "Nov 20 ", "é’", "DETAIL:  ", "password=", "@",
            "4111111111111111",
            "\r", "-----BEGIN PRIVATE KEY-----", "://", "e.com", "(", ")", "1", ",", "…",
        ]
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                if Int.random(in: 0..<8, using: &random) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &random))
                } else {
                    bytes += Array((words.randomElement(using: &random) ?? "").utf8)
                }
            }
            let records = Self.read(bytes, format).records
            var miner = Miner()
            for record in records { miner.add(record) }
            let window = Miner.Window(now: Timestamp(seconds: 1_800_000_000), days: 9999)
            #expect(miner.signatures(window).isEmpty == records.allSatisfy { !$0.isError() })
        }
    }
}
