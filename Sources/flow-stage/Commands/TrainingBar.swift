internal import FlowStages
internal import FlowSystem

/// How far a training is: a bar on a terminal, else a line every five seconds, both on standard
/// error.
final class TrainingBar: Sendable {
    private let isTerminal = TerminalDevice.error.isTerminal
    private let last = PosixMutex(ContinuousClock.now)

    /// Shows a bar while `body` runs, and takes it away then.
    static func showing<Result>(_ body: (@escaping ModelDesk.Progress) throws -> Result) rethrows
        -> Result
    {
        let bar = TrainingBar()
        defer { if bar.isTerminal { TerminalDevice.error.write("\r\u{1B}[K") } }
        return try body(bar.show)
    }

    private func show(_ step: String, _ done: Int, _ all: Int) {
        let share = all > 0 ? Double(done) / Double(all) : 0
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            guard isTerminal || now - last >= .seconds(5) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let text = "\(step) \(done) of \(all)"
        if isTerminal {
            let bar = Bar.text(share, width: 30)
            let rest = String(repeating: " ", count: 30 - bar.count)
            TerminalDevice.error.write("\r\u{1B}[K\(bar)\(rest) \(text)")
        } else {
            Print.note(text)
        }
    }
}
