internal import FlowSpec

/// The places in pools that a run has, uses and queues for.
struct PlaceBook {
    /// The pool of the group that the run must have before anything starts; nil: none.
    let group: String?
    private var hasGroup = false
    /// Places that the run has got and no leg uses, by pool.
    private var free: [String: Int] = [:]
    private var queued: Set<String> = []
    /// Places that legs have left.
    private var left: [String] = []

    init(group: String?) { self.group = group.map { "group:\($0)" } }

    /// Whether the run may start something.
    var hasItsGroup: Bool { group == nil || hasGroup }

    /// Whether it waits for somebody else to leave.
    var isQueued: Bool { !queued.isEmpty }

    func isFree(_ pool: String) -> Bool { free[pool, default: 0] > 0 }

    /// Pools with places that no leg uses.
    var idle: [String] { free.filter { $0.value > 0 }.keys.sorted() }

    /// Whether the run has to queue for this pool now.
    mutating func queue(for pool: String) -> Bool { queued.insert(pool).inserted }

    mutating func got(_ pool: String) {
        queued.remove(pool)
        if pool == group { hasGroup = true } else { free[pool, default: 0] += 1 }
    }

    /// A leg takes a free place.
    mutating func enter(_ pool: String) { free[pool, default: 0] -= 1 }

    /// A leg is done with its place, which goes back to whoever is next.
    mutating func leave(_ pool: String) { left.append(pool) }

    /// Gives up a place that no leg uses.
    mutating func giveUp(_ pool: String) {
        free[pool, default: 0] -= 1
        left.append(pool)
    }

    mutating func takeLeft() -> String? { left.popLast() }

    /// Gives everything up, one after another; nil once nothing is left. What is queued for is given
    /// up as it comes.
    mutating func releaseAll() -> Scheduler.Step? {
        for pool in idle { giveUp(pool) }
        if hasGroup, let group {
            hasGroup = false
            left.append(group)
        }
        return takeLeft().map { .release(pool: $0) }
    }
}

extension Scheduler {
    /// A place has come.
    package mutating func granted(_ pool: String) {
        places.got(pool)
        starts.unpark(pool)
    }

    /// Whether the run waits for places.
    package var isQueued: Bool { places.isQueued }

    /// Before anything starts, the run must have its group; nil: it has, or nothing wants to start.
    mutating func groupStep() -> Step? {
        guard !places.hasItsGroup, let group = places.group, !starts.isEmpty else { return nil }
        return places.queue(for: group)
            ? .ask(pool: group, size: 1) : .wait(until: gates.nextDeadline)
    }

    /// What is to be done about places; nil: nothing.
    mutating func placeStep() -> Step? {
        if let pool = places.takeLeft() { return .release(pool: pool) }
        for pool in starts.wantedPools where places.queue(for: pool) {
            return .ask(pool: pool, size: size(of: pool))
        }
        // There is room, and yet nobody took it: who wanted it was cancelled.
        guard hasRoom else { return nil }
        for pool in places.idle where !starts.isWanted(pool) {
            places.giveUp(pool)
            return placeStep()
        }
        return nil
    }

    /// What the workflows of this run give the pool; the smallest counts.
    private func size(of pool: String) -> Int {
        pools.first { $0.name == pool }?.size ?? 1
    }
}
