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
        let store = try session.runs()
        let summary = try store.find(name)
        let scope = try scope(store, summary, session)
        var logs = RunLogs(store, run: summary.id, scope: scope)
        var printer = LogPrinter(hasTitles: node == nil, isRaw: raw)
        var follower = EventFollower(store, run: summary.id)
        let fence = OutputFence()
        defer { fence.end() }
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
        printer.finishLine()
        return Program.succeeded
    }

    /// Nil: the whole run.
    private func scope(_ store: RunStore, _ summary: RunStore.Summary, _ session: Session) throws
        -> RunLogs.Scope?
    {
        guard let node else { return nil }
        let run = try RecordedRun(summary, store, session.workspace)
        let address = try run.address(node)
        return RunLogs.Scope(path: run.state.paths[address.place], leg: address.leg)
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

        /// What it was called in the run that it is kept from.
        func before(_ end: Event) -> AttemptID {
            guard let before = end.data["kept_as"] else { return self }
            return AttemptID(
                node: before["node"]?.stringValue ?? node, leg: before["leg"]?.intValue,
                attempt: attempt)
        }
    }

    private let store: RunStore
    private let run: String
    private let scope: Scope?
    private var open: [(id: AttemptID, log: AttemptLogReader)] = []
    private var ended: [AttemptLogReader] = []
    /// Whether nothing more can come of what is asked for.
    private(set) var hasEnded = false

    init(_ store: RunStore, run: String, scope: Scope?) {
        self.store = store
        self.run = run
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
        case EventType.attemptStarted: open.append((id, log(id, of: run)))
        case EventType.attemptFinished:
            let place = open.firstIndex { $0.id == id }
            let log = place.map { open.remove(at: $0).log }
            if let from = event.data["kept_from"]?.stringValue {
                ended.append(self.log(id.before(event), of: from))
            } else if let log {
                ended.append(log)
            }
        default: break
        }
    }

    /// - Parameter run: the one whose attempt it was.
    private func log(_ id: AttemptID, of run: String) -> AttemptLogReader {
        let places = LocalExecutor.Places(
            workspace: "", folder: store.state.folder(ofRun: run), stageProgram: nil, runID: run,
            environment: [:])
        return AttemptLogReader(
            title: id.node + (id.leg.map { ".\($0)" } ?? ""),
            path: places.log(node: id.node, leg: id.leg, attempt: id.attempt))
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

/// Under GitHub Actions, what a node printed gives the runner no commands (`docs/security.md`): it
/// stands between `::stop-commands::` and its end.
private struct OutputFence {
    private let token: String?

    init() {
        token =
            Environment["GITHUB_ACTIONS"] == "true"
            ? (0..<16).map { _ in UInt8.random(in: 0...255) }.hex : nil
        if let token { Output.print("::stop-commands::\(token)") }
    }

    func end() {
        if let token { Output.print("::\(token)::") }
    }
}
