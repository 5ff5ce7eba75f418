import FlowText
import Testing

@Suite("CSV") struct CSVTests {
    static let csv: [(text: String, rows: [[String]])] = [
        ("", []), ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\"x, \"\"y\"\"\nz\",2\n", [["x, \"y\"\nz", "2"]]), ("a,\n,\n", [["a", ""], ["", ""]]),
        ("\u{FEFF}a\n\n\nb\n", [["a"], ["b"]]), ("\"\",\"\"\n", [["", ""]]),
        ("a\rb,c\n", [["a\rb", "c"]]),
    ]

    @Test("a field in quotes may hold commas, newlines and doubled quotes", arguments: csv)
    func rows(_ text: String, _ expected: [[String]]) throws {
        var rows = CSVRows(Array(text.utf8))
        var found: [[String]] = []
        while let row = try rows.next() { found.append(row) }
        #expect(found == expected)
    }

    static let badCSV: [(text: String, line: Int)] = [
        ("a\n\"b\nc", 2), ("a\n\"b\nc\"d\n", 3),
    ]

    @Test("a quote that goes wrong is an error with its line", arguments: badCSV)
    func quotes(_ text: String, _ line: Int) throws {
        var rows = CSVRows(Array(text.utf8))
        #expect {
            while try rows.next() != nil {}
        } throws: { ($0 as? CSVMistake)?.line == line }
    }

    private static let hostile = [
        "", " ", " a ", ",", "\"", "\"\"", "a\"b", "\n", "\r", "\r\n", "a\rb", "\"\u{301}x,", "\0",
        "=cmd|' /C calc'!A0", "\u{FEFF}", "\u{2028}", "e\u{301}", "x,\"y\"\nz",
    ]

    @Test("what is written is read back, scalar for scalar")
    func written() throws {
        let lines = Self.hostile.map { ["first", $0, $0 + $0] } + [Self.hostile]
        var rows = CSVRows(Array(lines.map { CSVText.row($0) }.joined().utf8))
        for line in lines {
            let row = try #require(try rows.next())
            #expect(row.map { Array($0.utf8) } == line.map { Array($0.utf8) })
        }
        #expect(try rows.next() == nil)
    }
}

@Suite("text of others in Markdown") struct MarkdownTextTests {
    @Test(
        "is code in which nothing is markup, a link or a mention",
        arguments: [
            ("a_b", "<code>a_b</code>"), ("", ""), ("a|b", "<code>a&#124;b</code>"),
            ("<b>@you #1</b>", "<code>&#60;b&#62;&#64;you &#35;1&#60;/b&#62;</code>"),
            ("`x`\n", "<code>&#96;x&#96;&#92;x0a</code>"),
        ])
    func code(_ text: String, _ expected: String) {
        #expect(MarkdownText.code(text) == expected)
    }
}
