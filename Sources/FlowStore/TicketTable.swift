internal import FlowSystem

/// The tickets of all runs for places in pools, in `places.db`.
///
/// They have a file of their own because a run's log keeps a transaction of `runs.db` open between
/// `append` and `commit`, in which a second connection of the same flow would wait for itself. The
/// file may be lost: places belong to runs that live, so after a crash of the machine there are none.
final class TicketTable {
    /// A place that a run holds or waits for.
    struct Ticket {
        /// Ascending in the order in which runs asked.
        let number: Int
        let run: String
        /// How many places the run thinks the pool has.
        let size: Int
        let isHeld: Bool
    }

    /// What `settle` found.
    struct Settlement {
        /// Tickets that have become places, in order.
        var granted: [Ticket] = []
        /// Runs without an owner that still hold a place.
        var deadHolders: [String] = []
    }

    private let database: Database
    private static let schema = 1

    init(_ state: StateFolder) throws(StoreError) {
        database = try Database(path: state.placesDatabase)
        let found = try database.run("PRAGMA user_version").first?.first?.int ?? 0
        guard found <= Self.schema else {
            throw StoreError(
                code: .newer, doing: "use \(state.placesDatabase)",
                message: "a newer flow has written it (schema \(found)); use that one")
        }
        guard found == 0 else { return }
        try database.transaction { () throws(StoreError) in
            try database.execute(
                """
                CREATE TABLE IF NOT EXISTS tickets (
                  number INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT NOT NULL, run TEXT NOT NULL,
                  size INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0);
                CREATE INDEX IF NOT EXISTS tickets_of_pool ON tickets (pool, number);
                PRAGMA user_version=\(Self.schema);
                """)
        }
    }

    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try database.transaction(body)
    }

    /// All tickets of a pool, in order.
    func tickets(of pool: String) throws(StoreError) -> [Ticket] {
        try database.run(
            "SELECT number, run, size, held FROM tickets WHERE pool = ? ORDER BY number",
            [.text(pool)]
        ).compactMap { row in
            guard let number = row[0].int, let run = row[1].text, let size = row[2].int,
                let held = row[3].int
            else { return nil }
            return Ticket(number: number, run: run, size: size, isHeld: held != 0)
        }
    }

    /// The runs that have tickets.
    func runs() throws(StoreError) -> [String] {
        try database.run("SELECT DISTINCT run FROM tickets ORDER BY run").compactMap { $0[0].text }
    }

    /// The pools that a run has tickets for.
    func pools(of run: String) throws(StoreError) -> [String] {
        try database.run("SELECT DISTINCT pool FROM tickets WHERE run = ?", [.text(run)])
            .compactMap { $0[0].text }
    }

    /// Whether a ticket has become a place; nil when it is gone.
    func isHeld(_ number: Int) throws(StoreError) -> Bool? {
        try database.run("SELECT held FROM tickets WHERE number = ?", [.integer(Int64(number))])
            .first?.first?.int.map { $0 != 0 }
    }

    func add(_ run: String, to pool: String, size: Int) throws(StoreError) -> Int {
        try database.run(
            "INSERT INTO tickets (pool, run, size) VALUES (?, ?, ?)",
            [.text(pool), .text(run), .integer(Int64(size))])
        return database.lastRowID
    }

    func remove(_ number: Int) throws(StoreError) {
        try database.run("DELETE FROM tickets WHERE number = ?", [.integer(Int64(number))])
    }

    func removeAll(of run: String) throws(StoreError) {
        try database.run("DELETE FROM tickets WHERE run = ?", [.text(run)])
    }

    /// Forgets those who died waiting, and gives what is free to those who have waited longest. Call
    /// it in a transaction.
    /// - Parameter lives: whether a run has an owner.
    func settle(_ pool: String, lives: (String) -> Bool) throws(StoreError) -> Settlement {
        let decision = Decision(try tickets(of: pool), lives: lives)
        for number in decision.gone { try remove(number) }
        for ticket in decision.granted {
            try database.run(
                "UPDATE tickets SET held = 1 WHERE number = ?", [.integer(Int64(ticket.number))])
        }
        return Settlement(granted: decision.granted, deadHolders: decision.deadHolders)
    }

    /// Whether `settle` would change anything.
    func isUnsettled(_ pool: String, lives: (String) -> Bool) throws(StoreError) -> Bool {
        let decision = Decision(try tickets(of: pool), lives: lives)
        return !decision.gone.isEmpty || !decision.granted.isEmpty || !decision.deadHolders.isEmpty
    }
}

extension TicketTable {
    /// Who gets a place of a pool, from its tickets alone.
    struct Decision {
        /// Tickets of runs that died waiting.
        private(set) var gone: [Int] = []
        private(set) var granted: [Ticket] = []
        private(set) var deadHolders: [String] = []

        init(_ tickets: [Ticket], lives: (String) -> Bool) {
            var known: [String: Bool] = [:]
            var waiting: [Ticket] = []
            var held = 0
            var size = Int.max
            for ticket in tickets {
                let isAlive = known[ticket.run] ?? lives(ticket.run)
                known[ticket.run] = isAlive
                if isAlive { size = min(size, ticket.size) }
                if ticket.isHeld {
                    // The place of a dead run is taken until its processes are known to be gone.
                    held += 1
                    if !isAlive, !deadHolders.contains(ticket.run) {
                        deadHolders.append(ticket.run)
                    }
                } else if isAlive {
                    waiting.append(ticket)
                } else {
                    gone.append(ticket.number)
                }
            }
            granted = Array(waiting.prefix(max(0, size - held)))
        }
    }
}
