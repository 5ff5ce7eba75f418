import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

@Suite("Reading stamped lines")
struct StampTests {
    static func read(_ text: String, zone: LogZone = .utc, format: LogFormat? = .log)
        -> (records: [ErrorRecord], report: ReadReport)
    {
        var settings = ReadSettings(reference: Timestamp("2026-11-20T12:00:00Z") ?? .init(day: 0))
        settings.zone = zone
        var reader = LogReader(file: "a.log", format: format, settings: settings)
        var records: [ErrorRecord] = []
        reader.read(Array(text.utf8)) { records.append($0) }
        reader.finish { records.append($0) }
        return (records, reader.report)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let line: String
        let time: String
        let level: Level?
        let component: String
        let message: String

        init(
            _ line: String, _ time: String, _ level: Level?, _ component: String,
            _ message: String
        ) {
            self.line = line
            self.time = time
            self.level = level
            self.component = component
            self.message = message
        }

        var testDescription: String { line }
    }

    static let cases: [Case] = [
        Case(
            "2026-11-20 02:00:00,123 ERROR app.orders: no such order", "2026-11-20T02:00:00.123Z",
            .error, "app.orders", "no such order"),
        Case(
            "2026-11-20 02:00:00,123 - app.orders - ERROR - no such order",
            "2026-11-20T02:00:00.123Z", .error, "app.orders", "no such order"),
        Case(
            "2026-11-20 02:00:00,123 4711 ERROR shop odoo.addons.sale.models: bad query",
            "2026-11-20T02:00:00.123Z", .error, "odoo.addons.sale.models", "bad query"),
        Case(
            "2026-11-20T02:00:00.5+02:00 [main] WARN com.shop.Stock - low",
            "2026-11-20T00:00:00.5Z",
            .warning, "com.shop.Stock", "low"),
        Case(
            "2026-11-20 02:00:00.123 ERROR 4711 --- [main] c.s.Orders   : it failed",
            "2026-11-20T02:00:00.123Z", .error, "c.s.Orders", "it failed"),
        Case(
            "2026-11-20 02:00:00.123 SEVERE [shop.sessions] gone", "2026-11-20T02:00:00.123Z",
            .error, "shop.sessions", "gone"),
        Case(
            "2026/11/20 12:00:00 [error] 12#12: *1 open() \"/x\" failed (2: No such file)",
            "2026-11-20T12:00:00Z", .error, "nginx", "open() \"/x\" failed (2: No such file)"),
        Case(
            "2026-11-20 02:00:00.123 UTC [123] user@db ERROR:  relation \"x\" does not exist",
            "2026-11-20T02:00:00.123Z", .error, "postgresql", "relation \"x\" does not exist"),
        Case(
            "2026-11-20 02:00:00.123 CET [123] FATAL:  the database system is starting up",
            "2026-11-20T01:00:00.123Z", .critical, "postgresql",
            "the database system is starting up"),
        Case(
            "Nov 20 11:00:00 web1 sshd[77]: error: maximum authentication attempts exceeded",
            "2026-11-20T11:00:00Z", .error, "sshd", "maximum authentication attempts exceeded"),
        Case(
            "Dec 31 11:00:00 web1 kernel: Out of memory", "2025-12-31T11:00:00Z", nil, "kernel",
            "Out of memory"),
        Case(
            "<34>1 2026-11-20T02:00:00Z web1 app 8710 - - it failed", "2026-11-20T02:00:00Z",
            .critical, "app", "it failed"),
        Case(
            "2026-11-20T02:00:00+0000 web1 worker[5]: it failed", "2026-11-20T02:00:00Z", nil,
            "worker", "it failed"),
        Case(
            "[Fri Nov 20 02:00:00.123456 2026] [core:error] [pid 7:tid 8] AH00126: Invalid URI",
            "2026-11-20T02:00:00.123456Z", .error, "core", "AH00126: Invalid URI"),
        Case(
            "[2026-11-20T02:00:00Z ERROR app::db] no connection", "2026-11-20T02:00:00Z", .error,
            "app::db", "no connection"),
        Case(
            "2026-11-20T02:00:00.123Z\tERROR\tapp/main.go:12\tno connection",
            "2026-11-20T02:00:00.123Z", .error, "app/main.go:12", "no connection"),
        Case(
            "2026-11-20T02:00:00Z error: it failed", "2026-11-20T02:00:00Z", .error, "",
            "it failed"),
        Case(
            "2026/11/20 02:00:00 cannot listen on :80", "2026-11-20T02:00:00Z", nil, "",
            "cannot listen on :80"),
        Case(
            "2026-11-20 02:00:00,1 INFO app: started", "2026-11-20T02:00:00.1Z", .info, "app",
            "started"),
        Case(
            "Nov 20, 2026 2:00:00 PM com.shop.Orders create\nSEVERE: it failed",
            "2026-11-20T14:00:00Z", .error, "com.shop.Orders", "it failed"),
    ]

