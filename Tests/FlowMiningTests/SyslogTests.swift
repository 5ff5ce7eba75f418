import FlowMining
import FlowSystem
import Testing

@Suite("Syslog")
struct SyslogTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let text: String
        let time: String?
        let level: Level?
        let component: String
        let host: String?
        let message: String
        var testDescription: String { text }
    }

    static let lines: [Line] = [
        Line(
            text: "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            time: "2026-10-11T22:14:15Z", level: .critical, component: "su", host: "mymachine",
            message: "'su root' failed for lonvick on /dev/pts/8"),
        Line(
            text:
                #"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="a \"b\" \] c"][x@1] "#
                + "\u{FEFF}An application event log entry...",
            time: "2003-10-11T22:14:15.003Z", level: .notice, component: "evntslog",
            host: "mymachine.example.com", message: "An application event log entry..."),
        Line(
            text: "<11>1 - web1 shop 7 - - cannot save", time: nil, level: .error,
            component: "shop", host: "web1", message: "cannot save"),
        Line(
            text: "<13>shop[7]: cannot save", time: nil, level: .notice, component: "shop",
            host: nil, message: "cannot save"),
        Line(
            text: "2026-11-20T02:00:00.5+01:00 web1 shop[7]: cannot save",
            time: "2026-11-20T01:00:00.5Z", level: nil, component: "shop", host: "web1",
            message: "cannot save"),
        Line(
            text: "<190>Nov 20 02:00:00 web1 shop[7]: ERROR no stock", time: "2026-11-20T02:00:00Z",
            level: .error, component: "shop", host: "web1", message: "no stock"),
    ]

    @Test("both forms are read, as they travel and as files hold them", arguments: lines)
    func line(_ line: Line) throws {
        let (records, reader) = LogReaderTests.read(line.text + "\n")
        #expect(reader.format == .log)
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.time == line.time.flatMap { Timestamp($0) })
        #expect(record.level == line.level)
        #expect(record.component == line.component)
        #expect(record.host == line.host)
        #expect(record.message == line.message)
    }

    @Test("a newline that rsyslog has written as #012 is one again")
    func escapes() {
        let records = LogReaderTests.read(
            "Nov 20 02:00:00 web1 shop[7]: Traceback (most recent call last):#012  File \"/srv/a.py\", line 1, in f#012KeyError: 'x' #011 y\n"
        ).records
        #expect(records.map(\.headline) == ["KeyError: 'x' \t y"])
        #expect(records.first?.ownFrames().map(\.place) == ["srv/a.py:f"])
    }

    @Test("a line of another process ends a traceback and begins a record")
    func processes() {
        let records = LogReaderTests.read(
            """
            Nov 20 02:00:00 web1 shop[7]: Traceback (most recent call last):
            Nov 20 02:00:00 web1 shop[7]:   File "/srv/a.py", line 1, in f
            Nov 20 02:00:00 web1 shop[8]:   indented
            Nov 20 02:00:00 web1 shop[8]: second
            """
        ).records
        #expect(records.count == 3)
        #expect(records.map(\.source.line) == [1, 3, 4])
    }
}
