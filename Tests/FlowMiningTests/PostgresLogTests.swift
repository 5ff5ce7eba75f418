import FlowMining
import FlowSystem
import Testing

@Suite("PostgreSQL's logs")
struct PostgresLogTests {
    @Test(
        "a record is whole whatever log_line_prefix says",
        arguments: [
            "2026-11-20 02:00:00.123 UTC [7] ",
            "2026-11-20 02:00:00 UTC [7]: [3-1] user=a,db=b,app=psql,client=10.0.0.1 ",
            "2026-11-20 02:00:00 UTC:10.0.0.1(53210):app@shop:[7]:",
            "2026-11-20 02:00:00.123 UTC [7] app@shop ",
            "2026-11-20 02:00:00 UTC ", "[2026-11-20 02:00:00 UTC] 7 ",
            "2026-11-20 02:00:00.123 GMT [7] 5c3d2e1f.7 [unknown] psql ",
            "1795140000.123 [7] ", "[7] ", "",
        ])
    func prefixes(prefix: String) throws {
        let (records, reader) = LogReaderTests.read(
            """
            \(prefix)LOG:  checkpoint starting: time
            \(prefix)ERROR:  duplicate key value violates "a_pkey"
            \(prefix)DETAIL:  Key (id)=(7) already exists.
            \(prefix)HINT:  Take another.
            \(prefix)STATEMENT:  INSERT INTO a
            \tVALUES (7)
            \(prefix)FATAL:  the database system is shutting down

            """)
        #expect(reader.report.skippedCount == 0)
        #expect(
            records.map(\.message) == [
                "checkpoint starting: time", "duplicate key value violates \"a_pkey\"",
                "the database system is shutting down",
            ])
        #expect(records.map(\.level) == [.info, .error, .critical])
        #expect(records.allSatisfy { $0.component == "postgresql" })
        #expect(
            records.dropFirst().first?.stack == [
                "DETAIL:  Key (id)=(7) already exists.", "HINT:  Take another.",
                "STATEMENT:  INSERT INTO a", "\tVALUES (7)",
            ])
        if prefix.contains("20") || prefix.hasPrefix("1") {
            let time = try #require(records.first?.time)
            #expect(time.rfc3339 == "2026-11-20T02:00:00Z")
        }
    }

    @Test("through syslog, cut into numbered parts, it is one record")
    func syslog() {
        let (records, reader) = LogReaderTests.read(
            """
            Nov 20 02:00:00 db1 postgres[7]: [3-1] 2026-11-20 02:00:00 UTC ERROR:  duplicate key
            Nov 20 02:00:00 db1 postgres[7]: [3-2] 2026-11-20 02:00:00 UTC DETAIL:  Key exists.
            Nov 20 02:00:00 db1 postgres[7]: [3-3] #011VALUES (7)
            Nov 20 02:00:00 db1 postgres[7]: [4-1] 2026-11-20 02:00:00 UTC LOG:  done
            """)
        #expect(records.map(\.message) == ["duplicate key", "done"])
        #expect(records.first?.stack.count == 2)
        #expect(reader.report.skippedCount == 0)
    }

    static func row(_ severity: String, _ message: String, _ detail: String = "") -> String {
        let quoted = [message, detail].map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
        return "2026-11-20 02:00:00.123 UTC,\"app\",\"shop\",7,\"10.0.0.1:5\",67a1.7,3,\"INSERT\","
            + "2026-11-20 01:00:00 UTC,3/7,0,\(severity),23505,\(quoted[0]),\(quoted[1]),,,,,"
            + "\"INSERT INTO a\nVALUES (\"\"7\"\")\",,,\"psql\",\"client backend\",,0\n"
    }

    @Test("a row of csvlog is a record, also with newlines and quotes in its fields")
    func rows() {
        let text =
            Self.row("ERROR", "duplicate \"key\"\nand more", "Key, exists.")
            + Self.row("LOG", "fine")
        let (records, reader) = LogReaderTests.read(text)
        #expect(reader.format == .csvlog)
        #expect(reader.report.skippedCount == 0)
        #expect(records.map(\.message) == ["duplicate \"key\"", "fine"])
        #expect(records.map(\.level) == [.error, .info])
        #expect(records.first?.time == Timestamp("2026-11-20T02:00:00.123Z"))
        #expect(
            records.first?.stack == [
                "and more", "DETAIL:  Key, exists.", "STATEMENT:  INSERT INTO a",
                "VALUES (\"7\")",
            ])
    }

    @Test("a row that was cut off loses itself only")
    func cut() {
        let half = Self.row("ERROR", "b").prefix { $0 != "\n" } + "\n"
        let text = Self.row("ERROR", "a") + half + Self.row("ERROR", "c")
        let (records, reader) = LogReaderTests.read(text)
        #expect(records.map(\.message) == ["a", "c"])
        #expect(reader.report.skippedCount == 1)
        #expect(reader.report.lines == reader.report.linesInRecords + 1)
    }
}
