import FlowJSON
import FlowSpec
import Testing
import FlowText

@Suite struct DiagnosticTests {
    private func shown(_ text: String, line: Int, column: Int, length: Int = 1) -> String {
        SourceFile(name: "f", bytes: Array(text.utf8))
            .diagnostic(line: line, column: column, length: length, "m").description
    }

    @Test("the caret stands under the column, also after tabs, wide escapes and line ends of DOS")
    func caret() {
        #expect(
            shown("ab\r\n\tcd: x\r\n", line: 2, column: 2, length: 2)
                == "f:2:2: error: m\n\tcd: x\n\t^~")
        #expect(
            shown("a\u{1B}[1mb", line: 1, column: 6) == "f:1:6: error: m\na\\x1b[1mb\n        ^")
        #expect(shown("abc", line: 1, column: 4) == "f:1:4: error: m\nabc\n   ^")
        #expect(shown("", line: 1, column: 1) == "f:1:1: error: m\n\n^")
        #expect(shown("a", line: 7, column: 1) == "f:7:1: error: m")
        #expect(shown("\u{FEFF}a: b", line: 1, column: 4) == "f:1:4: error: m\na: b\n   ^")
    }

    @Test("a long line is cut around the column")
    func longLine() {
        let text = String(repeating: "x", count: 5_000) + "!" + String(repeating: "y", count: 5_000)
        let lines = shown(text, line: 1, column: 5_001).split(separator: "\n")
        #expect(lines[1].count < 110 && lines[1].hasPrefix("…") && lines[1].hasSuffix("…"))
        let caret = lines[2].count - 1
        #expect(Array(lines[1])[caret] == "!")
    }

    @Test("nothing in a message or a note moves the terminal")
    func safe() {
        let file = SourceFile(name: "\u{1B}]0;x\u{7}", bytes: [])
        let text = file.diagnostic(line: 1, column: 1, "a\u{9B}b", note: "c\nd\u{202E}").description
        #expect(text == "\\x1b]0;x\\x07:1:1: error: a\\x9bb\n\n^\nnote: c\nd\\u{202e}")
    }

    @Test("a list is sorted by place and says nothing twice")
    func sorting() {
        let file = SourceFile(name: "f", bytes: [])
        let one = file.diagnostic(line: 2, column: 1, "one")
        let two = file.diagnostic(line: 1, column: 9, "two")
        let list = DiagnosticList([one, two, one])
        #expect(list.diagnostics == [two, one])
        #expect(
            list.json.text()
                == #"[{"file":"f","line":1,"column":9,"length":1,"message":"two"},"#
                + #"{"file":"f","line":2,"column":1,"length":1,"message":"one"}]"#)
    }

    @Test(
        "the nearest name is found, and nothing where none is near",
        arguments: [
            ("usess", "uses"), ("nedes", "needs"), ("RUN", "run"), ("wit", "with"), ("xyzzy", nil),
            ("", nil), (String(repeating: "a", count: 100), nil),
        ])
    func nearest(_ typed: String, _ expected: String?) {
        #expect(Nearest.name(to: typed, among: ["uses", "needs", "run", "with"]) == expected)
    }

    @Test(
        "lengths of time are read as seconds",
        arguments: [
            ("90s", 90), ("10m", 600), ("7d", 604_800), ("1h30m", 5_400), ("200ms", 0.2), ("0s", 0),
            ("1d1h1m1s1ms", 90_061.001), ("10", nil), ("", nil), ("m", nil), ("1m1h", nil),
            ("1h1h", nil), ("-1s", nil), ("1.5h", nil), ("1 h", nil), ("99999999999d", nil),
            ("٣s", nil), ("999999999999999999999s", nil),
        ])
    func durations(_ text: String, _ seconds: Double?) {
        #expect(DurationText.seconds(text) == seconds)
    }
}
