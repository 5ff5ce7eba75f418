internal import FlowSystem

/// The legs that may be started, best first: those to be tried again, then the nodes with the longest
/// way to go, in the order of the file.
struct StartQueue {
    struct Limits {
        let legs: Int
        /// Legs of the node that may run at once; nil: any number.
        let atOnce: Int?
        let isStopped: Bool
        /// Whether there is room for one more leg of the node; the first that has none holds back
        /// those behind it, so that small legs do not keep a large one waiting for ever.
        let fits: Bool
        /// A pool of which the leg needs a place that the run has not got; nil: nothing is missing.
        let missing: String?
    }

    /// A node that may have fresh legs.
    private struct Ready: Comparable {
        let height: Int
        let node: Int

        static func < (one: Ready, other: Ready) -> Bool {
            (-one.height, one.node) < (-other.height, other.node)
        }
    }

    /// A leg that waits for its time.
    private struct Delayed: Comparable {
        let time: Timestamp
        /// The order of coming, among equal times.
        let number: Int
        let leg: LegID

        static func < (one: Delayed, other: Delayed) -> Bool {
            (one.time, one.number) < (other.time, other.number)
        }
    }

    private var height: [Int] = []
    private var ready = PriorityQueue<Ready>()
    private var isReady: [Bool] = []
    private var cursor: [Int] = []
    private var runningLegs: [Int] = []
    private var isClosed: [Bool] = []
    /// Legs to be tried again whose time has come, oldest first.
    private var again = Queue()
    /// The same of nodes that run as many legs as they may, by node.
    private var held: [Int: Queue] = [:]
    private var delayed = PriorityQueue<Delayed>()
    private var delays = 0
    /// What waits for a place, by pool.
    private var parked: [String: Parked] = [:]
    /// Nodes that have waited for a place and may have further legs, by pool, and the other way round.
    private var askers: [String: Set<Int>] = [:]
    private var pools: [Int: String] = [:]

    private struct Parked {
        var nodes: [Int] = []
        var legs: [LegID] = []
    }

    /// Makes room for the nodes of a workflow that has begun. Costs O(its nodes).
    /// - Parameter more: their heights; they stand behind the nodes known so far.
    mutating func grow(by more: ArraySlice<Int>) {
        height += more
        isReady += repeatElement(false, count: more.count)
        cursor += repeatElement(0, count: more.count)
        runningLegs += repeatElement(0, count: more.count)
        isClosed += repeatElement(false, count: more.count)
    }

    /// Whether nothing could be started if there were room.
    var isEmpty: Bool { again.isEmpty && ready.first == nil && parked.isEmpty }

    /// Pools for whose places legs wait.
    var wantedPools: [String] { parked.keys.sorted() }

    /// Whether a place of the pool may still be of use.
    func isWanted(_ pool: String) -> Bool { askers[pool] != nil }

    /// A place of the pool has come: what waits for one may try again.
    mutating func unpark(_ pool: String) {
        guard let waiting = parked.removeValue(forKey: pool) else { return }
        for node in waiting.nodes { add(node: node) }
        for leg in waiting.legs { again.append(leg) }
    }

    /// When the first delayed leg may start.
    var nextTime: Timestamp? { delayed.first?.time }

    func running(_ node: Int) -> Int { runningLegs[node] }

    mutating func add(node: Int) {
        guard !isReady[node] else { return }
        isReady[node] = true
        ready.insert(Ready(height: height[node], node: node))
    }

    mutating func add(again leg: LegID) { again.append(leg) }

    mutating func add(_ leg: LegID, at time: Timestamp) {
        delays += 1
        delayed.insert(Delayed(time: time, number: delays, leg: leg))
    }

    /// One leg of the node has ended.
    mutating func open(_ node: Int) {
        runningLegs[node] = max(0, runningLegs[node] - 1)
        release(node)
        if !isClosed[node] { add(node: node) }
    }

    /// No further leg of the node starts.
    mutating func close(_ node: Int) {
        isClosed[node] = true
        held[node] = nil
        guard let pool = pools.removeValue(forKey: node) else { return }
        askers[pool]?.remove(node)
        if askers[pool]?.isEmpty == true {
            askers[pool] = nil
            // Nobody is left of those that waited.
            parked[pool] = nil
        }
    }

    /// A leg that began in an earlier life of the run goes on.
    mutating func goOn(_ node: Int) { runningLegs[node] += 1 }

    /// The legs of a node may start, from the first; also of one that was closed.
    mutating func begin(_ node: Int, running: Int = 0) {
        isClosed[node] = false
        cursor[node] = 0
        runningLegs[node] = running
        held[node] = nil
        add(node: node)
    }

    /// Takes the best leg that is due and startable.
    mutating func next(
        at now: Timestamp, startable: (LegID) -> Bool, limits: (Int) -> Limits
    ) -> LegID? {
        // Nobody waits for the time of a leg that does not start any more: it is passed over below.
        while let first = delayed.first, first.time <= now || isClosed[first.leg.node] {
            again.append(first.leg)
            _ = delayed.popFirst()
        }
        while let leg = again.popFirst() {
            guard !isClosed[leg.node], startable(leg) else {
                // An entry of before a resumption; the one behind it gets its turn.
                release(leg.node)
                continue
            }
            let limit = limits(leg.node)
            if isFull(leg.node, limit) {
                held[leg.node, default: Queue()].append(leg)
            } else if let pool = limit.missing {
                park(leg.node, in: pool)
                parked[pool, default: Parked()].legs.append(leg)
            } else if !limit.fits {
                again.putBack(leg)
                return nil
            } else {
                return taken(leg)
            }
        }
        while let node = ready.first?.node {
            let limit = limits(node)
            if isClosed[node] || limit.isStopped || cursor[node] >= limit.legs
                || isFull(node, limit)
            {
                isReady[node] = false
                _ = ready.popFirst()
                continue
            }
            if let pool = limit.missing {
                isReady[node] = false
                _ = ready.popFirst()
                park(node, in: pool)
                parked[pool, default: Parked()].nodes.append(node)
                continue
            }
            if !limit.fits { return nil }
            let leg = LegID(node: node, leg: cursor[node])
            cursor[node] += 1
            if startable(leg) { return taken(leg) }
        }
        return nil
    }

    private mutating func park(_ node: Int, in pool: String) {
        pools[node] = pool
        askers[pool, default: []].insert(node)
    }

    /// Lets the first held leg of a node try again.
    private mutating func release(_ node: Int) {
        if let leg = held[node]?.popFirst() { again.append(leg) }
        if held[node]?.isEmpty == true { held[node] = nil }
    }

    private func isFull(_ node: Int, _ limits: Limits) -> Bool {
        limits.atOnce.map { runningLegs[node] >= $0 } ?? false
    }

    private mutating func taken(_ leg: LegID) -> LegID {
        runningLegs[leg.node] += 1
        return leg
    }

    /// Legs in the order in which they came; taking one costs O(1) on the whole.
    private struct Queue {
        private var legs: [LegID] = []
        private var start = 0

        var isEmpty: Bool { start == legs.count }

        mutating func append(_ leg: LegID) { legs.append(leg) }

        /// Puts the leg that was just taken in front again.
        mutating func putBack(_ leg: LegID) {
            if start > 0 { start -= 1 } else { legs.insert(leg, at: 0) }
        }

        mutating func popFirst() -> LegID? {
            guard start < legs.count else { return nil }
            defer {
                start += 1
                if start == legs.count { (legs, start) = ([], 0) }
            }
            return legs[start]
        }
    }
}
