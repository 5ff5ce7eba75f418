import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Errors in a table of a real server, through the program `flow-stage` as the engine starts it.
@Suite(.serialized) struct MineTableTests {
    /// A database of one test's own, and the miner's side of the node contract.
    private struct Place {
        let folder: TemporaryFolder
        let server: PostgresServer
        let database: String
        var environment: [String: String] = [:]

        init(_ database: String, rows: String = "") throws {
            folder = try TemporaryFolder()
            server = try PostgresServer.shared.get()
            self.database = database
            try server.sql("CREATE DATABASE \(database)")
            try sql(
                "CREATE TABLE agent_errors (id bigserial PRIMARY KEY, ts timestamptz, error text, "
                    + "component text, tags jsonb);\n\(rows)")
        }

        @discardableResult
        func sql(_ text: String) throws -> [String] { try server.sql("\\c \(database)\n\(text)") }

        /// Three rows a call, an hour apart from the one before.
        func add(_ what: String, at time: String) throws {
            try sql(
                "INSERT INTO agent_errors (ts, error, component, tags) "
                    + "SELECT timestamptz '\(time)' + n * interval '1 hour', "
                    + "'KeyError: ''\(what)' || n || '''', 'shop.cart', "
                    + "'{\"release\": \"1.\(what.count)\"}' FROM generate_series(1, 3) n;")
        }

        var address: String {
            server.address.replacing("/postgres", with: "/\(database)", maxReplacements: 1)
        }

        func mine(_ source: String) throws -> TestResult {
            // Thousands of errors that are all alike are what some of these tables hold.
            let input: JSON = [
                "source": .string(source), "min-hits": 1, "window": 30, "self-check": "off",
            ]
            try folder.write("input.json", input.text())
            try Files.remove(folder.at("output"))
            let contract = [
                "FLOW_WORKSPACE": folder.path, "FLOW_STATE": folder.at("state"),
                "FLOW_NOW": "2025-11-08T02:00:00Z", "FLOW_RUN_ID": "r1", "FLOW_NODE": "mine",
                "FLOW_INPUT": folder.at("input.json"), "FLOW_OUTPUT": folder.at("output"),
            ]
            return try TestProgram(
                Path.join(BuiltPrograms.folder, "flow-stage"), in: folder.path,
                environment: contract.merging(environment) { one, _ in one })("skills/mine")
        }

        /// What a mining that must succeed says of its counts.
        func counts(_ source: String? = nil) throws -> [String] {
            let mined = try mine(source ?? address + "?table=agent_errors").checked()
            let outputs = try Files.text(folder.at("output")).split(separator: "\n")
            let line = mined.lines.last?.prefix { $0 != "," } ?? ""
            return ["records=", "new=", "skipped="].compactMap { name in
                outputs.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
            } + [String(line)]
        }
    }

