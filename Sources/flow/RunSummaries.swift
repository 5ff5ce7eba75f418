internal import FlowEngine
internal import FlowStore
internal import FlowSystem

/// What the nodes of a run wrote to `FLOW_SUMMARY`.
enum RunSummaries {
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
