internal import FlowArguments
internal import FlowStages
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors", abstract: "Errors and the groups they fall into.",
        examples: [
            ("flow errors list", "what the newest mining found, the most harmful first"),
            ("flow errors group app.log", "the groups of a log's lines, the largest first"),
        ],
        subcommands: [
            ErrorsMineCommand.self, ErrorsListCommand.self, ErrorsShowCommand.self,
            ErrorsExplainCommand.self,
            ErrorsMergeCommand.self, ErrorsSplitCommand.self, ErrorsGroupCommand.self,
        ], defaultSubcommand: ErrorsListCommand.self)

    func run() -> Int32 { 0 }
}

struct ErrorsGroupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Group lines that are one message each.",
        discussion: """
            On a terminal the groups are shown, the largest first; elsewhere, and with --json, every \
            line of the input gives one JSON object, in the input's order.
            """,
        examples: [
            ("flow errors group app.log", "the groups with their counts"),
            (
                "flow errors group - --json < app.log",
                "one JSON object a line: line, group, template"
            ),
        ])

    @Flag(help: "one JSON object a line of input, also on a terminal") var json: Bool
    @Argument(help: "the file; - for standard input", valueName: "file") var file: String

    func run() throws -> Int32 {
        let lines = try ErrorDesk.group(file, ErrorPlace.workspace())
        if lines.cut > 0 {
            Print.note(
                "flow: \(lines.cut) lines have more than \(GroupedLines.longestLine) bytes; the rest "
                    + "of them was not looked at")
        }
        if let damage = lines.damage {
            Print.note("flow: \(VisibleText.safe(file)) cannot be read further: \(damage)")
        }
        if json || !TerminalDevice.output.isTerminal {
            lines.jsonLines(Print.lines)
        } else {
            print(lines.groups)
        }
        return 0
    }

    private func print(_ groups: [GroupedLines.Group]) {
        let width = groups.first.map { String($0.count).count } ?? 0
        for group in groups {
            let count = String(group.count)
            Print.line(
                String(repeating: " ", count: width - count.count) + count + "  "
                    + group.fingerprint.prefix(8) + "  " + VisibleText.safe(group.template))
        }
    }
}

/// Where the commands on errors work.
enum ErrorPlace {
    static func workspace() throws -> Workspace {
        try Workspace(around: Files.workingFolder, stateOverride: Environment["FLOW_STATE"])
    }

    static func desk() throws -> SignatureDesk { try SignatureDesk(workspace()) }
}
