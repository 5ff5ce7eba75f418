import FlowText
import Testing

/// Text of others on a terminal.
@Suite struct VisibleTextTests {
    @Test(
        "nothing in a text moves the cursor, colours, or turns the reading direction",
        arguments: [
            ("plain ~", "plain ~"), ("é 漢 🙂", "é 漢 🙂"), ("\u{1B}[31mred", "\\x1b[31mred"),
            ("a\rb", "a\\x0db"), ("a\tb", "a    b"), ("a\nb", "a\\x0ab"), ("\u{9B}1m", "\\x9b1m"),
            ("\u{85}", "\\x85"), ("\u{0}", "\\x00"), ("\u{7F}", "\\x7f"),
            ("\u{202E}x", "\\u{202e}x"), ("\u{2066}", "\\u{2066}"), ("\u{61C}", "\\u{61c}"),
            ("\u{2028}", "\\u{2028}"),
            ("a\r\nb", "a\\x0d\\x0ab"),
        ])
    func safe(_ text: String, _ expected: String) {
        #expect(VisibleText.safe(text) == expected)
    }

    @Test("newlines stay where lines are wanted")
    func lines() {
        #expect(VisibleText.safe("a\nb\u{1B}", lines: true) == "a\nb\\x1b")
        #expect(VisibleText.safe("a\r\nb", lines: true) == "a\\x0d\nb")
    }
}
