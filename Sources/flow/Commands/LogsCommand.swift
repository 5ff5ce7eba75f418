internal import FlowArguments
internal import FlowEngine
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what the nodes of a run printed.",
        examples: [("flow logs last mine", "what the node mine printed")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name = "last"
    @Argument(help: "one node; all unless given", valueName: "node") var node: String?
    @Flag(help: "the bytes as they were printed, control characters included") var raw: Bool

    func run() throws -> Int32 {
        let store = try Session().runs()
        let run = try store.find(name)
        let places = LocalExecutor.Places(
            workspace: "", folder: store.state.folder(ofRun: run.id), stageProgram: nil,
            runID: run.id, environment: [:])
        var isKnown = node == nil
        let fence = OutputFence()
        defer { fence.end() }
        for event in try store.events(of: run.id) {
            guard let id = event.draft.node, node == nil || node == id else { continue }
            isKnown = true
            guard event.type == EventType.attemptStarted, let attempt = event.draft.attempt else {
                continue
            }
            let path = places.log(node: id, leg: event.draft.leg, attempt: attempt)
            if Files.exists(path) {
                if node == nil { Output.print(Style.bold("== \(id)")) }
                show(try Files.read(path))
            }
        }
        guard isKnown else { throw Misuse("the run \(run.id) has no node '\(node ?? "")'") }
        return Program.succeeded
    }

    private func show(_ bytes: [UInt8]) {
        if raw { return TerminalDevice.output.write(bytes) }
        let text = VisibleText.safe(String(decoding: bytes, as: UTF8.self), lines: true)
        Output.print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
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
