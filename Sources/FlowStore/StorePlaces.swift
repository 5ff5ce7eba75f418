package import FlowEngine
internal import FlowSystem

/// The places of one run in pools that all flows of a state folder share. The concurrency group of a
/// workflow is the pool `group:NAME` with one place.
///
/// Places go to runs in the order in which they asked. A run whose lock nobody holds has no right to
/// a place: whoever looks next ends what is left of it, and the place goes to the next in the queue.
/// No clock decides anything. Used by one thread.
package final class StorePlaces: PlaceKeeper {
    private let state: StateFolder
    private let run: String
    private let table: TicketTable
    private let endProcesses: (String) -> Bool
    /// The ticket that the run has drawn for a pool and has not been told of yet.
    private var asked: [String: Asked] = [:]
    /// Pools to which another living run gave another size when this one first asked.
    package private(set) var disagreements: [Disagreement] = []
    /// Pools that this run has asked for.
    private var known: Set<String> = []

    /// Two runs that do not agree on a pool's size; the smaller counts.
    package struct Disagreement: Sendable, Hashable {
        package let pool: String
        package let size: Int
        package let otherRun: String
        package let otherSize: Int
    }

    private struct Asked {
        var ticket: Int
        let size: Int
    }

    /// Forgets what an earlier owner of the run had. Take the run's lock first and end what that
    /// owner left, since its places are given away at once.
    /// - Parameter endProcesses: ends what is left of a run whose owner has died, before its place
    ///   goes to another (a place must not be used twice, not even for a moment), and says whether
    ///   nothing is left; if something is, the place stays taken.
    package init(
        _ state: StateFolder, run: String,
        endProcesses: @escaping (String) -> Bool
    ) throws(StoreError) {
        self.state = state
        self.run = run
        self.endProcesses = endProcesses
        table = try TicketTable(state)
        if try !table.pools(of: run).isEmpty { try leaveAll() }
    }

    package func ask(for pool: String, size: Int) throws(EngineError) {
        guard asked[pool] == nil else { return }
        try engine { () throws(StoreError) in
            try draw(pool, size: size)
            if known.insert(pool).inserted { try compare(pool, size) }
        }
    }

    private func compare(_ pool: String, _ size: Int) throws(StoreError) {
        let others = try table.tickets(of: pool).filter { $0.run != run && $0.size != size }
        guard let other = others.first(where: { lives($0.run) }) else { return }
        disagreements.append(
            Disagreement(pool: pool, size: size, otherRun: other.run, otherSize: other.size))
    }

    package func granted() throws(EngineError) -> [String] {
        try engine { () throws(StoreError) in
            var pools: [String] = []
            for (pool, waiting) in asked {
                if try look(at: pool, waiting) {
                    asked[pool] = nil
                    pools.append(pool)
                }
            }
            return pools.sorted()
        }
    }

    package func release(_ pool: String) throws(EngineError) {
        try engine { () throws(StoreError) in
            try settle(pool) { () throws(StoreError) in
                let own = try table.tickets(of: pool).first {
                    $0.run == run && $0.isHeld && $0.number != asked[pool]?.ticket
                }
                if let own { try table.remove(own.number) }
            }
        }
    }

    package func releaseAll() throws(EngineError) {
        try engine { () throws(StoreError) in try leaveAll() }
    }

    private func engine<Result>(_ work: () throws(StoreError) -> Result) throws(EngineError)
        -> Result
    {
        do throws(StoreError) { return try work() } catch { throw error.forEngine }
    }
}

// MARK: Who else is there

extension StorePlaces {
    /// The living runs that hold places of a pool, in the order in which they asked; of a group, the
    /// run that has it. A run that wants to know whether it has a group first asks for it, and then
    /// looks: what is free now may be taken in a moment.
    package func holders(of pool: String) throws(StoreError) -> [String] {
        try users(of: pool) { $0.isHeld }
    }

    /// The living runs that wait for places of a pool, the next first.
    package func waiting(for pool: String) throws(StoreError) -> [String] {
        try users(of: pool) { !$0.isHeld }
    }

    /// The places that a pool has now: the smallest size that any of its living users gives it; nil
    /// without users.
    package func size(of pool: String) throws(StoreError) -> Int? {
        try table.tickets(of: pool).filter { lives($0.run) }.map(\.size).min()
    }

    private func users(of pool: String, _ isWanted: (TicketTable.Ticket) -> Bool)
        throws(StoreError) -> [String]
    {
        var seen: Set<String> = []
        return try table.tickets(of: pool).filter {
            isWanted($0) && seen.insert($0.run).inserted && lives($0.run)
        }.map(\.run)
    }

    private func lives(_ other: String) -> Bool {
        other == run || RunLock.isHeld(state, run: other)
    }
}

// MARK: Tickets

extension StorePlaces {
    private func draw(_ pool: String, size: Int) throws(StoreError) {
        try settle(pool) { () throws(StoreError) in
            asked[pool] = Asked(ticket: try table.add(run, to: pool, size: size), size: size)
        }
    }

    /// Whether a ticket has become a place. Costs a read, and a few locks' looks while it waits.
    private func look(at pool: String, _ waiting: Asked) throws(StoreError) -> Bool {
        switch try table.isHeld(waiting.ticket) {
        case true?: return true
        case false?:
            guard try table.isUnsettled(pool, lives: lives) else { return false }
            try settle(pool) {}
            return try table.isHeld(waiting.ticket) == true
        case nil:
            // Somebody has removed the file; the run queues again.
            try draw(pool, size: waiting.size)
            return false
        }
    }

    private func leaveAll() throws(StoreError) {
        asked = [:]
        let pools = try table.pools(of: run)
        try table.removeAll(of: run)
        for pool in pools { try settle(pool) {} }
    }

    /// Changes a pool's tickets, gives what is free to whom it belongs, and wakes them.
    private func settle(_ pool: String, _ change: () throws(StoreError) -> Void)
        throws(StoreError)
    {
        var found = try table.transaction { () throws(StoreError) in
            try change()
            return try table.settle(pool, lives: lives)
        }
        wake(found.granted)
        var isChanged = false
        for dead in found.deadHolders where try bury(dead) { isChanged = true }
        guard isChanged else { return }
        found = try table.transaction { () throws(StoreError) in
            try table.settle(pool, lives: lives)
        }
        wake(found.granted)
    }

    private func wake(_ granted: [TicketTable.Ticket]) {
        for other in Set(granted.map(\.run)) where other != run {
            ControlPipe.poke(state, run: other)
        }
    }

    /// Ends what is left of a dead run and takes its tickets away, holding the run's lock so that
    /// nobody takes it up meanwhile.
    /// - Returns: false where somebody has taken it up, or its processes do not end; the place stays
    ///   taken then.
    private func bury(_ dead: String) throws(StoreError) -> Bool {
        let path = state.lock(ofRun: dead)
        var lock: LockedFile?
        if Files.exists(path) {
            lock = try? LockedFile(path)
            if lock == nil { return false }
        }
        guard endProcesses(dead) else { return false }
        try table.removeAll(of: dead)
        withExtendedLifetime(lock) {}
        return true
    }
}