    @Test("time, level, component and message are found in what libraries write", arguments: cases)
    func head(_ expected: Case) throws {
        let records = Self.read(expected.line).records
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.time == Timestamp(expected.time))
        #expect(record.level == expected.level)
        #expect(record.component == expected.component)
        #expect(record.headline == expected.message)
    }

    @Test("a time without a zone is read in the zone given; one with a zone is not")
    func zone() throws {
        let zone = try LogZone("+02:00")
        let text = "2026-11-20 02:00:00 ERROR a: x\n2026-11-20T02:00:00Z ERROR a: y\n"
        let times = Self.read(text, zone: zone).records.map(\.time)
        #expect(times == [Timestamp("2026-11-20T00:00:00Z"), Timestamp("2026-11-20T02:00:00Z")])
    }

    @Test(
        "a zone that is none is refused with what to write",
        arguments: ["Europe/Nowhere", "", "+25:00", "+02:00x", "noon", "../passwd", "/etc/passwd"])
    func badZone(text: String) {
        do throws(MiningError) {
            _ = try LogZone(text)
            Issue.record("\(text) is a zone")
        } catch {
            #expect(
                error.description
                    == "cannot use the timezone '\(text)': /usr/share/zoneinfo has no such zone "
                    + "(Debian's tzdata brings it); write a name such as Europe/Berlin, an offset "
                    + "such as +02:00, or UTC")
        }
    }

    @Test("in the hour shown twice the first is meant, and the hour left out is as if it were not")
    func changes() throws {
        let zone = try LogZone("Europe/Berlin")
        for (text, expected) in [
            ("2026-01-15 12:00:00", "2026-01-15T11:00:00Z"),
            ("2026-07-15 12:00:00", "2026-07-15T10:00:00Z"),
            ("2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
            ("2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
            ("2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
            ("2090-07-15 12:00:00", "2090-07-15T10:00:00Z"),
            ("2026-07-15 12:00:00Z", "2026-07-15T12:00:00Z"),
            ("2026-07-15 12:00:00 CET", "2026-07-15T11:00:00Z"),
        ] {
            let records = Self.read("\(text) ERROR a: x\n", zone: zone).records
            #expect(records.first?.time?.rfc3339 == expected, "\(text)")
            let json = #"{"time": "\#(text)", "message": "x"}"#
            let fields = Self.read(json, zone: zone, format: .jsonl).records
            #expect(fields.first?.time?.rfc3339 == expected, "\(json)")
        }
    }

    @Test(
        "places are as far from UTC as the C library says",
        arguments: [
            "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata",
            "America/Sao_Paulo", "Pacific/Auckland", "Africa/Casablanca", "Asia/Tehran",
        ])
    func places(name: String) throws {
        var random = SeededGenerator(seed: 4)
        let range = -2_000_000_000...4_000_000_000
        let seconds = (0..<300).map { _ in Int.random(in: range, using: &random) }
        let date = TestProgram("date", in: "/", environment: ["TZ": name])
        let shown = try date.run(
            ["-f", "-", "+%Y-%m-%d %H:%M:%S"], input: seconds.map { "@\($0)\n" }.joined())
        let zone = try LogZone(name)
        for (second, text) in zip(seconds, try shown.checked().lines) {
            let time = Self.read("\(text) ERROR a: x\n", zone: zone).records.first?.time
            let difference = (time?.seconds ?? 0) - second
            // of an hour that is shown twice the first is meant
            #expect(difference == 0 || difference == -3600, "\(text): \(second)")
        }
    }

    @Test("a traceback is one record, with the type and message of its exception")
    func traceback() throws {
        let (records, report) = Self.read(
            """
            2026-11-20 02:00:00,123 ERROR app.orders: request failed
            Traceback (most recent call last):
              File "a.py", line 1, in f
                x()
            KeyError: 'name'

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "b.py", line 2, in g
                y()
            shop.errors.Refused: no order 5
            2026-11-20 02:00:01,123 ERROR app.orders: next
            """)
        #expect(records.count == 2)
        let record = try #require(records.first)
        #expect(record.headline == "shop.errors.Refused: no order 5")
        #expect(record.stack.first == "request failed")
        #expect(record.stack.contains("KeyError: 'name'"))
        #expect(report.skippedCount == 0)
    }

    @Test("the outer exception of Java names the record, its causes stay in the stack")
    func java() throws {
        let records = Self.read(
            """
            2026-11-20 02:00:00.123 ERROR [main] c.s.Orders - it failed
            java.lang.IllegalStateException: no stock
            \tat c.s.Orders.create(Orders.java:10)
            Caused by: java.io.IOException: connection reset
            \tat c.s.Net.read(Net.java:5)
            \t... 3 more
            """
        ).records
        #expect(records.map(\.type) == ["java.lang.IllegalStateException"])
        #expect(records.map(\.message) == ["no stock"])
        #expect(records.first?.stack.last == "\t... 3 more")
    }

    @Test("PostgreSQL's details belong to their error, those of other sessions are counted apart")
    func postgres() {
        let (records, report) = Self.read(
            """
            2026-11-20 02:00:00.1 UTC [1] a@b ERROR:  duplicate key
            2026-11-20 02:00:00.1 UTC [1] a@b DETAIL:  Key (id)=(1) already exists.
            2026-11-20 02:00:00.1 UTC [1] a@b STATEMENT:  INSERT INTO x
            \tVALUES (1)
            2026-11-20 02:00:00.2 UTC [2] a@b LOG:  checkpoint starting
            2026-11-20 02:00:00.2 UTC [3] a@b DETAIL:  nobody's
            """)
        #expect(records.map(\.message) == ["duplicate key", "checkpoint starting"])
        #expect(
            records.first?.stack == [
                "DETAIL:  Key (id)=(1) already exists.", "STATEMENT:  INSERT INTO x",
                "\tVALUES (1)",
            ])
        #expect(records.map { $0.isError() } == [true, false])
        #expect(report.skipped.map(\.line) == [6])
    }

    @Test("a traceback that went through syslog line by line is one record")
    func syslog() {
        let records = Self.read(
            """
            Nov 20 02:00:00 web1 app[7]: Traceback (most recent call last):
            Nov 20 02:00:00 web1 app[7]:   File "a.py", line 1, in f
            Nov 20 02:00:00 web1 app[7]: ValueError: bad
            Nov 20 02:00:00 web1 app[8]: other
            """
        ).records
        #expect(records.map(\.headline) == ["ValueError: bad", "other"])
    }

    @Test("lines before the first stamp are counted with their numbers, not lost")
    func orphan() {
        let report = Self.read("  at x\n\n2026-11-20 02:00:00 ERROR a: b\n").report
        #expect(report.skippedCount == 1)
        #expect(report.skipped.map(\.line) == [1])
        #expect(report.records == 1)
    }
}
