internal import FlowJSON
internal import FlowSystem
internal import FlowText

/// Standard output and standard error.
enum Output {
    enum Colour: String { case auto, always, never }

    private static let choice = PosixMutex(Colour.auto)

    static var colour: Colour {
        get { choice.withLock { $0 } }
        set { choice.withLock { $0 = newValue } }
    }

    /// Whether standard output is coloured: on a terminal, unless `NO_COLOR` is set
    /// (<https://no-color.org>).
    static var isColoured: Bool {
        switch colour {
        case .always: true
        case .never: false
        case .auto:
            TerminalDevice.output.isTerminal && (Environment["NO_COLOR"] ?? "").isEmpty
                && Environment["TERM"] != "dumb"
        }
    }

    static func print(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: .output)
    }

    /// Under GitHub Actions nothing in it is a command to the runner.
    static func write(_ text: String, to device: TerminalDevice) {
        device.write(Environment.isGitHubActions ? RunnerCommands.inert(text) : text)
    }

    static func print(_ value: JSON) { print(value.text(.pretty)) }

    /// One value a line.
    static func print(lines values: some Sequence<JSON>) {
        for value in values { print(value.text()) }
    }

    static func error(_ text: String) {
        write("flow: \(text)\n", to: .error)
    }

    static func note(_ text: String) { write(text + "\n", to: .error) }
}

/// How a piece of text looks on a terminal.
enum Style: String {
    case bold = "1", faint = "2", red = "31", green = "32", yellow = "33", cyan = "36"

    func callAsFunction(_ text: String, if coloured: Bool = Output.isColoured) -> String {
        coloured ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
