internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// For GitHub Actions: the lines of the plain view, what each attempt printed as a group once it has
/// ended (nodes run at once, and their lines would mix), and an annotation for each node that failed.
final class ActionsView: RunView {
    private let plain: PlainView
    private let workflow: Workflow
    private let root: String
    private let state: StateFolder
    private let device: TerminalDevice
    /// The keys of a matrix, by the node's path.
    private var legs: [String: [String]] = [:]
    /// The paths of nodes whose failure has been told.
    private var told: Set<String> = []

    init(_ workflow: Workflow, run: RunIdentity, device: TerminalDevice, state: StateFolder) {
        plain = PlainView(workflow, run: run, device: device)
        self.workflow = workflow
        root = run.workspace
        self.state = state
        self.device = device
    }

    /// Has the runner hide secrets in all that it keeps of the job, also where another step prints them
    /// and where they came from `.env`, of which the runner knows nothing. A file is not the runner's.
    func hide(_ secrets: [String]) {
        guard !device.isFile else { return }
        for secret in secrets { device.write(WorkflowCommand(name: "add-mask", data: secret).line) }
    }

    func saw(_ event: Event) {
        if event.type == EventType.nodeExpanded, let node = event.draft.node {
            let members = event.data["legs"]?.arrayValue ?? []
            legs[node] = members.map { $0["key"]?.stringValue ?? "" }
        }
        if event.type == EventType.attemptFinished { showLog(event) }
        plain.saw(event)
        switch event.type {
        case EventType.nodeFinished: tellNode(event)
        case EventType.runFinished: tellRun(event)
        default: break
        }
    }

    // MARK: Logs

    private func showLog(_ event: Event) {
        let isOfThisRun = event.data["kept_from"] == nil && event.data["cached_from"] == nil
        guard isOfThisRun, let node = event.draft.node, let attempt = event.draft.attempt else {
            return
        }
        let path = state.path(of: event) { places, node, leg in
            places.log(node: node, leg: leg, attempt: attempt)
        }
        guard Files.exists(path) else { return }
        plain.pause()
        var title = node
        if let leg = event.draft.leg {
            let keys = legs[node] ?? []
            title += "[\(keys.indices.contains(leg) ? keys[leg] : String(leg))]"
        }
        if attempt > 1 { title += ", attempt \(attempt)" }
        // Cut, since a key is as long as its node likes.
        let shown = RunnerCommands.inert(VisibleText.safe(String(title.prefix(200))))
        device.write(WorkflowCommand(name: "group", data: shown).line)
        let fence = OutputFence(device)
        var printer = LogPrinter(hasTitles: false, isRaw: false, device: device)
        printer.print(AttemptLogReader(title: title, path: path))
        printer.finishLine()
        fence.end()
        device.write(WorkflowCommand(name: "endgroup").line)
    }

    // MARK: Annotations

    private func tellNode(_ event: Event) {
        guard let path = event.draft.node, event.data["result"] == "failure" else { return }
        // A workflow that is a node fails because a node of it did, which says more.
        guard !told.contains(where: { $0.hasPrefix("\(path)/") || $0.hasPrefix("\(path).") }) else {
            return
        }
        told.insert(path)
        let place = plain.progress.origin(of: path)
        tell(
            event.data["tolerated"] == true ? .warning : .error, file: place?.file,
            line: place?.line, title: "\(path) failed", event)
    }

    /// A run can fail without a node: by an output that cannot be evaluated.
    private func tellRun(_ event: Event) {
        guard event.data["status"] == "failure", told.isEmpty else { return }
        tell(.error, title: "\(workflow.name) failed", event)
    }

    private func tell(
        _ severity: Diagnostic.Severity, file: String? = nil, line: Int? = nil, title: String,
        _ event: Event
    ) {
        plain.pause()
        let command = WorkflowCommand(
            severity, file: CheckedOutFile.path(file ?? workflow.file, root: root), line: line ?? 1,
            title: title, event.data["reason"]?.stringValue ?? "")
        device.write(command.line)
    }

    // MARK: As the plain view

    func recalled(_ event: Event) { plain.recalled(event) }
    func reopened(_ nodes: [String]) { plain.reopened(nodes) }
    func heard(_ leg: LegID, _ line: String) {}
    func pause() { plain.pause() }
    func close() { plain.close() }
}
