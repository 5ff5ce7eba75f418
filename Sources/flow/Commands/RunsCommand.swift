internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "The runs of this repository: list, prune.",
        examples: [
            ("flow runs --limit 5", "the last five"),
            ("flow runs prune --dry-run", "what could go"),
        ],
        subcommands: [RunsListCommand.self, RunsPruneCommand.self],
        defaultSubcommand: RunsListCommand.self)

    func run() -> Int32 { Program.succeeded }
}

struct RunsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the runs of this repository, the newest first.",
        examples: [("flow runs --limit 5", "the last five")])

    @Option(help: "how many at most", valueName: "n") var limit = 20
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        guard limit >= 0 else { throw UsageError("--limit is a number from 0, not \(limit)") }
        let session = try Session()
        guard session.hasRun else {
            Output.note("flow has not run here yet; start a workflow with flow run")
            return Program.succeeded
        }
        let store = try session.history()
        let runs = try store.runs(limit: limit)
        if json {
            Output.print(
                lines: runs.map { run in
                    var object = run.json.objectValue ?? [:]
                    object["status"] = .string(store.status(of: run).rawValue)
                    return .object(object)
                })
        } else {
            for run in runs { Output.print(line(run, store.status(of: run))) }
        }
        return Program.succeeded
    }

    private func line(_ run: RunStore.Summary, _ status: RunStatus) -> String {
        let gap = String(repeating: " ", count: max(1, 13 - status.rawValue.count))
        let duration = run.finished.map { end in
            DurationWords.text(
                seconds: Double(end.microseconds - run.created.microseconds) / 1_000_000)
        }
        return "\(run.id)  \(status.style(status.rawValue))\(gap)\(run.created.rfc3339)  "
            + "\(VisibleText.safe(run.workflow))  \(duration ?? "")"
    }
}

extension RunStore {
    /// How a run stands: one that says it runs and that nobody owns was interrupted.
    func status(of run: Summary) -> RunStatus {
        let status = RunStatus(rawValue: run.status) ?? .failure
        guard status == .running, !RunLock.isHeld(state, run: run.id) else { return status }
        return .interrupted
    }
}

extension RunStatus {
    var style: Style {
        switch self {
        case .success: .green
        case .failure: .red
        case .cancelled, .interrupted, .waiting: .yellow
        case .running: .cyan
        case .unknown: .faint
        }
    }
}
