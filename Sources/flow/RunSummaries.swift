internal import FlowEngine
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// What the nodes of a run wrote to `FLOW_SUMMARY`.
enum RunSummaries {
    /// Lines that a run ends with at most; `flow show` has them all.
    private static let most = 40

    /// The first line of each, under the names of the nodes, for the end of a run.
    static func lines(_ texts: [(node: String, text: String)], run: String) -> [String] {
        let width = min(28, texts.map { VisibleText.safe($0.node).count }.max() ?? 0)
        var lines = texts.prefix(most).map { node, text in
            let parts = text.split(separator: "\n")
            let name = VisibleText.safe(node)
            let gap = String(repeating: " ", count: max(0, width - name.count))
            return "  \(name)\(gap)  " + VisibleText.safe(parts.first ?? "")
                + (parts.count > 1 ? " …" : "")
        }
        let isCut = texts.count > most || texts.contains { $0.text.isMoreThanALine }
        if isCut { lines.append("  all of it: flow show \(run)") }
        return lines
    }

    /// In the order in which their attempts ended, with the paths of the nodes.
    static func texts(of events: [Event], _ state: StateFolder) -> [(node: String, text: String)] {
        events.compactMap { event in
            guard event.type == EventType.attemptFinished, let node = event.draft.node,
                let attempt = event.draft.attempt
            else { return nil }
            let path = state.path(of: event) { places, node, leg in
                places.summary(node: node, leg: leg, attempt: attempt)
            }
            return (try? Files.text(path)).map { (node, $0) }
        }
    }
}

extension String {
    /// Of a summary, which most nodes say in one.
    var isMoreThanALine: Bool { split(separator: "\n", maxSplits: 2).count > 1 }

    /// That line.
    var onlyLine: String { split(separator: "\n").first.map(String.init) ?? "" }
}

/// Keeps the attempts that may have written a summary.
final class SummarySink: EventSink {
    private(set) var attempts: [Event] = []

    func saw(_ event: Event) { recalled(event) }

    func recalled(_ event: Event) {
        if event.type == EventType.attemptFinished { attempts.append(event) }
    }

    func heard(_ leg: LegID, _ line: String) {}
}
