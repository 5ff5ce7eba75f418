internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

extension WhyReader {
    /// Waits shorter than this many microseconds are not worth a word.
    private static let shortWait: Int64 = 100_000

    /// How long the leg, or the node's first leg, was ready and did not start, and for what.
    func waits(_ address: NodeAddress, _ because: inout [Why.Cause]) -> String {
        let path = state.paths[address.place]
        guard let ready = times(of: [EventType.nodeReady], path, leg: nil).last,
            let start = times(of: [EventType.attemptStarted], path, leg: address.leg)
                .first(where: { $0 >= ready })
        else { return "" }
        let waited = start.microseconds - ready.microseconds
        guard waited >= Self.shortWait else { return "" }
        let what = waitedFor(address)
        because.append(Why.Cause(.waited, what, ["ms": .integer(Int(waited / 1000))]))
        let tenths = (waited + 50_000) / 100_000
        return ", after it had waited \(tenths / 10).\(tenths % 10) s for \(what)"
    }

    private func waitedFor(_ address: NodeAddress) -> String {
        let node = state.definition(address.place)
        if let pool = node.pool { return "a place in the pool \(pool)" }
        let state = state.nodes[address.place]
        if address.leg != nil, let most = state.maxParallel, most < state.legs.count {
            return "one of \(most) legs at once (max-parallel)"
        }
        if self.state.frames[0].workflow.concurrency != nil, isFirst(address) {
            return "the run's group"
        }
        return "a free lane (--max-parallel)"
    }

    /// Whether nothing of the run had started before it.
    private func isFirst(_ address: NodeAddress) -> Bool {
        events.first { $0.type == EventType.attemptStarted }?.draft.node
            == state.paths[address.place]
    }

    private func times(of types: [String], _ path: String, leg: Int?) -> [Timestamp] {
        events.filter {
            types.contains($0.type) && $0.draft.node == path
                && (leg == nil || $0.draft.leg == leg)
        }.map(\.time)
    }

    /// The ends of the last attempts of a leg, or of all legs of a node.
    func lastAttempts(of address: NodeAddress) -> [Event] {
        let path = state.paths[address.place]
        let legs = state.nodes[address.place].legs
        return events.filter { event in
            let leg = event.draft.leg ?? 0
            return event.type == EventType.attemptFinished && event.draft.node == path
                && (address.leg == nil || leg == address.leg) && legs.indices.contains(leg)
                && event.draft.attempt == legs[leg].attempts
        }
    }

    /// The run of which a retry has kept the node or the leg.
    func keptFrom(_ address: NodeAddress) -> String? {
        if address.leg != nil {
            return lastAttempts(of: address).last?.data["kept_from"]?.stringValue
        }
        let path = state.paths[address.place]
        return events.last { $0.type == EventType.nodeFinished && $0.draft.node == path }?
            .data["kept_from"]?.stringValue
    }

    /// What an expression of a node read, with the values that it found.
    func values(readBy expression: Expression, _ place: Int) -> [Why.Cause] {
        let contexts = contexts(of: place)
        let context = try? contexts.context(state.definition(place), state, place: place)
        guard let context else { return [] }
        var seen: Set<String> = []
        return expression.references.compactMap { reference in
            guard seen.insert(reference.name).inserted,
                let read = try? Expression.parse(reference.name, allowsStatus: false),
                let value = try? read.evaluate(in: context)
            else { return nil }
            return Why.Cause(.value, reference.name, ["value": value])
        }
    }

    static func shown(_ values: [Why.Cause]) -> String {
        guard !values.isEmpty else { return "" }
        let words = values.map { cause in
            let text = cause.data["value"]?.text() ?? "null"
            return "\(cause.field) is \(text.count > 80 ? "\(text.prefix(80))…" : text)"
        }
        return " (\(words.joined(separator: ", ")))"
    }
}
