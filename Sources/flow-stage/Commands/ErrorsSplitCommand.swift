internal import FlowArguments
internal import FlowJSON
internal import FlowStages

struct ErrorsSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Take messages out of a group, or take back that it was merged.",
        discussion: """
            With --matching the messages of the group that match a regular expression are a group of \
            their own from now on. They are matched as they are masked, with their type before them, \
            as flow errors explain shows them. flow errors merge puts them back. Without --matching a \
            merge is taken back. Writes skills/aliases.yaml in the work tree: review and commit it like \
            any other change.
            """,
        examples: [
            (
                "flow errors split 2c4d0b7e --matching 'of lamp for' --dry-run",
                "what would be taken out"
            ),
            ("flow errors split 2c4d0b7e --matching 'of lamp for'", "take it out"),
            ("flow errors split 8f14e45f", "what was merged is a group of its own again"),
        ])

    @Option(help: "which messages to take out", valueName: "regex") var matching: String?
    @Flag(help: "with --matching: show what would be taken out, and write nothing")
    var dryRun: Bool
    @Flag(help: "with --matching: one JSON object") var json: Bool
    @Argument(
        help: "the group; without --matching the fingerprint that was merged",
        valueName: "fingerprint")
    var one: String

    func run() throws -> Int32 {
        guard let matching else { return try takeBack() }
        let desk = try SplitDesk(one, matching: matching, ErrorPlace.workspace())
        if !dryRun { try desk.write() }
        if json {
            Print.line(desk.json.text())
        } else {
            desk.lines.forEach(Print.line)
            if !dryRun { Print.line("commit skills/aliases.yaml for runs to follow it") }
        }
        return 0
    }

    private func takeBack() throws -> Int32 {
        if dryRun || json {
            throw UsageError(
                "--dry-run and --json go with --matching", command: "flow errors split")
        }
        let old = try ErrorPlace.desk().split(one)
        Print.line("\(old) is a group of its own again; commit skills/aliases.yaml")
        return 0
    }
}
