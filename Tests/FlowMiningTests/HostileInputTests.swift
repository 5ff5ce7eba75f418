import FlowMining
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite("Hostile input")
struct HostileInputTests {
    static func report(_ bytes: [UInt8], _ format: LogFormat? = nil) -> (
        records: [ErrorRecord], report: ReadReport
    ) {
        let (records, reader) = LogReaderTests.read(bytes, format)
        return (records, reader.report)
    }

    @Test(
        "a line of 1 GB is a note and at most a record of 1 MiB",
        arguments: LogFormat.allCases)
    func longLine(format: LogFormat) {
        var reader = LogReader(
            file: "a", format: format,
            settings: ReadSettings(reference: Timestamp(seconds: 1_800_000_000)))
        var records: [ErrorRecord] = []
        let start = format == .journal ? "__CURSOR=a\nMESSAGE=" : "2026-11-20 02:00:00 ERROR app: "
        reader.read(Array(start.utf8)) { records.append($0) }
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 18)
        for _ in 0..<4096 { reader.read(chunk) { records.append($0) } }
        reader.read(Array("\n\n".utf8)) { records.append($0) }
        reader.finish { records.append($0) }
        #expect(reader.report.skippedCount + reader.report.cutCount >= 1)
        #expect(records.count <= 1)
        #expect(records.allSatisfy { $0.message.utf8.count <= 1 << 20 })
    }

    @Test("a program is no log: its lines are counted, not grouped")
    func binary() throws {
        let (records, report) = Self.report(try Files.read("/bin/true"))
        #expect(report.skippedCount > report.lines / 2)
        #expect(report.skipped.contains { $0.reason == "it is not text" })
        #expect(report.lines == report.linesInRecords + report.blankLines + report.skippedCount)
        #expect(records.count < report.lines)
    }

    @Test("zero bytes before a line, which truncation under an open writer leaves, are passed over")
    func zeros() {
        let zeros = [UInt8](repeating: 0, count: 3 << 20)
        let (records, report) = Self.report(
            zeros + Array("2026-11-20 02:00:00 ERROR app: a\n".utf8))
        #expect(records.map(\.message) == ["a"])
        #expect(records.first?.time == Timestamp("2026-11-20T02:00:00Z"))
        #expect(report.cutCount == 0)
        let inside = "a line with one \u{0} in it"
        #expect(Self.report(Array(inside.utf8)).records.map(\.message) == [inside])
    }

    @Test("lines in several encodings are records each, with U+FFFD for what is not UTF-8")
    func encodings() {
        let bytes =
            Array("2026-11-20 02:00:00 ERROR app: café\n2026-11-20 02:00:01 ERROR app: caf".utf8)
            + [0xE9, 0x0A] + Array("2026-11-20 02:00:02 ERROR app: ".utf8)
            + [0x93, 0xFA, 0x96, 0x7B, 0x0A, 0xFF, 0xFE, 0x0A]
        let (records, report) = Self.report(bytes)
        #expect(records.map(\.message).prefix(2) == ["café", "caf\u{FFFD}"])
        #expect(records.count == 3)
        #expect(report.skippedCount == 0)
    }

    @Test(
        "a clock in the first or the last year is a time, one beyond is none",
        arguments: [
            ("0001-01-01 00:00:00 ERROR app: a", "0001-01-01T00:00:00Z"),
            ("9999-12-31 23:59:59.999999999 ERROR app: a", "9999-12-31T23:59:59Z"),
            ("9999-12-31 23:59:60 ERROR app: a", nil),
            ("0000-01-01 00:00:00+18:00 ERROR app: a", nil),
            ("9999-12-31 23:59:59-18:00 ERROR app: a", nil),
            ("2026-02-30 00:00:00 ERROR app: a", nil),
            (#"{"time": "0001-01-01T00:00:00Z", "message": "a"}"#, "0001-01-01T00:00:00Z"),
            (#"{"time": 9223372036854775807, "message": "a"}"#, "2262-04-11T23:47:16Z"),
            (#"{"time": -1e300, "message": "a"}"#, nil),
        ])
    func clocks(line: String, expected: String?) {
        let records = Self.report(Array((line + "\n").utf8)).records
        #expect(records.first?.time?.rfc3339 == expected)
        var miner = Miner()
        for record in records { miner.add(record) }
        let now = Timestamp("2026-11-20T12:00:00Z") ?? Timestamp(day: 0)
        #expect(miner.signatures(Miner.Window(now: now)).count <= 1)
    }

    @Test("deep and broken JSON is counted")
    func json() {
        let deep = String(repeating: "[", count: 200_000)
        let objects = String(repeating: #"{"exception":"#, count: 5000)
        let (records, report) = Self.report(Array("{}\n\(deep)\n\(objects)\n{\"a\"\n".utf8), .jsonl)
        #expect(records.isEmpty)
        #expect(report.skippedCount == 4)
    }

    @Test("pipes, folders, devices and what may not be read are named, never waited for")
    func files() throws {
        let folder = try TemporaryFolder()
        let reader = SourceReader(settings: ReadSettings(reference: Timestamp(seconds: 0)))
        func message(_ path: String) -> String {
            var state = SourceState()
            do throws(MiningError) {
                _ = try reader.read([path], &state) { _ in }
                return "read"
            } catch {
                return error.message
            }
        }
        try #require(mkfifo(folder.at("pipe"), 0o600) == 0)
        #expect(message(folder.at("pipe")) == "it is not a regular file")
        #expect(message("/dev/null") == "it is not a regular file")
        #expect(message("/dev/zero") == "it is not a regular file")
        #expect(message(folder.path).hasPrefix("it is a folder"))
        try folder.write("closed/a.log", "x\n")
        try #require(chmod(folder.at("closed"), 0) == 0)
        defer { chmod(folder.at("closed"), 0o700) }
        // root may list it all the same
        if geteuid() != 0 {
            #expect(message(folder.at("closed/*")).contains("cannot list"))
        }
        try Files.makeLink(folder.at("x.log"), to: "y.log")
        try Files.makeLink(folder.at("y.log"), to: "x.log")
        try folder.write("z.log", "x\n")
        try #require(mkfifo(folder.at("p.log"), 0o600) == 0)
        #expect(try SourcePattern.files(folder.at("*.log")) == [folder.at("z.log")])
        #expect(message(folder.at("[xy].log")).hasPrefix("no file matches"))
    }

    @Test("a file of nothing, of newlines or of carriage returns has no record and no complaint")
    func empty() {
        for bytes in [[], [0x0A], [UInt8](repeating: 0x0A, count: 100_000)] {
            let (records, report) = Self.report(bytes)
            #expect(records.isEmpty && report.skippedCount == 0 && report.cutCount == 0)
            #expect(report.blankLines == report.lines)
        }
        let (records, report) = Self.report([UInt8](repeating: 0x0D, count: 100_000) + [0x0A])
        #expect(records.isEmpty && report.lines <= 1)
    }

    @Test("a file that is removed while it is read is read to its end")
    func vanishing() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "2026-11-20 02:00:00 ERROR app: it failed\n", count: 20_000)
        try folder.write("a.log", text)
        var file = try SourceFile.open(folder.at("a.log"))
        var read = try file.next().count
        try Files.remove(folder.at("a.log"))
        while true {
            let chunk = try file.next()
            if chunk.isEmpty { break }
            read += chunk.count
        }
        #expect(read == text.utf8.count)
        // emptied instead, as by copying and truncating
        try folder.write("b.log", text)
        var other = try SourceFile.open(folder.at("b.log"))
        _ = try other.next()
        try #require(truncate(folder.at("b.log"), 10) == 0)
        #expect(try other.next().isEmpty)
    }
}
