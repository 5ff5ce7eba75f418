internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Events of runs.",
        examples: [("flow events import calls.jsonl.gz", "runs that something else did")],
        subcommands: [EventsImportCommand.self])

    func run() -> Int32 { 0 }
}

struct EventsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take the runs of a log into this repository's history.",
        discussion: """
            Files are JSONL of events, OpenTelemetry spans (JSON) or XES, also packed with gzip or zstd; \
            - is standard input. Of each run its steps are kept and how it ended, with secrets masked. \
            What is there is not added again; a run that has gone on since is taken further. A log is \
            imported as a whole, or not at all. What cannot be read is named, the rest is imported, \
            and the exit code is 1 then.
            """,
        examples: [
            ("flow events import calls.jsonl.gz", "the runs of the log calls"),
            ("flow events import mon.jsonl tue.jsonl --name agent", "files that are one log"),
        ])

    @Argument(help: "logs of events", valueName: "file") var files: [String]
    @Option(help: "what the log is called; all files are this one log", valueName: "name")
    var name: String?
    @Flag(help: "one JSON object a log") var json: Bool

    private static let command = "flow events import"

    func run() throws -> Int32 {
        guard name != "" else { throw UsageError("a log needs a name", command: Self.command) }
        guard name != nil || !files.contains("-") else {
            throw UsageError("standard input needs a --name", command: Self.command)
        }
        let place = try Workspace(
            around: Files.workingFolder, stateOverride: Environment["FLOW_STATE"])
        let importing = try EventImport(place)
        let logs =
            name.map { [(name: $0, files: files)] }
            ?? files.map { (name: EventImport.name(of: $0), files: [$0]) }
        var code: Int32 = 0
        for log in logs {
            let outcome = try importing.add(log.files, name: log.name)
            for problem in outcome.problems { Print.note("flow: " + problem) }
            for note in outcome.notes { Print.note(note) }
            Print.line(json ? outcome.json.text() : Self.text(outcome))
            if !outcome.problems.isEmpty { code = 1 }
        }
        return code
    }

    private static func text(_ outcome: EventImport.Outcome) -> String {
        let report = outcome.report
        var parts = ["\(report.added) runs imported"]
        if report.updated > 0 { parts.append("\(report.updated) taken further") }
        if report.known > 0 { parts.append("\(report.known) there already") }
        return VisibleText.safe("\(outcome.log): ") + parts.joined(separator: ", ")
            + "; \(report.steps) steps"
    }
}
