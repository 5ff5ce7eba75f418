internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowStore

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two runs: params, workflow, results, outputs, durations.",
        examples: [
            ("flow diff 20261119 last", "the newest run with one of the day before"),
            ("flow diff last 20261119 --exit-code", "exit 1 where they differ"),
        ])

    @Argument(help: "the earlier run", valueName: "run") var old: String
    @Argument(help: "the later run", valueName: "run") var new: String
    @Flag(help: "exit 1 where they differ") var exitCode: Bool
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let session = try Session()
        let store = try session.history()
        let runs = try [old, new].map {
            try RecordedRun(store.find($0), store, session.workspace)
        }
        let diff = try RunDiff(runs[0], runs[1], ContentFolder(store.state))
        if json {
            Output.print([
                "before": .string(runs[0].id), "after": .string(runs[1].id),
                "params": .array(diff.params.map(\.json)), "workflow": diff.recipes.json,
                "results": .array(diff.results.map(\.json)),
                "outputs": .array(diff.outputs.map(\.json)),
                "durations": .array(diff.durations.map(\.json)),
            ])
        } else {
            show(diff, runs)
        }
        return exitCode && !diff.isEmpty ? Program.failed : Program.succeeded
    }

    private func show(_ diff: RunDiff, _ runs: [RecordedRun]) {
        if diff.isEmpty { return Output.print("\(runs[0].id) and \(runs[1].id) do not differ") }
        Output.print("\(runs[0].id) → \(runs[1].id)")
        for (title, lines) in [
            ("params", diff.params.map(\.line)), ("workflow", diff.recipes.lines),
            ("results", diff.results.map(\.line)), ("outputs", diff.outputs.map(\.line)),
            ("durations", diff.durations.map(\.line)),
        ] where !lines.isEmpty {
            Output.print(Style.bold(title))
            for line in lines { Output.print("  \(line)") }
        }
    }
}
