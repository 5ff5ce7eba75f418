internal import FlowEngine
internal import FlowJSON
internal import FlowStore
internal import FlowText

/// An imported run told from its events: its log and its steps.
struct ImportedStory {
    private let summary: RunStore.Summary
    private let status: RunStatus
    private let origin: JSON?
    private let steps: ArraySlice<Event>

    /// Steps that are shown; `flow events` has them all.
    private static let most = 40

    init(_ summary: RunStore.Summary, _ status: RunStatus, _ events: [Event]) {
        self.summary = summary
        self.status = status
        origin = events.first?.data["imported"]
        steps = events.dropFirst().dropLast()
    }

    func print(asJSON: Bool) {
        if asJSON {
            var object = summary.json.objectValue ?? [:]
            object["imported"] = origin
            object["steps"] = .array(
                steps.map { step in
                    var object: JSONObject = ["type": .string(step.type)]
                    object["node"] = step.draft.node.map(JSON.string)
                    for (key, value) in step.data.members { object[key] = value }
                    return .object(object)
                })
            return Output.print(.object(object))
        }
        let name = VisibleText.safe(origin?["run"]?.stringValue ?? "")
        Output.print(
            "run \(summary.id) of \(VisibleText.safe(summary.workflow)): "
                + status.style(status.rawValue))
        Output.print("  \(name) in its log, \(steps.count) steps")
        for step in steps.prefix(Self.most) { Output.print(line(step)) }
        let rest = steps.count - Self.most
        if rest > 0 { Output.print("  \(rest) more: flow events \(summary.id)") }
    }

    private func line(_ step: Event) -> String {
        let hasFailed = step.data["status"] == "failure" || step.data["result"] == "failure"
        let result = hasFailed ? NodeResult.failure : .success
        let name = step.data["name"]?.stringValue ?? step.draft.node ?? step.type
        var text = result.style("\(result.symbol) \(VisibleText.safe(name))")
        if let milliseconds = step.data["duration_ms"]?.doubleValue {
            text += "  " + DurationWords.text(seconds: milliseconds / 1000)
        }
        if let agent = step.data["agent"]?.stringValue { text += "  " + VisibleText.safe(agent) }
        return text
    }
}
