internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

extension WhyReader {
    /// Waits shorter than this many microseconds are not worth a word.
    private static let shortWait: Int64 = 100_000

    /// How long the leg, or the node's first leg, was ready and did not start, and for what.
    func waits(_ address: NodeAddress, _ because: inout [Why.Cause]) -> String {
        let path = state.paths[address.place]
        guard let ready = readyTime(address.place),
            let start = events.firstIndex(where: { event in
                event.type == EventType.attemptStarted && event.draft.node == path
                    && (address.leg == nil || event.draft.leg == address.leg)
                    && event.time >= ready
            }), events[start].time.microseconds - ready.microseconds >= Self.shortWait
        else { return "" }
        var reader = WaitReader(state, address.place, ready: ready, room: usualRoom)
        let waits = reader.waits(in: events[...start]).filter { $0.length >= Self.shortWait }
        because += waits.map { wait, length in
            Why.Cause(
                .waited, wait.field,
                [
                    "ms": .integer(Int(length / 1000)),
                    "held_by": .array(wait.holders.map(JSON.string)),
                ])
        }
        guard !waits.isEmpty else { return "" }
        let words = waits.map { wait, length in
            let tenths = (length + 50_000) / 100_000
            return "\(tenths / 10).\(tenths % 10) s for \(wait.words)"
        }
        return ", after it had waited " + words.joined(separator: ", then ")
    }

    /// What a leg that is ready waits for now.
    func wait(_ address: NodeAddress) -> Wait {
        let ready = readyTime(address.place) ?? events.last?.time ?? Timestamp(microseconds: 0)
        var reader = WaitReader(state, address.place, ready: ready, room: usualRoom)
        return reader.wait(after: events[...])
    }

    private func readyTime(_ place: Int) -> Timestamp? {
        let path = state.paths[place]
        return events.last { $0.type == EventType.nodeReady && $0.draft.node == path }?.time
    }

    /// What attempts shared, where an older flow did not write it down: as many lanes as were used.
    private var usualRoom: AttemptRoom? {
        var running: Set<String> = []
        var most = 0
        for event in events {
            let leg = "\(event.draft.node ?? "").\(event.draft.leg ?? 0)"
            if event.type == EventType.attemptStarted, event.data["params"] == nil {
                running.insert(leg)
                most = max(most, running.count)
            } else if event.type == EventType.attemptFinished {
                running.remove(leg)
            }
        }
        return most == 0 ? nil : AttemptRoom(attempts: most, processors: most)
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
