package import FlowJSON
internal import FlowSystem

/// What the stages remember between runs, in `memory.db`: the signatures of the latest minings, what
/// components wrote on the days that they read, and the groups they found under a new name, and of each source what is counted, how
/// far it was read, and which messages were in which group.
package final class MemoryStore {
    private let database: Database
    private static let schema = 4
    /// Minings that are kept, so that a run that waits or is resumed still finds its own.
    private static let kept = 20

    /// Opens the memory of a state folder, or makes it.
    package init(_ state: StateFolder) throws(StoreError) {
        database = try Database(path: state.memoryDatabase)
        let found = try database.run("PRAGMA user_version").first?.first?.int ?? 0
        guard found <= Self.schema else {
            throw StoreError(
                code: .newer, doing: "use \(state.memoryDatabase)",
                message: "a newer flow has written it (schema \(found)); use that one")
        }
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS minings (number INTEGER PRIMARY KEY, run TEXT UNIQUE);
            CREATE TABLE IF NOT EXISTS signatures (
              mining INTEGER REFERENCES minings ON DELETE CASCADE, fingerprint TEXT,
              document TEXT NOT NULL, PRIMARY KEY (mining, fingerprint)) WITHOUT ROWID;
            DROP TABLE IF EXISTS days;
            CREATE TABLE IF NOT EXISTS components (
              mining INTEGER REFERENCES minings ON DELETE CASCADE, place INTEGER,
              document TEXT NOT NULL, PRIMARY KEY (mining, place)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS sources (
              name TEXT PRIMARY KEY, generation INTEGER NOT NULL, document TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS renamed (
              mining INTEGER REFERENCES minings ON DELETE CASCADE, place INTEGER, old TEXT, new TEXT,
              PRIMARY KEY (mining, place)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS groupings (source TEXT PRIMARY KEY, document TEXT NOT NULL);
            PRAGMA user_version=\(Self.schema);
            """)
    }

    /// Keeps the result of a run's mining; one that the run has kept before is replaced.
    /// - Parameters:
    ///   - components: what each component wrote on the days of which something was read.
    ///   - renamed: what groups are called now that were called otherwise.
    package func keep(
        run: String, signatures: [(fingerprint: String, document: JSON)],
        components: [JSON], renamed: [(old: String, new: String)] = []
    ) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            try database.run("DELETE FROM minings WHERE run = ?", [.text(run)])
            try database.run("INSERT INTO minings (run) VALUES (?)", [.text(run)])
            let mining = Database.Value.integer(Int64(database.lastRowID))
            for (fingerprint, document) in signatures {
                try database.run(
                    "INSERT INTO signatures VALUES (?, ?, ?)",
                    [mining, .text(fingerprint), .text(document.text())])
            }
            for (place, document) in components.enumerated() {
                try database.run(
                    "INSERT INTO components VALUES (?, ?, ?)",
                    [mining, .integer(Int64(place)), .text(document.text())])
            }
            for (place, pair) in renamed.enumerated() {
                try database.run(
                    "INSERT INTO renamed VALUES (?, ?, ?, ?)",
                    [mining, .integer(Int64(place)), .text(pair.old), .text(pair.new)])
            }
            try database.run(
                """
                DELETE FROM minings WHERE number NOT IN
                  (SELECT number FROM minings ORDER BY number DESC LIMIT ?)
                """, [.integer(Int64(Self.kept))])
        }
    }

    /// What a run's own mining gave or, where it has none, the newest one: the signatures by
    /// fingerprint, and what each component wrote.
    package func mining(of run: String) throws(StoreError)
        -> (signatures: [JSON], components: [JSON])
    {
        guard let number = try number(of: run) else { return ([], []) }
        func documents(_ query: String) throws(StoreError) -> [JSON] {
            try database.run(query, [number])
                .compactMap { row in row[0].text.flatMap { try? JSON.read($0) } }
        }
        return (
            try documents("SELECT document FROM signatures WHERE mining = ? ORDER BY fingerprint"),
            try documents("SELECT document FROM components WHERE mining = ? ORDER BY place")
        )
    }

    /// What a list of errors says of one signature.
    package struct Digest: Sendable {
        package let fingerprint: String
        package let component: String
        package let type: String
        package let template: String
        package let hits7d: Int
        package let hits30d: Int
        /// `increasing`, `decreasing` or `stable`.
        package let trend: String
        /// As RFC 3339 writes it.
        package let firstSeen: String?
        package let lastSeen: String?
        /// The first example.
        package let example: String?
        /// Whether its component was read on so many days after the last one with an error.
        package let isSilent: Bool
    }

    /// The digests of what `mining` gives. SQLite picks the members out of the documents, which costs
    /// a fraction of reading them whole: most of a document is its counts by day. All of them at once,
    /// since it reads a document anew for each that is asked for by itself.
    /// - Parameter days: those of silence, from 1.
    package func digests(of run: String, silentFor days: Int, _ take: (Digest) -> Void)
        throws(StoreError)
    {
        guard let number = try number(of: run) else { return }
        let members = [
            "fingerprint", "component", "type", "template", "first_seen", "last_seen",
            "examples[0]", "trend", "hits_7d", "hits_30d", "exposure[#-\(days)].date",
            "daily[#-1].date",
        ].map { "'$.\($0)'" }
        try database.each(
            """
            SELECT json_extract(document, \(members.joined(separator: ", ")))
            FROM signatures WHERE mining = ? ORDER BY fingerprint
            """, [number]
        ) { row in
            let found = row[0].text.flatMap { try? JSON.read($0) }?.arrayValue
            if let found, found.count == members.count { take(Digest(found)) }
        }
    }

    /// What groups are called now that were called otherwise before that mining.
    package func renamed(by run: String) throws(StoreError) -> [(old: String, new: String)] {
        guard let number = try number(of: run) else { return [] }
        return try database.run(
            "SELECT old, new FROM renamed WHERE mining = ? ORDER BY place", [number]
        ).map { ($0[0].text ?? "", $0[1].text ?? "") }
    }

    private func number(of run: String) throws(StoreError) -> Database.Value? {
        try database.run(
            "SELECT number FROM minings ORDER BY run = ? DESC, number DESC LIMIT 1", [.text(run)]
        ).first?.first
    }

    /// What was kept of a source, and how often it has been; nothing yet: an empty text of
    /// generation 0.
    package func source(_ name: String) throws(StoreError) -> (generation: Int, document: String) {
        let found = try database.run(
            "SELECT generation, document FROM sources WHERE name = ?", [.text(name)])
        guard let row = found.first else { return (0, "") }
        return (row[0].int ?? 0, row[1].text ?? "")
    }

    /// What was kept of every source, the one that was kept last first.
    package func sources() throws(StoreError) -> [String] {
        try database.run("SELECT document FROM sources ORDER BY rowid DESC")
            .compactMap { $0[0].text }
    }

    /// Which messages of a source were in which group; nil: nothing was kept.
    package func grouping(of source: String) throws(StoreError) -> String? {
        try database.run("SELECT document FROM groupings WHERE source = ?", [.text(source)])
            .first?.first?.text
    }

    /// Keeps which messages of a source are in which group.
    package func keep(grouping document: JSON, of source: String) throws(StoreError) {
        try database.run(
            "INSERT OR REPLACE INTO groupings VALUES (?, ?)",
            [.text(source), .text(document.text())])
    }

    /// Keeps what is counted of a source and how far it was read, in one transaction.
    /// - Parameter generation: the one that the document goes on from.
    /// - Returns: false where somebody else has kept another since; then nothing is kept, and what
    ///   was read must be read again from there.
    package func keep(source name: String, after generation: Int, _ document: JSON)
        throws(StoreError) -> Bool
    {
        try database.transaction { () throws(StoreError) in
            guard try source(name).generation == generation else { return false }
            try database.run(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
                [.text(name), .integer(Int64(generation + 1)), .text(document.text())])
            return true
        }
    }
}

extension MemoryStore.Digest {
    /// The members in the order in which `digests` asks for them, null for those that are not there.
    fileprivate init(_ members: [JSON]) {
        func text(_ place: Int) -> String? { members[place].stringValue }
        let lastSeen = text(5)
        let lastDay = text(11) ?? lastSeen.map { String($0.prefix(10)) }
        self.init(
            fingerprint: text(0) ?? "", component: text(1) ?? "", type: text(2) ?? "",
            template: text(3) ?? "", hits7d: members[8].intValue ?? 0,
            hits30d: members[9].intValue ?? 0, trend: text(7) ?? "", firstSeen: text(4),
            lastSeen: lastSeen, example: text(6),
            isSilent: lastDay.flatMap { last in text(10).map { $0 > last } } ?? false)
    }
}
