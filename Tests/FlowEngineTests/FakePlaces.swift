import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem

/// Pools in memory, of which strangers have a place for a while.
final class FakePlaces: PlaceKeeper {
    private let clock: VirtualClock
    /// When the strangers' place of each pool is free again.
    private let strangers: [String: Timestamp]
    private var sizes: [String: Int] = [:]
    private var queue: [String] = []
    private var taken: [String: Int] = [:]
    /// Pools for a place of which the run had to wait.
    private(set) var waited: Set<String> = []

    init(_ clock: VirtualClock, _ strangers: [String: Double]) {
        self.clock = clock
        let start = clock.now()
        self.strangers = strangers.mapValues { start.adding(seconds: $0) }
    }

    func held(_ pool: String) -> Int { taken[pool, default: 0] }

    /// What the run has or queues for.
    var isEmpty: Bool { queue.isEmpty && taken.values.allSatisfy { $0 == 0 } }

    func ask(for pool: String, size: Int) throws(EngineError) {
        sizes[pool] = size
        if !queue.contains(pool) { queue.append(pool) }
    }

    func granted() throws(EngineError) -> [String] {
        let now = clock.now()
        let free = queue.filter { pool in
            let others = strangers[pool].map { now < $0 ? 1 : 0 } ?? 0
            return held(pool) + others < sizes[pool, default: 1]
        }
        for pool in free { taken[pool, default: 0] += 1 }
        queue.removeAll(where: free.contains)
        waited.formUnion(queue)
        return free
    }

    func release(_ pool: String) throws(EngineError) { taken[pool, default: 0] -= 1 }

    func releaseAll() throws(EngineError) {
        taken = [:]
        queue = []
    }
}

/// People who decide about gates. What a gate's reviewers are called says what they do: `yes` or
/// `no`, and `after2`: two seconds after they were asked; without that, once the run waits for them.
final class FakeDesk: RequestBox {
    private var requests: [RunRequest] = []
    private var decided: Set<String> = []

    init(_ decisions: [String: Bool]) {
        for (path, verdict) in decisions.sorted(by: { $0.key < $1.key }) { say(path, verdict) }
    }

    static func says(_ node: Node) -> Bool {
        guard case .approve(let gate) = node.work else { return true }
        return !gate.reviewers.contains("no")
    }

    func takeRequests() throws(EngineError) -> [RunRequest] {
        defer { requests = [] }
        return requests
    }

    /// When the next one speaks.
    func next(_ state: RunState) -> Timestamp? { open(state).map(\.time).min() }

    /// Whether somebody has spoken by now.
    func decide(_ state: RunState, at now: Timestamp) -> Bool {
        let due = open(state).filter { $0.time <= now }
        for gate in due {
            decided.insert(state.paths[gate.place])
            say(state.paths[gate.place], Self.says(state.definition(gate.place)))
        }
        return !due.isEmpty
    }

    private func say(_ path: String, _ verdict: Bool) {
        requests.append(
            .decide(node: path, approves: verdict, by: "ada", via: .cli, form: [:]))
    }

    private func open(_ state: RunState) -> [(place: Int, time: Timestamp)] {
        state.nodes.indices.compactMap { place in
            guard let gate = state.nodes[place].gate, state.nodes[place].settlement == nil,
                !decided.contains(state.paths[place]),
                case .approve(let said) = state.definition(place).work,
                let word = said.reviewers.first(where: { $0.hasPrefix("after") })
            else { return nil }
            return (place, gate.requestedAt.adding(seconds: Double(word.dropFirst(5)) ?? 0))
        }
    }
}
