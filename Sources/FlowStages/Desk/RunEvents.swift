internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowYAML

/// The events of this repository's runs, as procedures are found in them.
///
/// A run and its retries are one run, under the name of the newest, whose end is theirs: what a retry has
/// kept of an earlier one happened once, and stands where it happened. What flow's own stages do is left
/// out; it is the loop's habit, not the repository's.
struct RunEvents {
    private let store: RunStore
    private let content: ContentFolder

    init(_ state: StateFolder) throws {
        store = try RunStore(state)
        content = ContentFolder(state)
    }

    /// Gives the events of all runs that have ended, run by run, the earlier begun first; a run that did
    /// nothing but flow's own is none. Holds the events of one run and its retries in memory.
    func forEachRun(_ body: (_ run: String, _ events: [Event]) -> Void) throws {
        for chain in try chains() {
            guard let last = chain.last else { continue }
            var events: [Event] = []
            for run in chain {
                let own = try own(store.events(of: run))
                events += run == last ? own : own.filter { $0.type != EventType.runFinished }
            }
            let hasSteps = events.contains { $0.draft.node != nil || !$0.type.hasPrefix("run.") }
            if hasSteps { body(last, events) }
        }
    }

    /// Each run that has ended after those that it retries, directly or not.
    private func chains() throws -> [[String]] {
        // the newest first, so that a run belongs to its last retry
        let ended = try store.runs(limit: .max).filter { $0.finished != nil }.map(\.id)
        let known = Set(ended)
        var earlier: [String: String] = [:]
        for run in ended {
            if let before = try created(run)?.data["retry_of"]?.stringValue, known.contains(before)
            {
                earlier[run] = before
            }
        }
        var taken: Set<String> = []
        var chains: [[String]] = []
        for run in ended where !taken.contains(run) {
            var chain: [String] = []
            var next: String? = run
            while let one = next, taken.insert(one).inserted {
                chain.append(one)
                next = earlier[one]
            }
            chains.append(chain.reversed())
        }
        return chains.reversed()
    }

    private func created(_ run: String) throws -> Event? {
        var first: Event?
        try store.events(of: run, through: 1) { first = $0 }
        return first
    }

    /// Which attempt an event is of.
    private struct Attempt: Hashable {
        let node: String?
        let leg: Int?
        let number: Int?

        init(_ draft: EventDraft) {
            node = draft.node
            leg = draft.leg
            number = draft.attempt
        }
    }

    /// Without the attempts that an earlier run made, and those of flow's own stages.
    private func own(_ events: [Event]) -> [Event] {
        let kept = Set(
            events.lazy.filter {
                $0.type == EventType.attemptFinished && $0.data["kept_from"] != nil
            }.map { Attempt($0.draft) })
        let stages = stages(of: events.first)
        return events.filter { event in
            !kept.contains(Attempt(event.draft))
                && !(event.draft.node.map(stages.contains) ?? false)
        }
    }

    /// The nodes of a run that are flow's own stages; none where its workflow is gone.
    private func stages(of created: Event?) -> Set<String> {
        guard let hash = created?.data["hash"]?.stringValue, let bytes = try? content.get(hash),
            let nodes = (try? YAMLDocument.read(bytes))?.root?["nodes"]?.mapping
        else { return [] }
        // what calls the repository's tools is its own doing
        let own = Set(BuiltinActions.references).subtracting([CallStage.reference])
        return Set(
            nodes.compactMap { key, node in
                node["uses"]?.scalar.flatMap { own.contains($0.text) ? key.scalar?.text : nil }
            })
    }
}
