import FlowArguments
import Testing

private struct Copy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Copies files.",
        examples: [("tool copy a b", "copies a to b")])
    @Argument(help: "what to copy") var from: String
    @Argument(help: "where to") var to: String?
    @Option(name: ["-n", "--times"], help: "how often") var times = 1
    @Option(name: ["-p"], help: "a setting", valueName: "name=value") var settings: [String]
    @Flag(help: "say what is done") var dryRun: Bool
    func run() -> Int32 { 0 }
}

private struct Tool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tool", abstract: "A tool.", subcommands: [Copy.self])
    func run() -> Int32 { 0 }
}

private func parse(_ words: String...) throws -> Copy? {
    guard case .run(let command) = try CommandParser.parse(Tool.self, words) else { return nil }
    return command as? Copy
}

@Suite struct CommandParserTests {
    @Test("words, options and flags fill the properties they name")
    func fills() throws {
        let copy = try #require(
            try parse("copy", "a", "--times=3", "-p", "x=1", "-py=2", "--dry-run", "--", "-b"))
        #expect(copy.from == "a" && copy.to == "-b" && copy.times == 3 && copy.dryRun)
        #expect(copy.settings == ["x=1", "y=2"])
    }

    @Test("what is left out keeps its default")
    func defaults() throws {
        let copy = try #require(try parse("copy", "a"))
        #expect(copy.to == nil && copy.times == 1 && !copy.dryRun && copy.settings.isEmpty)
    }

    @Test(
        "a mistake is named, with the nearest right name",
        arguments: [
            (["cpoy"], "there is no command 'cpoy'; did you mean 'copy'?\nsee 'tool --help'"),
            (
                ["copy", "a", "--tmies", "2"],
                "there is no option '--tmies'; did you mean '--times'?\nsee 'tool copy --help'"
            ),
            (["copy"], "missing <from>: what to copy\nsee 'tool copy --help'"),
            (["copy", "a", "-n", "x"], "'x' is no <times>\nsee 'tool copy --help'"),
            (["copy", "a", "-n"], "-n needs a value <times>\nsee 'tool copy --help'"),
            (["copy", "a", "b", "c"], "unexpected word 'c'\nsee 'tool copy --help'"),
            (["copy", "a", "--dry-run=1"], "--dry-run takes no value\nsee 'tool copy --help'"),
        ])
    func mistakes(_ words: [String], _ message: String) {
        #expect { try CommandParser.parse(Tool.self, words) } throws: { "\($0)" == message }
    }

    @Test("help shows arguments, options and examples")
    func help() throws {
        guard case .help(let text) = try CommandParser.parse(Tool.self, ["copy", "--help"]) else {
            Issue.record("expected help")
            return
        }
        #expect(
            text == """
                Copies files.

                usage: tool copy <from> [<to>] [options]

                arguments:
                  <from>  what to copy
                  <to>    where to

                options:
                  -n, --times <times>  how often
                  -p <name=value>…     a setting
                  --dry-run            say what is done

                examples:
                  tool copy a b  copies a to b

                """)
    }
}
