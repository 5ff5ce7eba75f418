internal import FlowEngine
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// A line a node with its state, time and last message, and a bar; drawn anew ten times a second.
///
/// Where the nodes do not fit the terminal, those that run and those that ended last are shown.
final class LiveView: RunView, Sendable {
    private struct Picture {
        var progress: RunProgress
        var startedAt: Timestamp?
        var drawn = 0
        var isClosed = false
        /// Why the run ends before its time.
        var ending = ""
    }

    private let picture: PosixMutex<Picture>
    private let run: RunIdentity
    private let device: TerminalDevice
    private let ticker = PosixMutex<Thread?>(nil)

    init(_ workflow: Workflow, run: RunIdentity, device: TerminalDevice) {
        picture = PosixMutex(Picture(progress: RunProgress(workflow)))
        self.run = run
        self.device = device
        device.write("run \(run.id) of \(VisibleText.safe(run.workflow))\n")
        let thread = try? Thread { [weak self] in
            while let view = self, view.tick() { Thread.pause(milliseconds: 100) }
        }
        ticker.withLock { $0 = thread }
    }

    func saw(_ event: Event) {
        picture.withLock { picture in
            switch event.type {
            case EventType.runStarted, EventType.runResumed: picture.startedAt = event.time
            case EventType.runCancelling: picture.ending = RunWords.ending(event)
            default: _ = picture.progress.take(event)
            }
        }
    }

    func recalled(_ event: Event) {
        picture.withLock { _ = $0.progress.take(event) }
    }

    func reopened(_ nodes: [String]) {
        picture.withLock { $0.progress.reopen(nodes) }
    }

    func heard(_ leg: LegID, _ line: String) {
        picture.withLock { picture in
            picture.progress.heard(leg.node, line)
        }
    }

    func close() {
        picture.withLock { picture in
            picture.isClosed = true
            draw(&picture)
        }
        ticker.withLock { $0?.join() }
    }

    private func tick() -> Bool {
        picture.withLock { picture in
            if !picture.isClosed { draw(&picture) }
            return !picture.isClosed
        }
    }

    private func draw(_ picture: inout Picture) {
        let size = device.size ?? (columns: 80, rows: 24)
        let now = SystemClock().now()
        let all = picture.progress.shown
        let shown = chosen(all, rows: picture.isClosed ? .max : size.rows - 3)
        let width = min(28, shown.map { $0.title.count + 2 * $0.depth }.max() ?? 0)
        var lines = shown.map { line($0, width: width, columns: size.columns, at: now) }
        lines.append(bar(picture, columns: size.columns, at: now))
        let up = picture.drawn > 0 ? "\u{1B}[\(picture.drawn)A\r" : ""
        // Without wrapping (DECAWM), so that wide characters leave as many lines as were written.
        device.write(
            "\u{1B}[?7l" + up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J\u{1B}[?7h")
        picture.drawn = lines.count
    }

    private func chosen(_ nodes: [NodeProgress], rows: Int) -> [NodeProgress] {
        guard nodes.count > rows else { return nodes }
        let running = nodes.indices.filter { !nodes[$0].isDone && nodes[$0].startedAt != nil }
        let ended = nodes.indices.filter { nodes[$0].isDone }
            .sorted { (nodes[$0].endedMicroseconds, $0) > (nodes[$1].endedMicroseconds, $1) }
        return (running + ended).prefix(max(1, rows)).sorted().map { nodes[$0] }
    }

    private func line(_ node: NodeProgress, width: Int, columns: Int, at now: Timestamp) -> String {
        let indent = String(repeating: "  ", count: node.depth)
        let title = (indent + VisibleText.safe(node.title)).prefix(width)
        let gap = String(repeating: " ", count: width - title.count)
        let time = node.elapsed(at: now).map(DurationWords.text) ?? ""
        let pad = String(repeating: " ", count: max(0, 12 - time.count))
        var message = node.message
        if node.legs > 0, !node.isDone {
            message = "\(node.legsDone)/\(node.legs) legs  " + message
        }
        if node.attempt > 1, !node.isDone { message = "try \(node.attempt)  " + message }
        let room = max(0, columns - width - 18)
        let (symbol, style) = appearance(node)
        return "\(style(symbol)) \(Style.bold(String(title)))\(gap) \(pad)\(time)  "
            + Style.faint(String(message.prefix(room)))
    }

    private func appearance(_ node: NodeProgress) -> (String, Style) {
        switch node.phase {
        case .waiting: ("·", .faint)
        case .running: ("▸", .cyan)
        case .retrying: ("↻", .yellow)
        case .deciding: ("⏸", .yellow)
        case .done(let result, _): (result.symbol, result.style)
        }
    }

    private func bar(_ picture: Picture, columns: Int, at now: Timestamp) -> String {
        let nodes = picture.progress.shown
        let done = nodes.count(where: \.isDone)
        let total = max(1, nodes.count)
        let width = max(4, min(40, columns - 40))
        let filled = done * width / total
        let blocks =
            String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let seconds =
            picture.startedAt.map { Double(now.microseconds - $0.microseconds) / 1e6 } ?? 0
        let rest = picture.isClosed ? RunWords.summary(nodes) : picture.ending
        return
            "\(blocks) \(done)/\(nodes.count)  \(DurationWords.text(seconds: seconds))  \(rest)"
    }
}
