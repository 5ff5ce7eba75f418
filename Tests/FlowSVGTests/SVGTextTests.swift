import FlowSVG
import Testing

/// Words in a picture: what fits, and what of others' text is no markup.
@Suite struct SVGTextTests {
    @Test(
        "a text is broken at blanks and behind marks, else within a word, and cut at the last line",
        arguments: [
            ("short", ["short"]), ("one two three four", ["one two", "three four"]),
            ("one-two-three-four", ["one-two-", "three-four"]),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", ["aaaaaaaaaa", "aaaaaaaaaa", "aaaa"]),
            ("one two three four five six seven eight", ["one two", "three four", "five six s…"]),
            ("", [""]),
        ])
    func lines(_ text: String, _ lines: [String]) {
        let room = SVGText.width("aaaaaaaaaa", size: 12) + 0.1
        #expect(SVGText.lines(text, width: room, size: 12, most: 3) == lines)
    }

    @Test("what is markup, a control or forbidden in XML is shown and has no effect")
    func escaped() {
        #expect(SVGText.escaped("\u{FFFF}\u{0}<") == "\\u{ffff}\\x00&lt;")
        var file = SVGFile(
            title: "</title>", description: "]]>&", width: 10.04, height: .infinity)
        file.content.add(words: "<script>", x: 1, y: 2, style: "note")
        let text = file.text
        #expect(text.contains("<title id=\"flow-title\">&lt;/title&gt;</title>"))
        #expect(text.contains(">]]&gt;&amp;</desc>"))
        #expect(text.contains("width=\"10\" height=\"0\""))
        #expect(
            text.hasSuffix("<text x=\"1\" y=\"2\" class=\"note\">&lt;script&gt;</text></svg>\n"))
        #expect(!text.contains("<defs>"))
    }
}
