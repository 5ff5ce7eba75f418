import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Synchronization
import Testing

/// Eight flows that share a pool of three, four of them a group too, killed at random and resumed.
///
/// Each node proves its place by a lock that nobody else can have. `FLOW_SOAK` lets nodes hold two
/// thousand places and more.
@Suite(.serialized) struct CapsTests {
    private static let owners = 8
    /// Runs of each owner.
    private static let runs = Environment["FLOW_SOAK"] == nil ? 4 : 150
    /// Seconds after which a run that has neither ended nor gone on is held to wait for ever.
    private static let patience = 300

    private static func workflow(_ owner: Int) -> String {
        let group = owner % 2 == 0 ? "concurrency: {group: g, on-conflict: queue}\n" : ""
        let proof = owner % 2 == 0 ? "./prove group 1" : "true"
        return """
            flow: 1
            name: w\(owner)
            \(group)pools: {p: 3}
            nodes:
              a: {pool: p, run: ./prove p 3}
              b: {pool: p, run: ./prove p 3}
              c: {needs: a, pool: p, run: ./prove p 3}
              d: {needs: [a, b, c], run: \(proof)}

            """
    }

    /// Takes one of so many locks of a name.
    private static let prove = """
        #!/bin/sh
        name=$1 places=$2 place=0
        while [ $place -lt $places ]; do
          place=$((place + 1))
          exec 9> "$name-$place"
          if flock -n 9; then sleep 0.01; echo "$name" >> held; exit 0; fi
        done
        echo "more than $places have a place of $name" >> violations

        """

    /// Writes every grant down in the order of the commits.
    private static let watch = """
        import sqlite3
        sqlite3.connect(".flow/places.db").executescript('''
        CREATE TABLE grants (place INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT, number INTEGER);
        CREATE TRIGGER granted AFTER UPDATE OF held ON tickets WHEN NEW.held = 1 BEGIN
          INSERT INTO grants (pool, number) VALUES (NEW.pool, NEW.number);
        END;''')
        """
    private static let granted = """
        import json, sqlite3
        db = sqlite3.connect(".flow/places.db")
        for row in db.execute("SELECT pool, number FROM grants ORDER BY place"):
            print(json.dumps(row))
        """

    /// What the owners of a trial have in common.
    private final class Trial: Sendable {
        let folder: TemporaryFolder
        private let counts = Mutex(Counts())

        struct Counts {
            var kills = 0
            var resumed = 0
            var problems: [String] = []
        }

        init() throws {
            folder = try TemporaryFolder()
            try folder.write("prove", CapsTests.prove)
            chmod(folder.at("prove"), 0o755)
            for owner in 0..<CapsTests.owners {
                try folder.write("w\(owner).yaml", CapsTests.workflow(owner))
            }
        }

        var found: Counts { counts.withLock { $0 } }

        func note(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }

        func own(_ owner: Int, _ generator: inout SeededGenerator) throws {
            let flow = Demo.flow(in: folder.path)
            for _ in 0..<CapsTests.runs {
                let isKilled = Bool.random(using: &generator)
                let moment = isKilled ? Int.random(in: 0...400, using: &generator) : nil
                let run = try go(flow, ["run", "w\(owner).yaml"], moment)
                let words = run.lines.first?.split(separator: " ") ?? []
                // Every second run that was killed stays dead: its places must be free all the same.
                guard run.exit == nil, words.count > 1, Bool.random(using: &generator) else {
                    continue
                }
                note { $0.resumed += 1 }
                _ = try go(flow, ["resume", String(words[1])], nil)
            }
        }

        private func go(_ flow: TestProgram, _ words: [String], _ moment: Int?) throws -> TestResult
        {
            let result = try flow.run(words, after: moment ?? CapsTests.patience * 1000)
            if moment != nil, result.exit == nil {
                note { $0.kills += 1 }
            } else if result.exit != 0, !result.errors.contains("has succeeded") {
                note { $0.problems.append("\(result)") }
            }
            return result
        }
    }

    @Test(
        "flows that share a pool and a group never have one place twice, all end, the first come first",
        .enabled(if: Python.isThere, "python3 watches the places"))
    func trial() throws {
        let seed = UInt64.random(in: 0...(.max))
        print("caps: seed \(seed)")
        let trial = try Trial()
        try Demo.flow(in: trial.folder.path)("run", "w0.yaml").checked()
        let python = TestProgram("python3", in: trial.folder.path)
        try python("-c", Self.watch).checked()
        let threads = try (0..<Self.owners).map { owner in
            try Thread {
                var generator = SeededGenerator(seed: seed &+ UInt64(owner))
                do {
                    try trial.own(owner, &generator)
                } catch {
                    trial.note { $0.problems.append("\(error)") }
                }
            }
        }
        threads.forEach { $0.join() }
        let found = trial.found
        #expect(found.problems == [], "seed \(seed)")
        #expect(!Files.exists(trial.folder.at("violations")), "seed \(seed)")
        let held = try Files.text(trial.folder.at("held")).split(separator: "\n")
        let grants = try python("-c", Self.granted).checked().jsonLines
        for pool in ["p", "group:g"] {
            let numbers = grants.filter { $0.arrayValue?.first == .string(pool) }
                .compactMap { $0.arrayValue?.last?.intValue }
            #expect(numbers == numbers.sorted(), "seed \(seed)")
            #expect(Set(numbers).count == numbers.count)
            print("caps: \(numbers.count) grants of \(pool)")
        }
        print(
            "caps: \(held.count) places held to the end, \(found.kills) kills, "
                + "\(found.resumed) resumed")
        #expect(found.kills > 0)
        if Environment["FLOW_SOAK"] != nil { #expect(held.count >= 2_000) }
        // All are dead or have ended, so whoever comes next gets everything.
        let last = try Demo.flow(in: trial.folder.path)("run", "w0.yaml").checked()
        #expect(!last.errors.contains("waits for"), "\(last)")
    }

    @Test(
        "a run that waits for an approval has neither a place nor its group, and queues again after"
    )
    func waiting() throws {
        let folder = try TemporaryFolder()
        let head = "flow: 1\nconcurrency: {group: g, on-conflict: fail}\npools: {p: 1}\nnodes:\n"
        try folder.write(
            "gated.yaml",
            head + """
                  a: {pool: p, run: "true"}
                  gate: {needs: a, approve: {}}
                  b: {needs: gate, pool: p, run: "true"}

                """)
        try folder.write("other.yaml", head + "  a: {pool: p, run: \"true\"}\n")
        let flow = Demo.flow(in: folder.path, environment: ["USER": "ada"])
        let gated = try flow("run", "gated.yaml")
        #expect(gated.exit == 3, "\(gated)")
        try flow("run", "other.yaml").checked()
        let id = gated.lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        // While another run has the group, a word can be written down; the run queues when it goes on.
        try folder.write(
            "nested.yaml",
            head + """
                  a:
                    pool: p
                    run: ["sh", "-c", "'\(BuiltPrograms.flow)' approve \(id) gate --no-resume"]

                """)
        let nested = try flow("run", "nested.yaml")
        #expect(nested.exit == 0, "\(nested)")
        try flow("resume", id).checked()
    }
}
