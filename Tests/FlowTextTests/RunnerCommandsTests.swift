import FlowJSON
import FlowText
import Testing

@Suite struct RunnerCommandsTests {
    @Test(
        "what the runner of GitHub Actions would take for a command is escaped, and nothing else",
        arguments: [
            ("plain: a::b", "plain: a::b"), ("::error::x", "\\x3a:error::x"),
            ("  \u{A0}\u{3000}::error::x", "  \u{A0}\u{3000}\\x3a:error::x"),
            ("a\n::b", "a\n\\x3a:b"), ("a\r::b", "a\r\\x3a:b"), ("a\r\n::b", "a\r\n\\x3a:b"),
            ("x ::error::y", "x ::error::y"), (":", ":"), (": :", ": :"), (":::", "\\x3a::"),
            ("##[error]", "##\\u005berror]"), ("a ###[b", "a ###\\u005bb"), ("#[a", "#[a"),
            ("# #[a", "# #[a"), ("", ""), ("##", "##"),
        ])
    func escapes(_ text: String, _ expected: String) {
        #expect(RunnerCommands.inert(text) == expected)
    }

    @Test("JSON means the same afterwards")
    func json() throws {
        let value: JSON = ["::a": "##[error]", "b": ["::stop-commands::x", "\\##[a", "\n::c"]]
        for text in [value.text(), value.text(.pretty)] {
            let inert = RunnerCommands.inert(text)
            #expect(try JSON.read(inert) == value)
            #expect(!inert.contains("##["))
        }
    }
}
