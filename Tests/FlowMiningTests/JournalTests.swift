import FlowMining
import FlowSystem
import Testing

@Suite("systemd's journal")
struct JournalTests {
    static func entry(_ message: [UInt8], binary: Bool, priority: Int = 6, process: Int = 7)
        -> [UInt8]
    {
        var bytes = Array(
            """
            __CURSOR=s=1;i=2
            __REALTIME_TIMESTAMP=1795140000000000
            _HOSTNAME=web1
            PRIORITY=\(priority)
            SYSLOG_IDENTIFIER=shop
            _PID=\(process)
            COREDUMP

            """.utf8)
        // a field that nobody reads, with newlines in its data
        bytes += [3, 0, 0, 0, 0, 0, 0, 0] + Array("\n\n\n".utf8) + [0x0A]
        if binary {
            let size = (0..<8).map { UInt8(truncatingIfNeeded: message.count >> (8 * $0)) }
            bytes += Array("MESSAGE\n".utf8) + size + message + [0x0A]
        } else {
            bytes += Array("MESSAGE=".utf8) + message + [0x0A]
        }
        return bytes + [0x0A]
    }

    static func entry(_ message: String, binary: Bool = false, priority: Int = 6) -> [UInt8] {
        entry(Array(message.utf8), binary: binary, priority: priority)
    }

    @Test(
        "entries of the export format are records, also with binary fields",
        arguments: [1, 7, 4096])
    func export(chunk: Int) throws {
        let bytes =
            Self.entry("started") + Self.entry("ValueError: bad\nand more", binary: true)
            + Self.entry("disk full", priority: 2) + Self.entry([0xFF, 0x00, 0x41], binary: true)
        let (records, reader) = LogReaderTests.read(bytes, chunk: chunk)
        #expect(reader.format == .journal)
        #expect(reader.report.skippedCount == 0)
        #expect(
            records.map(\.headline) == [
                "started", "ValueError: bad", "disk full", "\u{FFFD}\u{0}A",
            ])
        #expect(records.map(\.level) == [.info, .error, .critical, .info])
        let first = try #require(records.first)
        #expect(first.component == "shop")
        #expect(first.host == "web1")
        #expect(first.time == Timestamp("2026-11-20T02:00:00Z"))
        #expect(records.dropFirst().first?.stack == ["and more"])
        #expect(records.last?.source.line == 4)
    }

    @Test("a traceback that the journal holds line by line is one record")
    func lines() {
        let lines = [
            "started", "Traceback (most recent call last):", "  File \"/srv/a.py\", line 1, in f",
            "KeyError: 'x'", "stopped",
        ]
        let records = LogReaderTests.read(lines.flatMap { Self.entry($0) }).records
        #expect(records.map(\.headline) == ["started", "KeyError: 'x'", "stopped"])
        #expect(records.map { $0.isError() } == [false, true, false])
    }

    @Test("an entry that claims more bytes than there are is counted, not waited for in memory")
    func halves() {
        let huge = Array("__CURSOR=a\nMESSAGE\n".utf8) + [UInt8](repeating: 0xFF, count: 8)
        let (records, reader) = LogReaderTests.read(Self.entry("a") + huge + Array("bcd".utf8))
        #expect(records.map(\.message) == ["a"])
        #expect(reader.report.skipped.map(\.reason) == ["the file ends in the middle of an entry"])
        var settings = LogReaderTests.settings
        settings.longestLine = 20
        let long = Self.entry(String(repeating: "x", count: 50))
        let cut = LogReaderTests.read(long, settings: settings)
        #expect(cut.records.map(\.message.utf8.count) == [20])
        #expect(cut.reader.report.cut.map(\.reason) == ["30 bytes of a longer field are left out"])
    }

    @Test("in JSON a message is text, the array of its bytes, or nothing")
    func json() {
        let (records, reader) = LogReaderTests.read(
            #"""
            {"__REALTIME_TIMESTAMP":"1795140000000000","PRIORITY":"3","SYSLOG_IDENTIFIER":"shop","MESSAGE":"a"}
            {"__REALTIME_TIMESTAMP":"1795140000000000","PRIORITY":"3","_COMM":"shop","MESSAGE":[98,255,300]}
            {"__REALTIME_TIMESTAMP":"1795140000000000","PRIORITY":"3","_COMM":"shop","MESSAGE":null}
            """#)
        #expect(records.map(\.message) == ["a", "b\u{FFFD}"])
        #expect(records.map(\.component) == ["shop", "shop"])
        #expect(reader.report.skippedCount == 1)
    }
}
