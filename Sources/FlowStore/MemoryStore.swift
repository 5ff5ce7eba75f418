package import FlowJSON
internal import FlowSystem

/// What the stages remember between runs and can compute again: the signatures of the latest mining
/// and the days it read, in `memory.db`.
package final class MemoryStore {
    private let database: Database
    private static let schema = 1

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
            CREATE TABLE IF NOT EXISTS signatures (
              fingerprint TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY);
            PRAGMA user_version=\(Self.schema);
            """)
    }

    /// Puts the result of a mining in place of the one before.
    /// - Parameter days: the UTC days, counted from 1970-01-01, of which something was read.
    package func replace(signatures: [(fingerprint: String, document: JSON)], days: Set<Int>)
        throws(StoreError)
    {
        try database.transaction { () throws(StoreError) in
            try database.execute("DELETE FROM signatures; DELETE FROM days;")
            for (fingerprint, document) in signatures {
                try database.run(
                    "INSERT INTO signatures VALUES (?, ?)",
                    [.text(fingerprint), .text(document.text())])
            }
            for day in days {
                try database.run("INSERT INTO days VALUES (?)", [.integer(Int64(day))])
            }
        }
    }

    /// The signatures of the latest mining, by fingerprint.
    package func signatures() throws(StoreError) -> [JSON] {
        try database.run("SELECT document FROM signatures ORDER BY fingerprint")
            .compactMap { row in row[0].text.flatMap { try? JSON.read($0) } }
    }

    /// The UTC days of which the latest mining read something.
    package func days() throws(StoreError) -> Set<Int> {
        Set(try database.run("SELECT day FROM days").compactMap { $0[0].int })
    }
}
