internal import CSQLite
internal import FlowSystem
internal import Glibc

/// A connection to one SQLite file, used by one thread at a time.
///
/// Opened in WAL mode with `synchronous=NORMAL`: a commit survives the end of the program, and is on
/// the disk after `sync` (SQLite, "Write-Ahead Logging", performance considerations).
package final class Database {
    private let handle: OpaquePointer
    package let path: String
    /// Whether it was opened on the promise that nobody writes to it.
    private let isStill: Bool
    /// Tells the file that was opened from another one that stands in its place.
    private let inode: UInt64?
    private var statements: [String: OpaquePointer] = [:]

    /// A value of a column or a parameter.
    package enum Value: Sendable, Hashable {
        case null
        case integer(Int64)
        case text(String)
        case blob([UInt8])

        package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
        package init(_ value: String?) { self = value.map { .text($0) } ?? .null }

        package var int: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
        package var text: String? { if case .text(let value) = self { value } else { nil } }
    }

    /// Opens the file, or makes it.
    package init(path: String) throws(StoreError) {
        self.path = path
        isStill = false
        handle = try Self.open(path, at: path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        inode = FileStamp(path, following: true)?.inode
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=NORMAL")
        try execute("PRAGMA foreign_keys=ON")
    }

    /// Opens a file that this user may only read.
    ///
    /// Where a flow is at it, or was killed, its write-ahead log and the index of that lie beside it,
    /// and reading them needs no right to write. Where the last flow has closed it in order, they
    /// are gone, SQLite cannot make them, and all there is stands in the file itself: then it is
    /// opened as one that nobody changes ("Write-Ahead Logging", read-only databases). To copy it
    /// first would be no safer: a flow that begins meanwhile could change it below the copy, too.
    package init(reading path: String) throws(StoreError) {
        self.path = path
        let log = FileStamp(path + "-wal", following: true)?.size
        // A shorter one is what a full disk has left of it ("WAL-mode File Format", 2.1).
        let hasIndex = (FileStamp(path + "-shm", following: true)?.size ?? 0) >= 32_768
        isStill = log == nil || log == 0 && !hasIndex
        if !isStill, !hasIndex {
            throw StoreError(
                code: .readOnly, doing: "read \(path)",
                message: "its log cannot be read here without the file \(path)-shm; copy the "
                    + "folder to where you may write, and set FLOW_STATE to the copy")
        }
        let name = isStill ? "file:\(Self.uriPath(path))?immutable=1" : path
        handle = try Self.open(name, at: path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
        inode = nil
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    private static func open(_ name: String, at path: String, _ flags: Int32) throws(StoreError)
        -> OpaquePointer
    {
        if Files.kind(path, following: true) == .folder {
            throw StoreError(
                code: .unusable, doing: "open \(path)",
                message: "a folder stands in its place; move it away to begin anew, or put the "
                    + "file back")
        }
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard result == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StoreError(code: .unusable, doing: "open \(path)", message: message)
        }
        sqlite3_busy_timeout(opened, 30_000)
        return opened
    }

    /// A path within a URI (RFC 3986).
    private static func uriPath(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = path.utf8.flatMap { byte -> [UInt8] in
            let isPlain = byte < 0x80 && !"%?# ".utf8.contains(byte) && byte > 0x20
            return isPlain ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Runs statements that give no rows.
    package func execute(_ sql: String) throws(StoreError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
    }

    /// Runs one statement, kept prepared, and gives its rows.
    @discardableResult
    package func run(_ sql: String, _ values: [Value] = []) throws(StoreError) -> [[Value]] {
        var rows: [[Value]] = []
        try each(sql, values) { rows.append($0) }
        return rows
    }

    /// Runs one statement, kept prepared, and hands over each row.
    package func each(_ sql: String, _ values: [Value], _ row: ([Value]) -> Void)
        throws(StoreError)
    {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (place, value) in values.enumerated() {
            guard bind(statement, Int32(place + 1), value) == SQLITE_OK else { throw error(sql) }
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                row((0..<sqlite3_column_count(statement)).map { column(statement, $0) })
            case SQLITE_DONE: return
            default: throw error(sql)
            }
        }
    }

    /// Does `body` in one transaction that is taken back when it throws.
    package func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError)
        -> Result
    {
        try execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Forces what has been committed to the disk: an empty commit that waits for the log's sync
    /// covers all commits before it.
    /// - Throws: also where the file is no longer the one at its path, so that nobody will find what
    ///   it holds.
    package func sync() throws(StoreError) {
        guard FileStamp(path, following: true)?.inode == inode else {
            throw StoreError(
                code: .unusable, doing: "keep what has happened in \(path)",
                message: "the file was removed or replaced while it was in use; what was done is "
                    + "done, but its log is lost, so run the workflow again")
        }
        try execute("PRAGMA synchronous=FULL")
        defer { try? execute("PRAGMA synchronous=NORMAL") }
        try transaction { () throws(StoreError) in
            let version = try run("PRAGMA user_version").first?.first?.int ?? 0
            try execute("PRAGMA user_version=\(version)")
        }
    }

    package var lastRowID: Int { Int(sqlite3_last_insert_rowid(handle)) }

    private func prepared(_ sql: String) throws(StoreError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil) == SQLITE_OK,
            let statement
        else { throw error(sql) }
        statements[sql] = statement
        return statement
    }

    /// Tells SQLite to copy what it is given (`SQLITE_TRANSIENT`, a cast that Swift cannot import).
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ statement: OpaquePointer, _ place: Int32, _ value: Value) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(statement, place)
        case .integer(let number): return sqlite3_bind_int64(statement, place, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { chars in
                    sqlite3_bind_text64(
                        statement, place, chars.baseAddress, UInt64(chars.count), Self.copied,
                        UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            if bytes.isEmpty { return sqlite3_bind_zeroblob(statement, place, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob64(
                    statement, place, $0.baseAddress, UInt64($0.count), Self.copied)
            }
        }
    }

    private func column(_ statement: OpaquePointer, _ place: Int32) -> Value {
        let count = Int(sqlite3_column_bytes(statement, place))
        switch sqlite3_column_type(statement, place) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, place))
        case SQLITE_TEXT:
            let bytes = UnsafeBufferPointer(
                start: sqlite3_column_text(statement, place), count: count)
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(statement, place), count: count)
            return .blob(Array(bytes))
        default: return .null
        }
    }

    /// Moves a damaged file out of the way, with the write-ahead log that belongs to it.
    static func remedy(for path: String) -> String {
        let folder = Path.join(Path.folder(path), "damaged")
        return "mkdir -p \(folder) && mv \(path)* \(folder)"
    }

    /// Whether somebody has begun to write.
    private var hasLog: Bool { Files.exists(path + "-wal") }

    /// The error of the call that has just failed on this thread.
    private func error(_ sql: String) -> StoreError {
        let last = errno
        let code = sqlite3_errcode(handle)
        var message = String(cString: sqlite3_errmsg(handle))
        var isFull = code == SQLITE_FULL
        if code == SQLITE_IOERR {
            // SQLite has one word for all that a disk can answer; the system's says what to do. SQLite
            // keeps it of some calls only.
            let kept = sqlite3_system_errno(handle)
            let cause = SystemError(errno: kept == 0 ? last : kept, doing: "use \(path)")
            message += ": \(cause.message)"
            isFull = cause.code == .full
        }
        let kind: StoreError.Code =
            switch code {
            case _ where isFull: .full
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_CORRUPT, SQLITE_NOTADB: isStill && hasLog ? .busy : .damaged
            default: .unusable
            }
        let advice =
            switch kind {
            case .damaged: "; put a copy in its place, or begin anew: \(Self.remedy(for: path))"
            case .full: "; make room and go on"
            case .busy where isStill: "; another flow has begun to write to it, so try again"
            default: ""
            }
        return StoreError(
            code: kind, doing: "use \(path)", message: "\(message) (SQLite \(code))" + advice)
    }
}
