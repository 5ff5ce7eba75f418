internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// One line for each thing that happens: for files, pipes and continuous integration.
final class PlainView: RunView {
    private(set) var progress: RunProgress
    private let run: RunIdentity
    private let device: TerminalDevice
    private let width: Int
    private let isColoured = Output.isColoured
    private var startedAt: Timestamp?
    private var gathered = ""

    init(_ workflow: Workflow, run: RunIdentity, device: TerminalDevice) {
        progress = RunProgress(workflow)
        width = min(28, workflow.nodes.map(\.id.count).max() ?? 0)
        self.run = run
        self.device = device
    }

    func saw(_ event: Event) {
        guard let id = event.draft.node else { return sawRun(event) }
        guard let place = progress.take(event) else { return }
        let node = progress.nodes[place]
        switch event.type {
        case EventType.attemptRetrying:
            let delay = Double(event.data["delay_ms"]?.intValue ?? 0) / 1000
            say(id, "tries again in \(DurationWords.text(seconds: delay))")
        case EventType.approvalRequested, EventType.approvalChecked, EventType.approvalDecided:
            if node.gate?.isWaiting == true { say(id, Style.yellow(node.message, if: isColoured)) }
        case EventType.nodeFinished:
            guard case .done(let result, let isTolerated) = node.phase else { return }
            var line = result.rawValue + (isTolerated ? " (tolerated)" : "")
            if let from = node.from { line += " (cached from \(from))" }
            if let seconds = node.elapsed(at: event.time) {
                line += " in " + DurationWords.text(seconds: seconds)
            }
            if result != .success, !node.message.isEmpty { line += ": \(node.message)" }
            say(id, result.style(line, if: isColoured))
        default: break
        }
    }

    private func sawRun(_ event: Event) {
        switch event.type {
        case EventType.runStarted:
            startedAt = event.time
            write("run \(run.id) of \(VisibleText.safe(run.workflow))\n")
        case EventType.runResumed:
            startedAt = event.time
            write("run \(run.id) of \(VisibleText.safe(run.workflow)) goes on\n")
        case EventType.runCancelling: write(RunWords.ending(event) + "\n")
        case EventType.runWaiting:
            let summary = RunWords.summary(progress.nodes)
            write(summary.isEmpty ? "waiting\n" : "waiting: \(summary)\n")
        case EventType.runFinished:
            let status = event.data["status"]?.stringValue ?? ""
            let seconds = Double(event.time.microseconds - (startedAt ?? event.time).microseconds)
            write(
                "\(status) in \(DurationWords.text(seconds: seconds / 1_000_000)): "
                    + "\(RunWords.summary(progress.nodes))\n")
        default: break
        }
    }

    private func say(_ id: String, _ text: String) {
        let gap = String(repeating: " ", count: max(0, width - id.count))
        write("  \(id)\(gap)  \(text)\n")
    }

    func recalled(_ event: Event) {
        _ = progress.take(event)
    }

    func reopened(_ nodes: [String]) { progress.reopen(nodes) }

    func heard(_ leg: LegID, _ line: String) {}

    /// What happens together is written together.
    private func write(_ text: String) { gathered += text }

    func pause() {
        Output.write(gathered, to: device)
        gathered = ""
    }

    func close() { pause() }
}
