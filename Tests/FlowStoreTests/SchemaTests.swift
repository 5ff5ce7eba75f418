import FlowEngine
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// Files of earlier flows.
@Suite struct SchemaTests {
    /// What flow made with schema 1, and a run in it that stands only in the write-ahead log.
    private static func makeOld(_ state: StateFolder) throws -> Database {
        let database = try Database(path: state.runsDatabase)
        try database.execute(
            """
            PRAGMA wal_autocheckpoint=0;
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS runs (
              number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL,
              status TEXT NOT NULL, created INTEGER NOT NULL, finished INTEGER);
            CREATE TABLE IF NOT EXISTS events (
              run INTEGER NOT NULL REFERENCES runs, seq INTEGER NOT NULL, time INTEGER NOT NULL,
              type TEXT NOT NULL, node TEXT, leg INTEGER, attempt INTEGER, data TEXT NOT NULL,
              PRIMARY KEY (run, seq)) WITHOUT ROWID;
            PRAGMA user_version=1;
            INSERT INTO runs (id, workflow, status, created) VALUES ('r1', 'w', 'running', 5);
            INSERT INTO events VALUES (1, 1, 5, 'run.created', NULL, NULL, NULL, '{}');
            COMMIT;
            """)
        return database
    }

    private static func tables(_ path: String) throws -> (schema: Int?, names: [String], runs: Int)
    {
        let database = try Database(path: path)
        let names = try database.run(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return (
            try database.run("PRAGMA user_version").first?.first?.int,
            names.compactMap { $0[0].text }.filter { !$0.hasPrefix("sqlite") },
            try database.run("SELECT id FROM runs").count
        )
    }

    @Test(
        "a file of this or an older schema is read where nothing can be written, and stays as it is",
        arguments: [false, true])
    func reading(isOld: Bool) throws {
        let sandbox = try Sandbox()
        if isOld {
            _ = try Self.makeOld(sandbox.state)
        } else {
            try begin("r1", in: try sandbox.store())
        }
        // What a full disk leaves where SQLite could not make its index.
        try Files.write([], to: sandbox.state.runsDatabase + "-wal")
        try Files.write([UInt8](repeating: 0, count: 4096), to: sandbox.state.runsDatabase + "-shm")
        let before = try Files.read(sandbox.state.runsDatabase)
        let obstacle = StoreError(code: .full, doing: "write", message: "there is no room")
        let store = try RunStore(StateFolder(sandbox.state, obstacle: obstacle))
        #expect(try store.events(of: "r1").map(\.type) == ["run.created"])
        #expect(try store.problems() == [])
        #expect(throws: StoreError.self) { try store.ask(run: "r1", .cancel(by: "me")) }
        #expect(try Files.read(sandbox.state.runsDatabase) == before)
    }

    @Test("a file of a newer schema, and one without tables, are not read")
    func notReadable() throws {
        let sandbox = try Sandbox()
        try Files.write([], to: sandbox.state.runsDatabase)
        let obstacle = StoreError(code: .full, doing: "write", message: "there is no room")
        let reading = StateFolder(sandbox.state, obstacle: obstacle)
        #expect(throws: StoreError.self) { try RunStore(reading) }
        do {
            let database = try Database(path: sandbox.state.runsDatabase)
            try database.execute("PRAGMA user_version=99")
        }
        let error = #expect(throws: StoreError.self) { try RunStore(reading) }
        #expect(error?.code == .newer)
    }

    @Test("an older file is migrated, with a copy of it beside it that has its log's content")
    func migrate() throws {
        let sandbox = try Sandbox()
        let old = try Self.makeOld(sandbox.state)
        let store = try sandbox.store()
        #expect(try store.find("r1").status == "running")
        #expect(try store.events(of: "r1").map(\.type) == ["run.created"])
        let now = try Self.tables(sandbox.state.runsDatabase)
        #expect(now.schema == RunStore.schema)
        #expect(now.names == ["durations", "events", "requests", "runs", "usage"])
        let backup = sandbox.state.runsDatabase + ".schema-1.backup"
        let kept = try Self.tables(backup)
        #expect(kept.schema == 1 && kept.names == ["events", "runs"] && kept.runs == 1)
        // The older flow that still has it open goes on.
        try old.execute("INSERT INTO events VALUES (1, 2, 6, 'x.y', NULL, NULL, NULL, '{}')")
        #expect(try sandbox.store().events(of: "r1").count == 2)
        let files = try Files.list(sandbox.state.path)
        #expect(files.allSatisfy { !$0.hasSuffix(".part") })
    }

    @Test("a new file is made without a copy")
    func fresh() throws {
        let sandbox = try Sandbox()
        _ = try sandbox.store()
        #expect(try Self.tables(sandbox.state.runsDatabase).schema == RunStore.schema)
        let files = try Files.list(sandbox.state.path)
        #expect(!files.contains { $0.contains("backup") })
    }

    @Test(
        "killed at any moment, a migration leaves the old file or the new one, and is done later",
        arguments: Schema.Moment.allCases.indices)
    func killed(_ moment: Int) async throws {
        let sandbox = try Sandbox()
        let old = try Self.makeOld(sandbox.state)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = sandbox.state.runsDatabase as String, moment = moment as Int] in
            let wanted = Schema.Moment.allCases[moment]
            try Schema.prepare(Database(path: path)) { if $0 == wanted { kill(getpid(), SIGKILL) } }
        }
        let isDone = Schema.Moment.allCases[moment] == .done
        let left = try Self.tables(sandbox.state.runsDatabase)
        #expect(left.schema == (isDone ? 2 : 1))
        #expect(left.names.count == (isDone ? 5 : 2))
        #expect(try sandbox.store().events(of: "r1").count == 1)
        #expect(try sandbox.store().integrityProblem() == nil)
        let kept = try Self.tables(sandbox.state.runsDatabase + ".schema-1.backup")
        #expect(kept.schema == 1 && kept.runs == 1)
        withExtendedLifetime(old) {}
    }

    @Test("a file that cannot be copied is not migrated")
    func noCopy() throws {
        let sandbox = try Sandbox()
        let old = try Self.makeOld(sandbox.state)
        let part = sandbox.state.runsDatabase + ".schema-1.backup"
        try Files.makeFolder(Path.join(part, "in the way"))
        #expect(throws: StoreError.self) { try sandbox.store() }
        #expect(try old.run("PRAGMA user_version").first?.first?.int == 1)
        #expect(try old.run("SELECT name FROM sqlite_schema WHERE name = 'requests'").isEmpty)
    }

    @Test("several flows that migrate at once do it once")
    func atOnce() async throws {
        let sandbox = try Sandbox()
        let old = try Self.makeOld(sandbox.state)
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { [path = sandbox.state.path] in
                    await #expect(processExitsWith: .success) { [path = path as String] in
                        let store = try RunStore(StateFolder(path))
                        #expect(try store.events(of: "r1").count == 1)
                    }
                }
            }
        }
        let kept = try Self.tables(sandbox.state.runsDatabase + ".schema-1.backup")
        #expect(kept.schema == 1 && kept.names.count == 2)
        withExtendedLifetime(old) {}
    }
}