    @Test("rows are read once, those that come with the time of the last one too")
    func incremental() throws {
        let place = try Place("incremental")
        try place.add("order", at: "2025-11-05 01:00:00+00")
        #expect(
            try place.counts() == ["3", "3", "0", "3 errors (3 new) in 1 tables (3 rows)"])
        #expect(try place.counts().last == "3 errors (0 new) in 1 tables (0 rows)")
        try place.sql(
            "INSERT INTO agent_errors (ts, error) SELECT max(ts), 'ValueError: late' "
                + "FROM agent_errors;")
        #expect(try place.counts().last == "4 errors (1 new) in 1 tables (1 rows)")
        try place.add("order", at: "2025-11-06 01:00:00.123456+00")
        #expect(try place.counts().last == "7 errors (3 new) in 1 tables (3 rows)")
        #expect(try place.counts().last == "7 errors (0 new) in 1 tables (0 rows)")
        let text = try Files.text(place.folder.at("output"))
        #expect(text.contains("component: shop.cart") && text.contains("component: agent_errors"))
        try place.sql("DROP TABLE agent_errors;")
        let gone = try place.mine(place.address + "?table=agent_errors")
        #expect(gone.exit == 1)
        #expect(gone.errors.contains("relation \"agent_errors\" does not exist"))
    }

    @Test("a query gives columns their names, and ids may be of any type")
    func query() throws {
        let place = try Place("query")
        try place.sql(
            """
            CREATE SCHEMA "Odd";
            CREATE TABLE "Odd"."My errors" (key uuid, at timestamp, message text);
            INSERT INTO "Odd"."My errors" VALUES
              ('00000000-0000-0000-0000-000000000002', '2025-11-05 01:00', 'disk sda is full'),
              ('00000000-0000-0000-0000-000000000001', '2025-11-05 01:00', 'disk sdb is full');
            """)
        let query =
            "SELECT key AS id, at AS ts, message AS error FROM \"Odd\".\"My errors\" -- all; "
        let encoded = query.replacing(" ", with: "%20").replacing("\"", with: "%22")
        let source = place.address + "?query=" + encoded
        #expect(try place.counts(source).last == "2 errors (2 new) in 1 tables (2 rows)")
        try place.sql(
            "INSERT INTO \"Odd\".\"My errors\" VALUES ('00000000-0000-0000-0000-000000000003', "
                + "'2025-11-05 01:00', 'disk sdc is full');")
        #expect(try place.counts(source).last == "3 errors (1 new) in 1 tables (1 rows)")
        let named = place.address + "?table=Odd.My%20errors"
        let refused = try place.mine(named)
        #expect(
            refused.errors.contains("there is no column id and no column ts and no column error"))
    }

    @Test("rows without an id, a time or an error, and from the future, spoil nothing")
    func odd() throws {
        let place = try Place("odd")
        try place.sql(
            """
            ALTER TABLE agent_errors DROP CONSTRAINT agent_errors_pkey, ALTER id DROP NOT NULL;
            INSERT INTO agent_errors (ts, error) VALUES
              ('9999-12-31 23:00+00', 'a'), ('infinity', 'b'), ('-infinity', 'c'), (NULL, 'd'),
              ('0099-01-01 00:00+00 BC', 'e'), ('2025-11-05 00:00+00', NULL),
              ('2025-11-05 00:00+00', E' \\n'), ('0001-01-01 00:00+00', 'f'),
              ('2025-11-05 00:00+00', E'tab\\there \\\\N \\u2028 end');
            INSERT INTO agent_errors (id, ts, error) VALUES (NULL, '2025-11-05 00:00+00', 'g');
            """)
        #expect(
            try place.counts() == ["2", "2", "3", "2 errors (2 new) in 1 tables (5 rows)"])
        try place.add("order", at: "2025-11-05 01:00:00+00")
        #expect(try place.counts().last == "5 errors (3 new) in 1 tables (3 rows)")
    }

    @Test("the password comes from the environment and is said nowhere")
    func password() throws {
        var place = try Place("password")
        try place.add("order", at: "2025-11-05 01:00:00+00")
        let source = "postgres://flow@127.0.0.1:\(place.server.port)/password?table=agent_errors"
        let without = try place.mine(source)
        #expect(without.exit == 1 && without.errors.contains("no password supplied"), "\(without)")
        place.environment = ["PGPASSWORD": "wrong-" + PostgresServer.password]
        let wrong = try place.mine(source)
        #expect(wrong.exit == 1 && wrong.errors.contains("password authentication failed"))
        place.environment = ["PGPASSWORD": PostgresServer.password]
        #expect(try place.counts(source).first == "3")
        place.environment = [:]
        let hidden = source.replacing("flow@", with: "flow:\(PostgresServer.password)@")
        let refused = try place.mine(hidden)
        #expect(refused.exit == 1 && refused.errors.contains("PGPASSWORD"), "\(refused)")
        for result in [without, wrong, refused] {
            #expect(!result.errors.contains(PostgresServer.password))
            #expect(!result.output.contains(PostgresServer.password))
        }
        try Files.remove(place.folder.at("input.json"))
        let found = try TestProgram("grep", in: place.folder.path)(
            "-rl", PostgresServer.password, ".")
        #expect(found.exit == 1, "\(found)")
    }

    @Test("a connection that is lost in the middle is an error, and nothing is counted twice")
    func lost() throws {
        let place = try Place("lost")
        try place.add("order", at: "2025-11-05 01:00:00+00")
        #expect(try place.counts().first == "3")
        // each row of the view takes the session's own end with it when it comes to the last
        try place.sql(
            """
            CREATE VIEW doomed AS SELECT id, CASE WHEN id < 5000 OR pg_terminate_backend(
              CASE WHEN id = 5000 THEN pg_backend_pid() ELSE 0 END) THEN ts ELSE ts END AS ts,
              error, component, tags FROM agent_errors ORDER BY id;
            INSERT INTO agent_errors (ts, error) SELECT timestamptz '2025-11-06' + n * interval
              '1 second', 'order ' || n || ' failed' FROM generate_series(1, 8000) n;
            """)
        let doomed = try place.mine(place.address + "?table=doomed")
        #expect(doomed.exit == 1)
        #expect(doomed.errors.contains("terminating connection"), "\(doomed)")
        #expect(!Files.exists(place.folder.at("output")))
        #expect(try place.counts().last == "8003 errors (8000 new) in 1 tables (8000 rows)")
        try place.sql("CREATE OR REPLACE VIEW doomed AS SELECT * FROM agent_errors;")
        #expect(
            try place.counts(place.address + "?table=doomed").last
                == "8003 errors (8003 new) in 1 tables (8003 rows)")
    }
}
