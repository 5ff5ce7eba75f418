internal import FlowEngine
internal import FlowSystem

/// What `cache.db` holds, with the part in memory that one run asks for, and what is not written yet.
/// Used under a lock.
struct CacheIndex {
    /// What a leg's last time was.
    struct Last: Sendable {
        let key: [UInt8]
        /// nil: it is no longer kept.
        let entry: CacheEntry?
        /// When it was used last, in nanoseconds since 1970, as far as the file knows.
        var used: Int64
    }

    fileprivate struct LegName: Hashable {
        let workflow: String
        let node: String
        let leg: String

        init(_ subject: CacheSubject) {
            (workflow, node, leg) = (subject.workflow, subject.node, subject.leg)
        }

        init(workflow: String, text: String) {
            let parts = text.split(
                separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            self.workflow = workflow
            node = parts.first.map(String.init) ?? ""
            leg = parts.count > 1 ? String(parts[1]) : ""
        }

        var text: String { node + "\n" + leg }
    }

    /// What is to be written.
    private struct Pending {
        var entries: [[UInt8]: CacheEntry] = [:]
        var legs: [LegName: (key: [UInt8], fields: CacheFields)] = [:]
        var files: Set<String> = []
        var used: Set<[UInt8]> = []

        var count: Int { entries.count + legs.count + files.count + used.count }
    }

    private static let schema = 1
    /// More files than this are looked up one by one.
    private static let mostLoaded = 200_000
    private static let day: Int64 = 86_400_000_000_000

    private let path: String
    /// nil: the file cannot be used.
    private var database: Database?
    private(set) var hash = KeyedHash(key: [])
    private(set) var files: [String: FileRecord] = [:]
    private var knowsAllFiles = false
    private var loaded: Set<String> = []
    private var lasts: [LegName: Last] = [:]
    private var pending = Pending()
    private var flushed: Int64 = 0

    init(path: String) {
        self.path = path
        open()
    }

    // MARK: The file

    private mutating func open(again: Bool = false) {
        do throws(StoreError) {
            let database = try Database(path: path)
            let found = try database.run("PRAGMA user_version").first?.first?.int ?? 0
            // A newer flow has written it: that one shall keep it.
            guard found <= Self.schema else { return }
            if found == 0 { try Self.makeTables(database) }
            let key = try database.run("SELECT value FROM meta WHERE name = 'key'").first?.first
            guard let key = key?.blob, key.count == 32 else {
                throw StoreError(code: .damaged, doing: "use \(path)", message: "it has no key")
            }
            hash = KeyedHash(key: key)
            self.database = database
        } catch {
            database = nil
            guard error.code == .damaged, !again else { return }
            for end in ["", "-wal", "-shm"] { try? Files.remove(path + end) }
            open(again: true)
        }
    }

    private static func makeTables(_ database: Database) throws(StoreError) {
        var generator = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try database.transaction { () throws(StoreError) in
            try database.execute(
                """
                CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS entries (
                  key BLOB PRIMARY KEY, content BLOB NOT NULL, size INTEGER NOT NULL,
                  used INTEGER NOT NULL);
                CREATE TABLE IF NOT EXISTS legs (
                  workflow TEXT NOT NULL, leg TEXT NOT NULL, key BLOB NOT NULL,
                  fields BLOB NOT NULL, PRIMARY KEY (workflow, leg));
                CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, record BLOB NOT NULL);
                PRAGMA user_version=\(schema);
                """)
            try database.run(
                "INSERT OR IGNORE INTO meta (name, value) VALUES ('key', ?)", [.blob(key)])
        }
    }

    /// Does something with the file; a damaged file begins anew.
    /// - Returns: nil where it could not be done.
    mutating func attempt<Result>(_ body: (Database) throws(StoreError) -> Result)
        -> Result?
    {
        guard let database else { return nil }
        do throws(StoreError) {
            return try body(database)
        } catch {
            if error.code == .damaged { beginAnew() }
            return nil
        }
    }

    private mutating func beginAnew() {
        database = nil
        pending = Pending()
        forgetLoaded()
        for end in ["", "-wal", "-shm"] { try? Files.remove(path + end) }
        open(again: true)
    }

    /// Lets what is in memory be read anew.
    mutating func forgetLoaded() {
        (files, lasts, loaded) = ([:], [:], [])
        knowsAllFiles = false
    }

    // MARK: Reading

    /// Takes a workflow's last times into memory, once.
    mutating func load(_ workflow: String) {
        guard loaded.insert(workflow).inserted else { return }
        var found: [LegName: Last] = [:]
        _ = attempt { database throws(StoreError) in
            try database.each(
                """
                SELECT leg, legs.key, content, used FROM legs LEFT JOIN entries USING (key)
                WHERE workflow = ?
                """, [.text(workflow)]
            ) { row in
                guard let leg = row[0].text, let key = row[1].blob else { return }
                found[LegName(workflow: workflow, text: leg)] = Last(
                    key: key, entry: row[2].blob.flatMap(CacheEntry.init(bytes:)),
                    used: Int64(row[3].int ?? 0))
            }
        }
        lasts.merge(found) { known, _ in known }
        loadFiles()
    }

    private mutating func loadFiles() {
        guard !knowsAllFiles else { return }
        var found: [String: FileRecord] = [:]
        let isAll = attempt { database throws(StoreError) in
            let count = try database.run("SELECT count(*) FROM files").first?.first?.int ?? 0
            guard count <= Self.mostLoaded else { return false }
            found.reserveCapacity(count)
            try database.each("SELECT path, record FROM files", []) { row in
                guard let path = row[0].text, let bytes = row[1].blob else { return }
                found[path] = FileRecord(bytes: bytes)
            }
            return true
        }
        files.merge(found) { known, _ in known }
        knowsAllFiles = isAll ?? false
    }

    /// What is in memory now.
    var view: View { View(hash: hash, files: files, lasts: lasts) }

    /// What was in memory at one moment, for many looks without a lock.
    struct View: Sendable {
        let hash: KeyedHash
        let files: [String: FileRecord]
        fileprivate let lasts: [LegName: Last]

        func last(_ subject: CacheSubject) -> Last? { lasts[LegName(subject)] }
    }

    /// The fields of a leg's last time.
    mutating func lastFields(_ subject: CacheSubject) -> CacheFields? {
        let name = LegName(subject)
        if let leg = pending.legs[name] { return leg.fields }
        let row = attempt { database throws(StoreError) in
            try database.run(
                "SELECT fields FROM legs WHERE workflow = ? AND leg = ?",
                [.text(name.workflow), .text(name.text)])
        }
        return row?.first?.first?.blob.map(CacheFields.init(bytes:))
    }

    /// What is kept under a key; nil also where it is damaged.
    mutating func entry(_ key: [UInt8]) -> CacheEntry? {
        if let entry = pending.entries[key] { return entry }
        let row = attempt { database throws(StoreError) in
            try database.run("SELECT content FROM entries WHERE key = ?", [.blob(key)])
        }
        return row?.first?.first?.blob.flatMap(CacheEntry.init(bytes:))
    }

    /// What is known of a file.
    mutating func record(_ path: String) -> FileRecord? {
        if let record = files[path] { return record }
        guard !knowsAllFiles else { return nil }
        let row = attempt { database throws(StoreError) in
            try database.run("SELECT record FROM files WHERE path = ?", [.text(path)])
        }
        let record = row?.first?.first?.blob.flatMap(FileRecord.init(bytes:))
        files[path] = record
        return record
    }

    // MARK: Writing

    mutating func setRecord(_ path: String, _ record: FileRecord) {
        files[path] = record
        pending.files.insert(path)
    }

    mutating func add(_ key: [UInt8], _ entry: CacheEntry) { pending.entries[key] = entry }

    mutating func setLast(
        _ subject: CacheSubject, _ key: [UInt8], _ entry: CacheEntry, _ recipe: CacheRecipe
    ) {
        let name = LegName(subject)
        if lasts[name]?.key != key {
            pending.legs[name] = (key, CacheFields(recipe, hash))
        }
        lasts[name] = Last(key: key, entry: entry, used: FileStamp.now)
    }

    /// Notes that an entry was used, once a day.
    mutating func used(_ subject: CacheSubject) {
        guard let last = lasts[LegName(subject)], FileStamp.now - last.used > Self.day else {
            return
        }
        lasts[LegName(subject)]?.used = FileStamp.now
        used(last.key)
    }

    mutating func used(_ key: [UInt8]) { pending.used.insert(key) }

    /// Writes where a little has gathered or some time has passed: neither does each result cost a
    /// commit, nor does the end of flow cost much work.
    mutating func flushIfDue() {
        if pending.count >= 256 || FileStamp.now - flushed > 100_000_000 { flush() }
    }

    mutating func flush() {
        flushed = FileStamp.now
        guard pending.count > 0 else { return }
        let pending = pending
        let files = files
        self.pending = Pending()
        _ = attempt { database throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                try Self.write(pending, files, to: database)
            }
        }
    }

    private static func write(
        _ pending: Pending, _ files: [String: FileRecord], to database: Database
    ) throws(StoreError) {
        let now = Database.Value.integer(FileStamp.now)
        for (key, entry) in pending.entries {
            try database.run(
                "INSERT OR REPLACE INTO entries (key, content, size, used) VALUES (?, ?, ?, ?)",
                [.blob(key), .blob(entry.bytes), .integer(Int64(entry.size)), now])
        }
        for (name, leg) in pending.legs {
            try database.run(
                "INSERT OR REPLACE INTO legs (workflow, leg, key, fields) VALUES (?, ?, ?, ?)",
                [.text(name.workflow), .text(name.text), .blob(leg.key), .blob(leg.fields.bytes)])
        }
        for path in pending.files {
            guard let record = files[path] else { continue }
            try database.run(
                "INSERT OR REPLACE INTO files (path, record) VALUES (?, ?)",
                [.text(path), .blob(record.bytes)])
        }
        for key in pending.used {
            try database.run("UPDATE entries SET used = ? WHERE key = ?", [now, .blob(key)])
        }
    }
}

extension Database.Value {
    var blob: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }
}
