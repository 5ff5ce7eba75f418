internal import CPQ

/// A session with a server that only reads: everything it sees is of one moment.
///
/// Calls block; used by one thread at a time. Closing it ends the transaction.
package struct PostgresConnection: ~Copyable {
    private let library: PostgresLibrary
    private let handle: OpaquePointer
    private let doing: String

    private init(_ library: PostgresLibrary, _ handle: OpaquePointer, doing: String) {
        self.library = library
        self.handle = handle
        self.doing = doing
    }

    /// Connects as libpq does: what the address leaves out comes from `PGHOST`, `PGUSER`,
    /// `PGPASSWORD`, `PGPASSFILE`, `PGSERVICE` and so on. A server that does not answer is given up
    /// after ten seconds, one that falls silent later after about a minute.
    /// - Throws: `library` without libpq, `connection`, `refused`.
    package static func open(_ address: PostgresAddress) throws(PostgresError) -> PostgresConnection
    {
        let library = try PostgresLibrary.shared.get()
        let doing = "read \(address.place)"
        // Later ones win, so the address may say otherwise, but for the encoding.
        let settings = [
            ("connect_timeout", "10"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"), ("fallback_application_name", "flow"),
            ("dbname", address.connection), ("client_encoding", "UTF8"),
        ]
        let names = settings.map { CText($0.0) }
        let values = settings.map { CText($0.1) }
        let opened = library.connect(names.map(\.pointer) + [nil], values.map(\.pointer) + [nil], 1)
        withExtendedLifetime((names, values)) {}
        guard let opened else {
            throw PostgresError(.connection, doing: doing, "out of memory")
        }
        let connection = PostgresConnection(library, opened, doing: doing)
        guard library.status(opened) == CONNECTION_OK else { throw connection.lost() }
        try connection.run("SET TimeZone = 'UTC'")
        try connection.run("SET DateStyle = 'ISO'")
        try connection.run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return connection
    }

    deinit { library.finish(handle) }

    /// A column of a table or a query.
    package struct Column: Sendable, Hashable {
        package let name: String
        /// The number of its type in `pg_type`, the same on every server for the types of PostgreSQL.
        package let type: UInt32
    }

    /// Runs one statement that gives no rows.
    package func run(_ sql: String) throws(PostgresError) {
        library.clear(try answer(to: sql, PGRES_COMMAND_OK))
    }

    /// The columns that a query would give.
    package func columns(of query: String) throws(PostgresError) -> [Column] {
        let result = try answer(to: query, PGRES_TUPLES_OK)
        defer { library.clear(result) }
        return (0..<library.columnCount(result)).map { place in
            Column(
                name: library.columnName(result, place).map { String(cString: $0) } ?? "",
                type: library.columnType(result, place))
        }
    }

    /// Hands over the rows of a query, each as the texts of its columns (nil: null), as they come:
    /// memory is that of one row.
    /// - Throws: also in the middle of the rows, which must then be dropped.
    package func copy(_ query: String, _ row: ([String?]) -> Void) throws(PostgresError) {
        library.clear(try answer(to: "COPY (\(query)) TO STDOUT", PGRES_COPY_OUT))
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let count = library.copyData(handle, &buffer, 0)
            if count == -1 { break }
            guard count > 0, let buffer else { throw lost() }
            row(
                buffer.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                    CopyRow.fields(UnsafeBufferPointer(start: $0, count: Int(count)))
                })
            library.free(buffer)
        }
        // Only the end of the command says that the rows were all.
        let end = library.nextResult(handle)
        defer { library.clear(end) }
        guard library.resultStatus(end) == PGRES_COMMAND_OK else { throw refusal(end) }
        while let more = library.nextResult(handle) { library.clear(more) }
    }

    /// The text as a constant of SQL.
    package func literal(_ text: String) throws(PostgresError) -> String {
        try escaped(text, library.escapeLiteral)
    }

    /// The text as a name of SQL, case and special characters kept.
    package func identifier(_ text: String) throws(PostgresError) -> String {
        try escaped(text, library.escapeIdentifier)
    }

    private func escaped(
        _ text: String,
        _ escape: (OpaquePointer?, PostgresLibrary.Text, Int) -> UnsafeMutablePointer<CChar>?
    ) throws(PostgresError) -> String {
        guard let result = text.withCString({ escape(handle, $0, text.utf8.count) }) else {
            throw lost()
        }
        defer { library.free(result) }
        return String(cString: result)
    }

    /// The result of a statement that has ended as it should; to be cleared. One statement only: the
    /// protocol that is used here refuses several.
    private func answer(to sql: String, _ wanted: ExecStatusType) throws(PostgresError)
        -> OpaquePointer?
    {
        let result = library.execute(handle, sql, 0, nil, nil, nil, nil, 0)
        guard library.resultStatus(result) == wanted else {
            defer { library.clear(result) }
            throw refusal(result)
        }
        return result
    }

    /// What the server says is wrong; without its details, which may hold data.
    private func refusal(_ result: OpaquePointer?) -> PostgresError {
        func field(_ name: Unicode.Scalar) -> String? {
            library.resultField(result, Int32(name.value)).map { String(cString: $0) }
        }
        guard let message = field("M"), library.status(handle) == CONNECTION_OK else {
            return lost()
        }
        let hint = field("H").map { "; \($0)" } ?? ""
        return PostgresError(.refused, doing: doing, "the server says: \(message)\(hint)")
    }

    private func lost() -> PostgresError {
        let text = library.errorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        return PostgresError(.connection, doing: doing, lines.joined(separator: " "))
    }
}

/// A text that C may read for as long as the value lives.
private final class CText {
    let pointer: UnsafePointer<CChar>?
    private let bytes: UnsafeMutablePointer<CChar>

    init(_ text: String) {
        let source = text.utf8CString
        bytes = .allocate(capacity: source.count)
        for (place, byte) in source.enumerated() { (bytes + place).initialize(to: byte) }
        pointer = UnsafePointer(bytes)
    }

    deinit { bytes.deallocate() }
}
