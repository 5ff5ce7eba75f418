internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what the nodes of a run printed.",
        examples: [
            ("flow logs last mine", "what the node mine printed"),
            ("flow logs last 'report[eu]' -f", "a leg, as it prints"),
            ("flow logs last deploy", "a workflow that is a node: all of its nodes"),
        ])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name = "last"
    @Argument(help: "one node or leg; all unless given", valueName: "node") var node: String?
    @Flag(name: ["--follow", "-f"], help: "go on until the node or the run has ended")
    var follow: Bool
    @Flag(help: "the bytes as they were printed, control characters included") var raw: Bool

    func run() throws -> Int32 {
        let session = try Session()
        let store = try session.history()
        let summary = try store.find(name)
        let scope = try scope(store, summary, session)
        var logs = RunLogs(store.state, scope: scope)
        var printer = LogPrinter(hasTitles: node == nil, isRaw: raw)
        var follower = EventFollower(store, run: summary.id)
        let fence = Environment.isGitHubActions ? OutputFence(.output) : nil
        defer {
            printer.finishLine()
            fence?.end()
        }
        while true {
            for event in try follower.next() {
                logs.take(event)
                logs.printEnded(&printer)
            }
            if !follow || follower.hasEnded || logs.hasEnded { break }
            logs.printOpen(&printer)
            follower.pause()
        }
        logs.printOpen(&printer)
        return Program.succeeded
    }

    /// Nil: the whole run. With `--follow` it waits for a leg, or a node inside a workflow, that may
    /// still come.
    private func scope(_ store: RunStore, _ summary: RunStore.Summary, _ session: Session) throws
        -> RunLogs.Scope?
    {
        guard let node else { return nil }
        let run = try RecordedRun(summary, store, session.workspace)
        var state = run.state
        var follower = EventFollower(store, run: run.id, after: run.events.last?.seq ?? 0)
        while true {
            do {
                let address = try NodeAddress(node, in: state)
                return RunLogs.Scope(path: state.paths[address.place], leg: address.leg)
            } catch {
                guard follow, error.mayCome, !follower.hasEnded else {
                    throw Misuse("in the run \(run.id): \(error)")
                }
            }
            for event in try follower.next() { state.apply(event) }
            follower.pause()
        }
    }
}

/// The logs of a run's attempts, in the order in which they began.
struct RunLogs {
    /// What is asked for: a node, one leg of it, and what is inside a workflow.
    struct Scope {
        let path: String
        let leg: Int?

        func contains(_ event: Event) -> Bool {
            guard let node = event.draft.node else { return false }
            if node == path { return leg == nil || event.draft.leg == leg }
            if let leg { return node.hasPrefix("\(path).\(leg)/") }
            return node.hasPrefix("\(path)/")
                || node.hasPrefix("\(path).") && node.contains("/")
        }
    }

    private struct AttemptID: Hashable {
        let node: String
        let leg: Int?
        let attempt: Int
    }

    private let state: StateFolder
    private let scope: Scope?
    private var open: [(id: AttemptID, log: AttemptLogReader)] = []
    private var ended: [AttemptLogReader] = []
    /// Whether nothing more can come of what is asked for.
    private(set) var hasEnded = false

    init(_ state: StateFolder, scope: Scope?) {
        self.state = state
        self.scope = scope
    }

    mutating func take(_ event: Event) {
        if event.type == EventType.nodeFinished, let scope, event.draft.node == scope.path {
            hasEnded = true
        }
        if event.type == EventType.runResumed { hasEnded = false }
        guard scope?.contains(event) ?? true, let node = event.draft.node,
            let attempt = event.draft.attempt
        else { return }
        let id = AttemptID(node: node, leg: event.draft.leg, attempt: attempt)
        switch event.type {
        case EventType.attemptStarted: open.append((id, log(id, event)))
        case EventType.attemptFinished:
            let place = open.firstIndex { $0.id == id }
            let log = place.map { open.remove(at: $0).log }
            if event.data["kept_from"] != nil {
                ended.append(self.log(id, event))
            } else if let log {
                ended.append(log)
            }
        default: break
        }
    }

    private func log(_ id: AttemptID, _ event: Event) -> AttemptLogReader {
        AttemptLogReader(
            title: id.node + (id.leg.map { ".\($0)" } ?? ""),
            path: state.path(of: event) { places, node, leg in
                places.log(node: node, leg: leg, attempt: id.attempt)
            })
    }

    mutating func printEnded(_ printer: inout LogPrinter) {
        for log in ended {
            printer.print(log)
            printer.finishLine()
        }
        ended = []
    }

    func printOpen(_ printer: inout LogPrinter) {
        for (_, log) in open { printer.print(log) }
    }
}
