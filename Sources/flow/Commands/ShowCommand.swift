internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a run: its nodes, results, times and outputs.",
        examples: [("flow show last", "the newest run")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name = "last"
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let store = try Session().runs()
        let summary = try store.find(name)
        let run = RunStory(try store.events(of: summary.id))
        let status = store.status(of: summary)
        if json {
            var object = summary.json.objectValue ?? [:]
            object["status"] = .string(status.rawValue)
            object["params"] = .object(run.params)
            object["nodes"] = .array(run.nodes.map(\.json))
            object["outputs"] = .object(run.outputs)
            Output.print(.object(object))
            return Program.succeeded
        }
        Output.print(
            "run \(summary.id) of \(VisibleText.safe(summary.workflow)): "
                + status.style(status.rawValue))
        for (param, value) in run.params.members {
            Output.print("  \(VisibleText.safe(param)) = \(VisibleText.safe(value.text()))")
        }
        for node in run.nodes { Output.print(node.line) }
        for (output, value) in run.outputs.members {
            Output.print("\(VisibleText.safe(output)) = \(VisibleText.safe(value.text()))")
        }
        return Program.succeeded
    }
}

/// A run told from its events.
struct RunStory {
    struct NodeStory {
        let id: String
        var progress: NodeProgress
        var attempts = 0
        var outputs: [(name: String, value: JSON)] = []

        var json: JSON {
            var result: JSON = .null
            var isTolerated = false
            if case .done(let own, let tolerated) = progress.phase {
                result = .string(own.rawValue)
                isTolerated = tolerated
            }
            return [
                "node": .string(id), "result": result, "tolerated": .bool(isTolerated),
                "reason": .string(progress.message), "attempts": .integer(attempts),
                "duration_ms": progress.endedAt.flatMap { progress.elapsed(at: $0) }
                    .map { .integer(Int($0 * 1000)) } ?? .null,
                "outputs": .object(JSONObject(outputs.map { ($0.name, $0.value) })),
            ]
        }

        var line: String {
            var text = "· \(id)"
            if case .done(let result, let isTolerated) = progress.phase {
                text = result.style("\(result.symbol) \(id)") + (isTolerated ? " (tolerated)" : "")
            }
            if let end = progress.endedAt, let seconds = progress.elapsed(at: end) {
                text += "  " + DurationWords.text(seconds: seconds)
            }
            if progress.legs > 0 { text += "  \(progress.legs) legs" }
            if attempts > max(1, progress.legs) { text += "  \(attempts) attempts" }
            if !progress.message.isEmpty { text += "  \(progress.message)" }
            for (name, value) in outputs {
                let shown = VisibleText.safe(value.text())
                text +=
                    "\n    \(VisibleText.safe(name)) = \(shown.prefix(100))"
                    + (shown.count > 100 ? "…" : "")
            }
            return text
        }
    }

    private(set) var nodes: [NodeStory] = []
    private(set) var params: JSONObject = [:]
    private(set) var outputs: JSONObject = [:]
    private var places: [String: Int] = [:]

    init(_ events: [Event]) {
        for event in events { take(event) }
    }

    private mutating func take(_ event: Event) {
        switch event.type {
        case EventType.runCreated: params = event.data["params"]?.objectValue ?? [:]
        case EventType.runFinished: outputs = event.data["outputs"]?.objectValue ?? [:]
        default:
            guard let id = event.draft.node else { return }
            let place = places[id] ?? nodes.count
            if place == nodes.count {
                places[id] = place
                nodes.append(NodeStory(id: id, progress: NodeProgress(id: id, title: id)))
            }
            nodes[place].progress.take(event)
            if event.type == EventType.attemptStarted { nodes[place].attempts += 1 }
            if event.type == EventType.nodeOutput { nodes[place].take(output: event) }
        }
    }
}

extension RunStory.NodeStory {
    fileprivate mutating func take(output event: Event) {
        let name = event.data["name"]?.stringValue ?? ""
        let kept = event.data["bytes"]?.intValue.map { JSON.string("\($0) bytes, kept by content") }
        guard let value = event.data["value"] ?? kept else { return }
        outputs.append((name, value))
    }
}
