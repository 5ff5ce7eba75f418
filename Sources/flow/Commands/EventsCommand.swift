internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowStore

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "The events of runs: print them, import a log of others.",
        examples: [
            ("flow events last", "every event of the newest run"),
            ("flow events import calls.jsonl.gz", "the runs of a log, as runs of this repository"),
        ],
        subcommands: [EventsPrintCommand.self, EventsImportCommand.self],
        defaultSubcommand: EventsPrintCommand.self)

    func run() -> Int32 { Program.succeeded }
}

struct EventsPrintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print", abstract: "Print the event log of a run as JSONL.",
        examples: [
            ("flow events last", "every event of the newest run"),
            ("flow events last --follow", "and those to come, until it ends or waits"),
        ])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name = "last"
    @Flag(name: ["--follow", "-f"], help: "go on until the run ends, or waits for people")
    var follow: Bool

    func run() throws -> Int32 {
        let store = try Session().history()
        let run = try store.find(name)
        guard follow else {
            try store.events(of: run.id) { Output.print($0.json.text(.spaced)) }
            return Program.succeeded
        }
        var follower = EventFollower(store, run: run.id)
        while true {
            for event in try follower.next() { Output.print(event.json.text(.spaced)) }
            if follower.hasEnded { return Program.succeeded }
            follower.pause()
        }
    }
}
