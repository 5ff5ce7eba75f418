import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowPostgres

/// Sessions with a real server.
@Suite(.serialized) struct PostgresConnectionTests {
    private static func connect(_ parameters: String = "") throws -> PostgresConnection {
        let server = try PostgresServer.shared.get()
        return try PostgresConnection.open(PostgresAddress(server.address + parameters, taking: []))
    }

    private static func rows(_ query: String) throws -> [[String?]] {
        let connection = try connect()
        var rows: [[String?]] = []
        try connection.copy(query) { rows.append($0) }
        return rows
    }

    @Test("rows come as they are, in the order of the query")
    func rows() throws {
        let text = "a\tb\\c\nd\\N \u{1}é\u{2028}"
        let literal = try Self.connect().literal(text)
        #expect(
            try Self.rows("SELECT \(literal), NULL, '', n FROM generate_series(1, 3) n")
                == (1...3).map { [text, nil, "", "\($0)"] })
        #expect(try Self.rows("SELECT 1 WHERE false") == [])
        #expect(try Self.rows("SELECT repeat('x', 3000000)").first?.first??.utf8.count == 3_000_000)
    }

    @Test(
        "names and texts cannot become SQL",
        arguments: ["a\"; DROP TABLE x; --", "a'; SELECT 1; --", "\\'", "E'\\x27", "Groß \"x\""])
    func quoting(_ text: String) throws {
        let connection = try Self.connect()
        let query = "SELECT \(try connection.literal(text)) AS \(try connection.identifier(text))"
        #expect(try connection.columns(of: query).map(\.name) == [text])
        #expect(try Self.rows(query) == [[text]])
    }

    @Test("nothing can be changed, and only one statement is run")
    func readOnly() throws {
        let connection = try Self.connect()
        for sql in ["CREATE TABLE flow_no (n int)", "SELECT 1; SELECT 2"] {
            #expect(throws: PostgresError.self) { try connection.run(sql) }
        }
        #expect(
            try PostgresServer.shared.get().sql(
                "SELECT count(*) FROM pg_tables WHERE tablename = 'flow_no'") == ["0"])
    }

    @Test("the server's refusal is said")
    func refusal() throws {
        let error = #expect(throws: PostgresError.self) {
            try Self.connect().columns(of: "SELECT nonsense")
        }
        #expect(error?.code == .refused)
        #expect(error?.message == "the server says: column \"nonsense\" does not exist")
        let late = #expect(throws: PostgresError.self) {
            try Self.rows("SELECT 1 / (n - 50000) FROM generate_series(1, 100000) n")
        }
        #expect(late?.message == "the server says: division by zero", "also after many rows")
    }

    @Test("a server that is not there is an error that says so")
    func absent() throws {
        let address = try PostgresAddress("postgres://%2Fnowhere:1/x", taking: [])
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresConnection.open(address)
        }
        #expect(error?.code == .connection)
        #expect(error?.description.hasPrefix("cannot read postgres://%2Fnowhere:1/x: ") == true)
    }

    @Test("a session that ends in the middle of the rows is an error")
    func lost() throws {
        let connection = try Self.connect("?application_name=doomed")
        var count = 0
        let error = #expect(throws: PostgresError.self) {
            try connection.copy("SELECT repeat('x', 1000) FROM generate_series(1, 200000) n") { _ in
                count += 1
                if count == 1000 {
                    _ = try? PostgresServer.shared.get().sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            + "WHERE application_name = 'doomed'")
                }
            }
        }
        #expect(count >= 1000 && count < 200_000)
        #expect(error != nil)
        #expect(throws: PostgresError.self) { try connection.run("SELECT 1") }
    }
}
