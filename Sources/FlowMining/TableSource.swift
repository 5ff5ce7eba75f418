package import FlowJSON
internal import FlowPostgres
internal import FlowSystem

/// Errors in a table of PostgreSQL, or in what a query gives: `id`, `ts` and `error`, and if they are
/// there `component`, `level`, `release`, `host` and `tags`.
///
/// Read on from the last pair of time and id, so a row with the same time and a higher id is still
/// read; one that comes in behind that pair is not.
package struct TableSource: Sendable {
    /// The last row read, as the server writes the two.
    package struct Position: Sendable, Hashable {
        package let time: String
        package let id: String

        package init(time: String, id: String) {
            self.time = time
            self.id = id
        }

        package var json: JSON { ["ts": .string(time), "id": .string(id)] }

        package init?(json: JSON) {
            guard let time = json["ts"]?.stringValue, let id = json["id"]?.stringValue else {
                return nil
            }
            self.init(time: time, id: id)
        }
    }

    private let address: PostgresAddress
    private let settings: ReadSettings
    /// The longest text that is read of a column, in characters.
    private static let longest = 1 << 20

    package static func isTable(_ pattern: String) -> Bool { PostgresAddress.isAddress(pattern) }

    /// - Throws: `badSource` for an address that names neither a table nor a query, or both, or holds
    ///   a password.
    package init(_ text: String, _ settings: ReadSettings) throws(MiningError) {
        do throws(PostgresError) {
            address = try PostgresAddress(text, taking: ["table", "query"])
        } catch {
            throw MiningError(.badSource, doing: error.doing, error.message)
        }
        self.settings = settings
        guard address.parameters.count == 1 else {
            throw MiningError(
                .badSource, doing: "read \(address.place)",
                "it needs either a table or a query: \(address.place)?table=agent_errors")
        }
    }

    /// Hands over the rows after `position`, and moves it to the last of them. Memory is that of one
    /// row.
    /// - Throws: `unreadable`, also in the middle of the rows; `position` is then as it was, so that
    ///   the records handed over must be dropped.
    package func read(_ position: inout Position?, _ take: (ErrorRecord) -> Void)
        throws(MiningError) -> ReadReport
    {
        do throws(PostgresError) {
            let connection = try PostgresConnection.open(address)
            let source = try relation(connection)
            let columns = try connection.columns(of: "SELECT * FROM \(source) LIMIT 0")
            let query = try Self.query(
                source, columns: try kinds(columns), after: position,
                until: settings.reference.adding(seconds: 86_400), connection)
            var report = ReadReport()
            var last = position
            try connection.copy(query) { row in
                report.lines += 1
                last = Position(time: row[0] ?? "", id: row[1] ?? "")
                if let record = record(row, &report) {
                    report.records += 1
                    take(record)
                }
            }
            position = last
            return report
        } catch {
            throw MiningError(.unreadable, doing: error.doing, error.message)
        }
    }

    // MARK: The query

    /// The table or the query as it stands after FROM.
    private func relation(_ connection: borrowing PostgresConnection) throws(PostgresError)
        -> String
    {
        if let table = address.parameters["table"] {
            var names: [String] = []
            for name in table.split(separator: ".", maxSplits: 1) {
                names.append(try connection.identifier(String(name)))
            }
            return names.joined(separator: ".") + " AS q"
        }
        var query = address.parameters["query"] ?? ""
        while let last = query.unicodeScalars.last, last == ";" || last.properties.isWhitespace {
            query.unicodeScalars.removeLast()
        }
        // a comment at its end ends with the line
        return "(\(query)\n) AS q"
    }

    private static let required = ["id", "ts", "error"]
    private static let optional = ["component", "level", "release", "host", "tags"]
    /// `timestamp` and `timestamptz` (PostgreSQL, `pg_type.dat`).
    private static let times: Set<UInt32> = [1114, 1184]

    /// The names of the columns that are there.
    private func kinds(_ columns: [PostgresConnection.Column]) throws(PostgresError) -> Set<String>
    {
        let names = Set(columns.map(\.name))
        let missing = Self.required.filter { !names.contains($0) }
        guard missing.isEmpty else {
            throw PostgresError(
                .refused, doing: "read \(address.place)",
                "there is no column \(missing.joined(separator: " and no column ")); name them so in "
                    + "a query: ?query=SELECT … AS id, … AS ts, … AS error FROM …, encoded as in a URL"
            )
        }
        guard columns.contains(where: { $0.name == "ts" && Self.times.contains($0.type) }) else {
            throw PostgresError(
                .refused, doing: "read \(address.place)",
                "its column ts is no timestamp; convert it in a query: to_timestamp(…) AS ts")
        }
        return names
    }

    /// Rows in the order of time and id. Those without either, and those from the future, whose clock
    /// is wrong, would spoil the position for all others; a day is allowed for clocks that differ.
    private static func query(
        _ source: String, columns: Set<String>, after position: Position?, until end: Timestamp,
        _ connection: borrowing PostgresConnection
    ) throws(PostgresError) -> String {
        var parts = ["q.ts::text", "q.id::text", "left(q.error::text, \(longest))"]
        parts += optional.map { columns.contains($0) ? "left(q.\($0)::text, \(longest))" : "NULL" }
        var query =
            "SELECT \(parts.joined(separator: ", ")) FROM \(source) "
            + "WHERE q.id IS NOT NULL AND isfinite(q.ts) "
            + "AND q.ts <= \(try connection.literal(end.description))"
        if let position {
            query +=
                " AND (q.ts, q.id) > (\(try connection.literal(position.time)), "
                + "\(try connection.literal(position.id)))"
        }
        return query + " ORDER BY q.ts, q.id"
    }

    // MARK: The rows

    /// The record of a row: ts, id, error, and the optional columns in their order.
    private func record(_ row: [String?], _ report: inout ReadReport) -> ErrorRecord? {
        guard let time = row[0].flatMap({ settings.zone.time($0) }) else {
            report.skip(report.lines, "the time is none that can be counted")
            return nil
        }
        guard let error = row[2], !error.utf8.allSatisfy(MessagePieces.isBlank) else {
            report.skip(report.lines, "there is no error in the row")
            return nil
        }
        let tags = row[7].flatMap { $0.hasPrefix("{") ? try? JSON.read($0) : nil }
        func text(_ place: Int, _ name: String) -> String? {
            row[place] ?? tags?[name]?.stringValue
        }
        var record = ErrorRecord(
            text: error, time: time, component: text(3, "component") ?? component,
            level: text(4, "level").flatMap(Level.init(word:)),
            source: ErrorRecord.Source(file: address.place, offset: 0, line: report.lines))
        record.release = text(5, "release")
        record.host = text(6, "host")
        return record
    }

    /// The component of rows that name none: the table's name.
    private var component: String {
        address.parameters["table"]?.split(separator: ".").last.map(String.init) ?? ""
    }
}
