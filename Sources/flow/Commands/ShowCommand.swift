internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a run: its nodes, results, times and outputs.",
        examples: [("flow show last", "the newest run")])

    @Argument(help: "an id, the beginning of one, or 'last'", valueName: "run") var name = "last"
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        let session = try Session()
        let store = try session.history()
        let summary = try store.find(name)
        let status = store.status(of: summary)
        let events = try store.events(of: summary.id)
        if summary.isImported {
            ImportedStory(summary, status, events).print(asJSON: json)
            return Program.succeeded
        }
        var open: [String] = []
        if !status.isFinal, events.contains(where: { $0.type == EventType.runResumed }) {
            // Only the workflow tells which nodes a resumption opens again.
            open = (try? RecordedRun(summary, store, session.workspace).state.unsettled) ?? []
        }
        let run = RunStory(events, open: open)
        if json {
            var object = summary.json.objectValue ?? [:]
            object["status"] = .string(status.rawValue)
            object["params"] = .object(run.params)
            let content = ContentFolder(store.state)
            object["nodes"] = .array(
                try run.nodes.map { try $0.json { try JSON.read(try content.get($0)) } })
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
        for (node, text) in RunSummaries.texts(of: events, store.state) {
            let title = Style.bold("== \(VisibleText.safe(node))")
            let words = VisibleText.safe(text.isMoreThanALine ? text : text.onlyLine, lines: true)
            Output.print(title + (text.isMoreThanALine ? "\n" : "  ") + words)
        }
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
        var outputs: [NodeOutput] = []

        /// - Parameter content: gives the value that is kept under a hash.
        func json(_ content: (String) throws -> JSON) throws -> JSON {
            var result: JSON = .null
            var isTolerated = false
            if case .done(let own, let tolerated) = progress.phase {
                result = .string(own.rawValue)
                isTolerated = tolerated
            }
            return [
                "node": .string(id), "result": result, "tolerated": .bool(isTolerated),
                "from": progress.from.map(JSON.string) ?? .null,
                "reason": .string(progress.message), "attempts": .integer(attempts),
                "duration_ms": progress.endedAt.flatMap { progress.elapsed(at: $0) }
                    .map { .integer(Int($0 * 1000)) } ?? .null,
                "outputs": .object(try outputsByName(content)),
            ]
        }

        /// Of a matrix each is a list in leg order, null for a leg that gave none.
        private func outputsByName(_ content: (String) throws -> JSON) throws -> JSONObject {
            var object = JSONObject()
            for output in outputs {
                let value = try output.reference.map(content) ?? output.value
                guard let leg = output.leg else {
                    object[output.name] = value
                    continue
                }
                var list = object[output.name]?.arrayValue ?? []
                while list.count < max(progress.legs, leg + 1) { list.append(.null) }
                list[leg] = value
                object[output.name] = .array(list)
            }
            return object
        }

        var line: String {
            var text = "· \(id)"
            if case .done(let result, let isTolerated) = progress.phase {
                text = result.style("\(result.symbol) \(id)") + (isTolerated ? " (tolerated)" : "")
            }
            if case .deciding = progress.phase { text = Style.yellow("⏸ \(id)") }
            if let from = progress.from { text += "  from \(from)" }
            if progress.from == nil, let end = progress.endedAt,
                let seconds = progress.elapsed(at: end)
            {
                text += "  " + DurationWords.text(seconds: seconds)
            }
            if progress.legs > 0 { text += "  \(progress.legs) legs" }
            if attempts > max(1, progress.legs) { text += "  \(attempts) attempts" }
            if !progress.message.isEmpty { text += "  \(progress.message)" }
            for output in outputs {
                let shown = VisibleText.safe(output.value.text())
                text +=
                    "\n    \(VisibleText.safe(output.name)) = \(shown.prefix(100))"
                    + (shown.count > 100 ? "…" : "")
            }
            return text
        }
    }

    private(set) var nodes: [NodeStory] = []
    private(set) var params: JSONObject = [:]
    private(set) var outputs: JSONObject = [:]
    private var places: [String: Int] = [:]

    /// - Parameter open: the nodes that have not ended as the run stands now, by their paths.
    init(_ events: [Event], open: [String]) {
        for event in events { take(event) }
        for place in open.compactMap({ places[$0] }) { nodes[place].progress.reopen() }
    }

    private mutating func take(_ event: Event) {
        switch event.type {
        case EventType.runCreated: params = event.data["params"]?.objectValue ?? [:]
        case EventType.runResumed: outputs = [:]
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
            if event.type == EventType.nodeOutput { nodes[place].outputs.append(NodeOutput(event)) }
        }
    }
}

extension RunStory {
    /// What one leg gave under one name.
    struct NodeOutput {
        let name: String
        /// The leg's place in its matrix; nil without one.
        let leg: Int?
        /// What people are shown.
        let value: JSON
        /// The hash of a value that is kept by its content.
        let reference: String?

        init(_ event: Event) {
            name = event.data["name"]?.stringValue ?? ""
            leg = event.draft.leg
            reference = event.data["ref"]?.stringValue
            let bytes = event.data["bytes"]?.intValue ?? 0
            value = event.data["value"] ?? .string("\(bytes) bytes, kept by content")
        }
    }
}
