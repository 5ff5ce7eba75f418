internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowStore
internal import FlowSystem

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print the event log of a run as JSONL.",
        examples: [("flow events last", "every event of the newest run")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name = "last"

    func run() throws -> Int32 {
        let store = try Session().runs()
        let run = try store.find(name)
        try store.events(of: run.id) { Output.print($0.json.text(.spaced)) }
        return Program.succeeded
    }
}
