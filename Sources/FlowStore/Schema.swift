internal import FlowSystem

/// The tables of `runs.db`, and how a file of an older flow becomes one of this flow.
///
/// A step only adds: an older flow that has the file open meanwhile goes on writing its events.
enum Schema {
    /// The step at place n makes schema n + 1 of schema n; an empty file has schema 0.
    private static let steps = [
        """
        CREATE TABLE runs (
          number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL,
          status TEXT NOT NULL, created INTEGER NOT NULL, finished INTEGER);
        CREATE TABLE events (
          run INTEGER NOT NULL REFERENCES runs, seq INTEGER NOT NULL, time INTEGER NOT NULL,
          type TEXT NOT NULL, node TEXT, leg INTEGER, attempt INTEGER, data TEXT NOT NULL,
          PRIMARY KEY (run, seq)) WITHOUT ROWID;
        """,
        """
        CREATE TABLE requests (
          number INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs,
          request TEXT NOT NULL);
        CREATE INDEX requests_of_run ON requests (run);
        CREATE TABLE durations (
          workflow TEXT NOT NULL, node TEXT NOT NULL, mean INTEGER NOT NULL, count INTEGER NOT NULL,
          PRIMARY KEY (workflow, node)) WITHOUT ROWID;
        CREATE TABLE usage (
          number INTEGER PRIMARY KEY CHECK (number = 1), time INTEGER NOT NULL,
          bytes INTEGER NOT NULL, free INTEGER NOT NULL);
        """,
    ]

    /// What this flow writes; raised with every change of the tables.
    static var current: Int { steps.count }

    /// Where a migration stands; tests end the process there.
    enum Moment: Sendable, Hashable, CaseIterable { case begun, copied, kept, changed, done }

    /// Where the file is kept as it was before it was migrated from a schema.
    static func backup(of path: String, schema: Int) -> String { "\(path).schema-\(schema).backup" }

    /// Brings a file to the present schema: all of it in one transaction, after a copy of an older
    /// file has been put beside it. Costs one read where there is nothing to do.
    /// - Throws: `newer` for a file that a later version of flow has written, which stays untouched.
    static func prepare(_ database: Database, reached: (Moment) -> Void = { _ in })
        throws(StoreError)
    {
        guard try version(of: database) < current else { return }
        try database.transaction { () throws(StoreError) in
            // Somebody else may have been first.
            let found = try version(of: database)
            guard found < current else { return }
            reached(.begun)
            if found > 0 { try keep(database, schema: found, reached) }
            for step in steps[found...] { try database.execute(step) }
            try database.execute("PRAGMA user_version=\(current)")
            reached(.changed)
        }
        reached(.done)
    }

    /// Looks whether this flow can read a file as it is: each schema has the tables of those before.
    /// - Throws: `newer`, and `damaged` for a file without tables.
    static func check(_ database: Database) throws(StoreError) {
        guard try version(of: database) == 0 else { return }
        throw StoreError(
            code: .damaged, doing: "use \(database.path)",
            message: "it holds no runs; remove it where you may write to it")
    }

    private static func version(of database: Database) throws(StoreError) -> Int {
        let found = try database.run("PRAGMA user_version").first?.first?.int ?? 0
        guard (0...current).contains(found) else {
            throw StoreError(
                code: .newer, doing: "use \(database.path)",
                message: "it has schema \(found) and this flow knows up to \(current); "
                    + "use a newer flow")
        }
        return found
    }

    /// Copies the file as it is. The caller's transaction keeps other writers out, and a second
    /// connection reads what was committed before it, the write-ahead log's content included.
    private static func keep(_ database: Database, schema: Int, _ reached: (Moment) -> Void)
        throws(StoreError)
    {
        let path = backup(of: database.path, schema: schema)
        let part = path + ".part"
        let reader = try Database(path: database.path)
        try reader.execute("PRAGMA synchronous=FULL")
        do throws(SystemError) { try Files.remove(part) } catch { throw StoreError(error) }
        try reader.run("VACUUM INTO ?", [.text(part)])
        reached(.copied)
        do throws(SystemError) {
            try Files.move(part, to: path)
        } catch {
            throw StoreError(error)
        }
        reached(.kept)
    }
}
