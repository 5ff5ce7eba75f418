internal import FlowEngine
internal import FlowJSON
internal import FlowSystem
internal import FlowText

/// One line for each thing that happens: for files, pipes and continuous integration.
final class PlainView: RunView {
    private var nodes: [NodeProgress]
    private let places: [String: Int]
    private let run: RunIdentity
    private let device: TerminalDevice
    private let width: Int
    private var startedAt: Timestamp?

    init(_ titles: [(id: String, title: String)], run: RunIdentity, device: TerminalDevice) {
        nodes = titles.map { NodeProgress(id: $0.id, title: $0.title) }
        places = Dictionary(uniqueKeysWithValues: titles.enumerated().map { ($1.id, $0) })
        width = min(28, titles.map(\.id.count).max() ?? 0)
        self.run = run
        self.device = device
    }

    func saw(_ event: Event) {
        guard let id = event.draft.node, let place = places[id] else { return sawRun(event) }
        nodes[place].take(event)
        let node = nodes[place]
        switch event.type {
        case EventType.attemptRetrying:
            let delay = Double(event.data["delay_ms"]?.intValue ?? 0) / 1000
            say(id, "tries again in \(DurationWords.text(seconds: delay))")
        case EventType.nodeFinished:
            guard case .done(let result, let isTolerated) = node.phase else { return }
            var line = result.rawValue + (isTolerated ? " (tolerated)" : "")
            if let seconds = node.elapsed(at: event.time) {
                line += " in " + DurationWords.text(seconds: seconds)
            }
            if result != .success, !node.message.isEmpty { line += ": \(node.message)" }
            say(id, result.style(line))
        default: break
        }
    }

    private func sawRun(_ event: Event) {
        switch event.type {
        case EventType.runStarted:
            startedAt = event.time
            device.write("run \(run.id) of \(VisibleText.safe(run.workflow))\n")
        case EventType.runResumed:
            startedAt = event.time
            device.write("run \(run.id) of \(VisibleText.safe(run.workflow)) goes on\n")
        case EventType.runFinished:
            let status = event.data["status"]?.stringValue ?? ""
            let seconds = Double(event.time.microseconds - (startedAt ?? event.time).microseconds)
            device.write(
                "\(status) in \(DurationWords.text(seconds: seconds / 1_000_000)): "
                    + "\(RunWords.summary(nodes))\n")
        default: break
        }
    }

    private func say(_ id: String, _ text: String) {
        let gap = String(repeating: " ", count: max(0, width - id.count))
        device.write("  \(id)\(gap)  \(text)\n")
    }

    func recalled(_ event: Event) {
        if let place = event.draft.node.flatMap({ places[$0] }) { nodes[place].take(event) }
    }

    func heard(_ leg: LegID, _ line: String) {}

    func close() {}
}
