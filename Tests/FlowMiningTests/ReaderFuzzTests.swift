import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

/// Real-looking inputs of every format, changed at random; `FLOW_SOAK` tries ten million and more. They
/// come from sixteen sources of random numbers, so that every processor has its share.
@Suite("Readers under random changes")
struct ReaderFuzzTests {
    private static let sources: Range<UInt64> = 0..<16
    private static let inputs =
        Environment["FLOW_SOAK"].map { max(10_000_000, Int($0) ?? 0) } ?? 4000

    static let seeds: [[UInt8]] =
        TraceTests.traces.map { Array(("started\n" + $0.text + "\nstopped\n").utf8) }
        + TraceTests.traces.map {
            Array(
                "2026-11-20 02:00:00,000 ERROR app: it failed\n\($0.text)\n2026-11-20 02:00:01 INFO b: c\n"
                    .utf8)
        }
        + JSONRecordTests.shapes.map { Array(($0.text + "\n{\"message\": \"next\"}\n").utf8) }
        + SyslogTests.lines.map { Array(($0.text + "\n  more\nNov 20 02:00:00 h p[1]: x\n").utf8) }
        + StampTests.cases.map { Array(($0.line + "\n\tmore\n\n" + $0.line + "\n").utf8) }
        + [
            Array((PostgresLogTests.row("ERROR", "a\nb") + PostgresLogTests.row("LOG", "c")).utf8),
            JournalTests.entry("Traceback (most recent call last):")
                + JournalTests.entry("  File \"a\"", binary: true) + JournalTests.entry("E: x"),
            Array("{\n  \"message\": \"a\",\n  \"level\": 50\n}\n[{\"message\": \"b\"}]\n".utf8),
            Array(
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1763604000123456789","severityNumber":17,"body":{"stringValue":"a"},"attributes":[{"key":"exception.type","value":{"stringValue":"E"}}]}]}]}]}"#
                    .utf8),
            Array(
                #"{"event_id":"a","timestamp":1763604000,"exception":{"values":[{"type":"A","value":"b","stacktrace":{"frames":[{"filename":"a.py","function":"f","lineno":3}]}}]}}"#
                    .utf8),
            Array(
                "{\"log\":\"  at f (a.js:1:2)\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T02:00:00Z\"}\n"
                    .utf8),
            Array(
                "2026-11-20 02:00:00 UTC [7] ERROR:  a\n2026-11-20 02:00:00 UTC [7] DETAIL:  b\n\tc\n"
                    .utf8),
        ]

    static let words: [[UInt8]] = [
        "2026-11-20 02:00:00", "ERROR", "Traceback (most recent call last):", "\n", "\n\n", "  at ",
        "{", "}", "\"", ":", "[", "]", "<34>", "\u{0}", "\t", "é", "Caused by: ", "Nov 20 ",
        "DETAIL:  ", "ERROR:  ", "\r\n", "(", ")", ",", "|", "File \"", "\", line ", ", in ",
        "goroutine 1 [running]:", "panic: ", "#012", "=", "MESSAGE\n", "99999999999999999999", "-",
        ".", "$", "$$", "9999-12-31T23:59:59Z", "0001-01-01", "\u{FEFF}", "\\",
        "  + Exception Group ",
    ].map { Array($0.utf8) }

    /// One input: a seed, changed in a few places.
    static func input(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...24, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 2: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 4 where place < bytes.count:
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default:
                let other = seeds.randomElement(using: &random) ?? []
                bytes = bytes[..<place] + other.suffix(Int.random(in: 0...200, using: &random))
            }
        }
        return bytes
    }

    struct Outcome: Equatable {
        var records: [ErrorRecord] = []
        var report: ReadReport
        let format: LogFormat?
        /// Where the next reading would begin.
        let settled: Int
    }

    static func read(
        _ bytes: [UInt8], _ format: LogFormat?, _ settings: ReadSettings, cut: (Int) -> Int
    ) -> Outcome {
        var reader = LogReader(file: "a", format: format, settings: settings)
        var records: [ErrorRecord] = []
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + max(1, cut(bytes.count - at)))
            reader.read(Array(bytes[at..<end])) { records.append($0) }
            at = end
        }
        let settled = reader.settled
        reader.finish { records.append($0) }
        return Outcome(
            records: records, report: reader.report, format: reader.format, settled: settled)
    }

    @Test(
        "no input crashes, chunks change nothing, and every line is in a record or counted",
        arguments: sources)
    func fuzz(source: UInt64) {
        let seed = 20_261_130 + source
        let inputs = Self.inputs / Self.sources.count
        print("seed \(seed), \(inputs) inputs")
        var random = SeededGenerator(seed: seed)
        for number in 0..<inputs {
            let bytes = Self.input(&random)
            let format =
                Int.random(in: 0..<3, using: &random) > 0
                ? nil : LogFormat.allCases.randomElement(using: &random)
            var settings = LogReaderTests.settings
            if Int.random(in: 0..<8, using: &random) == 0 { settings.longestLine = 64 }
            let whole = Self.read(bytes, format, settings) { $0 }
            let parts = Self.read(bytes, format, settings) { left in
                Int.random(in: 1...max(1, min(left, 50)), using: &random)
            }
            let report = whole.report
            let counted = report.linesInRecords + report.blankLines + report.skippedCount
            let isRight =
                whole == parts && counted == report.lines && report.records == whole.records.count
                && whole.settled <= bytes.count
            if !isRight {
                let text = String(decoding: bytes, as: UTF8.self)
                Issue.record("input \(number) of seed \(seed): \(report)\n\(text.debugDescription)")
                return
            }
            for record in whole.records where !record.stack.isEmpty {
                _ = record.ownFrames().map(\.place)
            }
        }
    }
}
