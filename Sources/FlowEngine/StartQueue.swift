internal import FlowSystem

/// The legs that may be started, best first: those to be tried again, then the nodes with the longest
/// way to go, in the order of the file.
struct StartQueue {
    struct Limits {
        let legs: Int
        /// Legs of the node that may run at once; nil: any number.
        let atOnce: Int?
        let isStopped: Bool
    }

    private let height: [Int]
    /// A binary heap of nodes that may have fresh legs.
    private var heap: [Int] = []
    private var inHeap: [Bool]
    private var cursor: [Int]
    private var runningLegs: [Int]
    private var isClosed: [Bool]
    private var again: [LegID] = []
    /// Ascending by time.
    private var delayed: [(time: Timestamp, leg: LegID)] = []

    init(_ height: [Int]) {
        self.height = height
        inHeap = Array(repeating: false, count: height.count)
        cursor = Array(repeating: 0, count: height.count)
        runningLegs = cursor
        isClosed = inHeap
    }

    /// When the first delayed leg may start.
    var nextTime: Timestamp? { delayed.first?.time }

    func running(_ node: Int) -> Int { runningLegs[node] }

    mutating func add(node: Int) { push(node) }

    mutating func add(again leg: LegID) { again.append(leg) }

    mutating func add(_ leg: LegID, at time: Timestamp) {
        let place = delayed.firstIndex { $0.time > time } ?? delayed.count
        delayed.insert((time, leg), at: place)
    }

    /// One leg of the node has ended.
    mutating func open(_ node: Int) {
        runningLegs[node] = max(0, runningLegs[node] - 1)
        if !isClosed[node] { push(node) }
    }

    /// No further leg of the node starts.
    mutating func close(_ node: Int) { isClosed[node] = true }

    /// Legs of a node that was closed may start again, from the first.
    mutating func reopen(_ node: Int) {
        isClosed[node] = false
        cursor[node] = 0
        runningLegs[node] = 0
        push(node)
    }

    /// Takes the best leg that is due and startable.
    mutating func next(
        at now: Timestamp, startable: (LegID) -> Bool, limits: (Int) -> Limits
    ) -> LegID? {
        while let first = delayed.first, first.time <= now {
            again.append(delayed.removeFirst().leg)
        }
        while !again.isEmpty {
            let leg = again.removeFirst()
            if !isClosed[leg.node], startable(leg) { return taken(leg) }
        }
        while let node = heap.first {
            let limit = limits(node)
            let isFull = limit.atOnce.map { runningLegs[node] >= $0 } ?? false
            if isClosed[node] || limit.isStopped || cursor[node] >= limit.legs || isFull {
                pop()
                continue
            }
            let leg = LegID(node: node, leg: cursor[node])
            cursor[node] += 1
            if startable(leg) { return taken(leg) }
        }
        return nil
    }

    private mutating func taken(_ leg: LegID) -> LegID {
        runningLegs[leg.node] += 1
        return leg
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        height[one] != height[other] ? height[one] > height[other] : one < other
    }

    private mutating func push(_ node: Int) {
        guard !inHeap[node] else { return }
        inHeap[node] = true
        heap.append(node)
        var at = heap.count - 1
        while at > 0, precedes(heap[at], heap[(at - 1) / 2]) {
            heap.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    private mutating func pop() {
        inHeap[heap[0]] = false
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var at = 0
        while true {
            let children = [2 * at + 1, 2 * at + 2].filter { $0 < heap.count }
            guard let best = children.min(by: { precedes(heap[$0], heap[$1]) }),
                precedes(heap[best], heap[at])
            else { return }
            heap.swapAt(at, best)
            at = best
        }
    }
}
