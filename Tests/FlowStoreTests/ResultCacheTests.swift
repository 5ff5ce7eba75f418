import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowEngine
@testable import FlowStore

/// When an earlier result stands for a command, and what comes back with it.
@Suite struct ResultCacheTests {
    /// A bench with two inputs, and a command that makes two files from them.
    private static func bench() throws -> CacheBench {
        let bench = try CacheBench()
        try bench.write("src/a.c", "a")
        try bench.write("config", "c")
        return bench
    }

    private static func make(_ bench: CacheBench) throws -> [String: JSON] {
        try bench.write("out/program", "made of \(bench.text("src/a.c") ?? "")", mode: 0o755)
        try bench.write("out/log.txt", "log")
        return ["size": 3, "big": .string(String(repeating: "x", count: 20_000))]
    }

    @Test("what succeeded once is not run again: its outputs and files come back, also later")
    func restore() throws {
        let bench = try Self.bench()
        let first = try bench.run { try Self.make(bench) }
        #expect(first.ran && first.misses == [CacheMiss.first])
        let second = try bench.run { nil }
        #expect(!second.ran && second.from == "r1" && second.outputs == first.outputs)
        try Files.remove(bench.path("out"))
        bench.reopen()
        let third = try bench.run { nil }
        #expect(!third.ran && third.outputs == first.outputs && third.misses.isEmpty)
        #expect(bench.text("out/program") == "made of a")
        #expect(Files.mode(bench.path("out/program")) == 0o755)
        #expect(Files.mode(bench.path("out/log.txt")) == 0o644)
    }

    @Test("an edited output is put right, one that is right is not touched, others stay")
    func outputs() throws {
        let bench = try Self.bench()
        try bench.run { try Self.make(bench) }
        let before = FileStamp(bench.path("out/log.txt"))
        try bench.write("out/program", "edited", mode: 0o755)
        try bench.write("out/own.txt", "a person's")
        #expect(try !bench.run { nil }.ran)
        #expect(bench.text("out/program") == "made of a")
        #expect(bench.text("out/own.txt") == "a person's")
        #expect(FileStamp(bench.path("out/log.txt")) == before)
        try Files.setMode(bench.path("out/program"), 0o600)
        #expect(try !bench.run { nil }.ran)
        #expect(Files.mode(bench.path("out/program")) == 0o755)
    }

    @Test("a miss names the files that changed, also behind a change back and forth")
    func misses() throws {
        let bench = try Self.bench()
        try bench.run { try Self.make(bench) }
        try bench.write("src/a.c", "b")
        try bench.write("src/deep/new.c", "n")
        try Files.remove(bench.path("config"))
        let changed = try bench.run { try Self.make(bench) }
        #expect(
            changed.misses == [
                "inputs: config (removed)", "inputs: src/a.c (changed)",
                "inputs: src/deep/new.c (added)",
            ])
        try Files.remove(bench.path("src/deep"))
        try bench.write("src/a.c", "a")
        try bench.write("config", "c")
        #expect(try !bench.run { nil }.ran)
        #expect(bench.text("out/program") == "made of a")
        // The last time is the one that stood, not the one that ran.
        bench.environment["MODE"] = "slow"
        #expect(try bench.run { try Self.make(bench) }.misses == ["env.MODE"])
    }

    @Test("a change that keeps size and times apart from the status change is seen")
    func sameSize() throws {
        let bench = try Self.bench()
        for text in ["a", "b", "c", "d", "e"] {
            try bench.write("src/a.c", text)
            #expect(try bench.run { try Self.make(bench) }.ran)
            #expect(try !bench.run { nil }.ran)
        }
    }

    @Test("a file that was touched, or replaced by the same, is no change")
    func touched() throws {
        let bench = try Self.bench()
        try bench.run { try Self.make(bench) }
        try bench.write("src/a.c", "a")
        #expect(try !bench.run { nil }.ran)
    }

    @Test("once nothing has been touched for a moment the answer is there at once")
    func atOnce() throws {
        let bench = try Self.bench()
        bench.inputs = ["src/a.c"]
        try bench.run { try Self.make(bench) }
        // The records settle as the clock of the files goes on.
        var answer = try bench.run { nil }
        let start = SystemClock().monotonic()
        while !answer.atOnce, SystemClock().monotonic() - start < 20_000_000_000 {
            answer = try bench.run { nil }
        }
        #expect(answer.atOnce && answer.from == "r1")
        bench.reopen()
        #expect(try bench.run { nil }.atOnce)
        bench.environment["MODE"] = "slow"
        #expect(try bench.run { try Self.make(bench) }.ran)
    }

    @Test("a failed command is not kept, nor one whose input changed while it ran")
    func unkept() throws {
        let bench = try Self.bench()
        try bench.run { nil }
        #expect(try bench.run { try Self.make(bench) }.misses == [CacheMiss.first])
        try bench.write("src/a.c", "b")
        try bench.run {
            try bench.write("src/a.c", "c")
            return try Self.make(bench)
        }
        try bench.write("src/a.c", "b")
        #expect(
            try bench.run { try Self.make(bench) }.misses == ["inputs: src/a.c (changed)"])
    }

    @Test("a command may make what it reads: the result for what it read is kept")
    func inPlace() throws {
        let bench = try Self.bench()
        (bench.inputs, bench.outputs) = (["src/*"], ["src/*"])
        try bench.write("src/a.c", "raw")
        func format() throws -> [String: JSON] {
            try bench.write("src/a.c", "neat")
            return [:]
        }
        try bench.run(format)
        #expect(try bench.run(format).misses == ["inputs: src/a.c (changed)"])
        #expect(try !bench.run { nil }.ran)
        try bench.write("src/a.c", "raw")
        #expect(try !bench.run { nil }.ran)
        #expect(bench.text("src/a.c") == "neat")
    }

    @Test("a command without files is kept; a glob that matches nothing keeps no files")
    func noFiles() throws {
        let bench = try Self.bench()
        (bench.inputs, bench.outputs) = ([], ["none/**"])
        try bench.run { ["n": 1] }
        let again = try bench.run { nil }
        #expect(!again.ran && again.outputs == ["n": 1])
    }

    // MARK: Damage

    @Test("a damaged or missing object is a miss that says so, and is mended by the command")
    func damagedObject() throws {
        for damage in ["damaged", nil] {
            let bench = try Self.bench()
            try bench.run { try Self.make(bench) }
            for name in bench.store.referencedObjects() {
                let path = bench.folder.at("w/.flow/objects/\(name.prefix(2))/\(name.dropFirst(2))")
                if let damage { try Files.write(damage, to: path) } else { try Files.remove(path) }
            }
            // Nothing is needed while the files are right.
            #expect(try !bench.run { nil }.ran)
            try Files.remove(bench.path("out"))
            let again = try bench.run { try Self.make(bench) }
            #expect(
                again.misses == ["outputs: out/log.txt (its kept content is missing or damaged)"])
            try Files.remove(bench.path("out"))
            #expect(try !bench.run { nil }.ran)
            #expect(bench.text("out/program") == "made of a")
        }
    }

    @Test("where one object is damaged, nothing is put in any place")
    func allOrNothing() throws {
        let bench = try Self.bench()
        try bench.run { try Self.make(bench) }
        let name = SHA256.hex("made of a".utf8)
        try Files.write(
            "x", to: bench.folder.at("w/.flow/objects/\(name.prefix(2))/\(name.dropFirst(2))"))
        try Files.remove(bench.path("out"))
        try bench.run { nil }
        #expect(!Files.exists(bench.path("out")))
        #expect(try Files.list(bench.folder.at("w/.flow/cache.tmp")) == [])
    }

    @Test("a database that is damaged, empty, or lost costs the work and nothing else")
    func damagedDatabase() throws {
        for damage in ["this is no database, however long it may go on to be", "", nil] {
            let bench = try Self.bench()
            try bench.run { try Self.make(bench) }
            bench.store.flush()
            for end in ["-wal", "-shm"] { try Files.remove(bench.state.cacheDatabase + end) }
            if let damage {
                try Files.write(damage, to: bench.state.cacheDatabase)
            } else {
                try Files.remove(bench.state.cacheDatabase)
            }
            bench.reopen()
            #expect(try bench.run { try Self.make(bench) }.ran)
            #expect(try !bench.run { nil }.ran)
        }
    }

    @Test("a damaged entry is a miss, a cache of a newer flow is left alone")
    func damagedEntry() throws {
        let bench = try Self.bench()
        try bench.run { try Self.make(bench) }
        bench.store.flush()
        do {
            let database = try Database(path: bench.state.cacheDatabase)
            try database.execute("UPDATE entries SET content = substr(content, 1, 50) || x'00'")
        }
        bench.reopen()
        let again = try bench.run { try Self.make(bench) }
        #expect(again.misses == [CacheMiss.gone])
        bench.store.flush()
        do {
            let database = try Database(path: bench.state.cacheDatabase)
            try database.execute("PRAGMA user_version=99")
        }
        bench.reopen()
        #expect(try bench.run { try Self.make(bench) }.misses == [CacheMiss.first])
        #expect(try bench.run { try Self.make(bench) }.ran)
    }

    // MARK: Borders

    @Test("nothing outside of the repository is read or written, through whatever link")
    func outside() throws {
        let bench = try Self.bench()
        try bench.folder.write("outside/secret", "s")
        try Files.makeLink(bench.path("src/link"), to: "../../outside/secret")
        let run = try bench.run { try Self.make(bench) }
        #expect(run.misses == ["inputs: src/link (leads out of the repository)"])
        #expect(try bench.run { try Self.make(bench) }.ran)
        try Files.remove(bench.path("src/link"))
        for glob in ["../outside/*", "/etc/passwd", "away/*", "away/secret"] {
            try? Files.makeLink(bench.path("away"), to: bench.folder.at("outside"))
            bench.inputs = [glob]
            let run = try bench.run { try Self.make(bench) }
            #expect(run.misses.first?.contains("(leads out of the repository)") == true, "\(run)")
            bench.inputs = []
            bench.outputs = [glob]
            bench.key = .string(glob)
            try bench.run { try Self.make(bench) }
            #expect(try bench.run { try Self.make(bench) }.ran)
            bench.outputs = ["out/**"]
        }
        #expect(try Files.list(bench.folder.at("outside")) == ["secret"])
        // A folder of outputs becomes a link that leads out.
        (bench.inputs, bench.key) = ([], "last")
        try bench.run { try Self.make(bench) }
        try Files.remove(bench.path("out"))
        try Files.makeLink(bench.path("out"), to: bench.folder.at("outside"))
        let last = try bench.run { nil }
        #expect(last.misses == ["outputs: out/log.txt (leads out of the repository)"])
        #expect(try Files.list(bench.folder.at("outside")) == ["secret"])
    }

    @Test("links within the repository count by what they say and by what they lead to")
    func links() throws {
        let bench = try Self.bench()
        try bench.write("lib/one.c", "1")
        try bench.write("lib/two.c", "1")
        try Files.makeLink(bench.path("src/lib.c"), to: "../lib/one.c")
        func make() throws -> [String: JSON] {
            _ = try Self.make(bench)
            try? Files.makeLink(bench.path("out/latest"), to: "program")
            return [:]
        }
        try bench.run(make)
        #expect(try !bench.run { nil }.ran)
        try bench.write("lib/one.c", "2")
        #expect(try bench.run(make).misses == ["inputs: src/lib.c (changed)"])
        try bench.write("lib/one.c", "1")
        try Files.remove(bench.path("out"))
        #expect(try !bench.run { nil }.ran)
        #expect(Files.target(ofLink: bench.path("out/latest")) == "program")
        try Files.remove(bench.path("src/lib.c"))
        try Files.makeLink(bench.path("src/lib.c"), to: "../lib/two.c")
        #expect(try bench.run(make).misses == ["inputs: src/lib.c (changed)"])
    }

    @Test("a named folder means all in it; neither git's nor flow's files ever count")
    func folders() throws {
        let bench = try Self.bench()
        bench.inputs = ["src", ".", ".git/**", ".flow/**", "!out", "!src/ignored.*"]
        try bench.write(".git/HEAD", "1")
        try bench.run { try Self.make(bench) }
        try bench.write(".git/HEAD", "2")
        try bench.write("src/ignored.c", "2")
        #expect(try !bench.run { nil }.ran)
        try bench.write("src/deep/b.c", "2")
        #expect(
            try bench.run { try Self.make(bench) }.misses == ["inputs: src/deep/b.c (added)"])
    }

    @Test("a local action's files count, hidden ones too, with their modes")
    func action() throws {
        let bench = try Self.bench()
        bench.program = .action(folder: "actions/say", command: ["say.sh"])
        try bench.write("actions/say/action.yaml", "run: [say.sh]")
        try bench.write("actions/say/say.sh", "echo", mode: 0o755)
        try bench.write("actions/say/.lib/x", "1")
        try bench.run { try Self.make(bench) }
        #expect(try !bench.run { nil }.ran)
        try Files.setMode(bench.path("actions/say/say.sh"), 0o700)
        try bench.write("actions/say/.lib/x", "2")
        #expect(
            try bench.run { try Self.make(bench) }.misses == [
                "action: actions/say/.lib/x (changed)", "action: actions/say/say.sh (changed)",
            ])
    }

    /// A repository in which text is secret that has `hunter22` in it.
    private static func secretBench() throws -> CacheBench {
        try CacheBench { bytes in
            String(decoding: bytes, as: UTF8.self).contains("hunter22")
        }
    }

    private static func cacheHoldsSecret(_ bench: CacheBench) throws -> Bool {
        bench.reopen()
        return try Files.list(bench.state.path).filter { $0.hasPrefix("cache.db") }.contains {
            let bytes = try Files.read(Path.join(bench.state.path, $0))
            return String(decoding: bytes, as: UTF8.self).contains("hunter22")
        }
    }

    @Test(
        "what holds a secret is not kept, in a value or in a file, and is in no file of the cache",
        arguments: [("hunter22", "x"), ("x", "hunter22"), ("x", "x")])
    func secrets(_ file: String, _ value: String) throws {
        let bench = try Self.secretBench()
        bench.environment["PASSWORD"] = "hunter22"
        try bench.run {
            try bench.write("out/f", file)
            return ["v": ["deep": [.string(value)]]]
        }
        #expect(try !Self.cacheHoldsSecret(bench))
        #expect(try bench.run { [:] }.ran == (file != "x" || value != "x"))
    }

    @Test(
        "what has a file with a secret in its name is not kept, and the name stands nowhere",
        arguments: ["src/hunter22/f", "src/a-hunter22", "out/hunter22", "link"])
    func secretNames(_ name: String) throws {
        let bench = try Self.secretBench()
        try bench.write("config", "1")
        if name == "link" {
            bench.inputs += ["link"]
            try bench.write("elsewhere/hunter22", "1")
            try Files.makeLink(bench.path("link"), to: "elsewhere/hunter22")
        } else {
            try bench.write(name, "1")
        }
        let isMade = name.hasPrefix("out/")
        for _ in 1...2 {
            let outcome = try bench.run { [:] }
            #expect(outcome.ran)
            let refused = "inputs: a file (its name holds a secret)"
            #expect(outcome.misses == [isMade ? CacheMiss.first : refused])
            #expect(try !Self.cacheHoldsSecret(bench))
        }
    }

    // MARK: Pruning

    @Test("pruning forgets the entries used longest ago, and names the objects that are needed")
    func prune() throws {
        let bench = try Self.bench()
        for mode in ["a", "b", "c"] {
            bench.key = .string(mode)
            try bench.run {
                try bench.write("out/program", String(repeating: mode, count: 100))
                return [:]
            }
        }
        let objects = bench.store.referencedObjects()
        #expect(objects.count == 3)
        #expect(bench.store.prune(olderThan: .seconds(3600), maxBytes: 1000).entries == 0)
        let pruned = bench.store.prune(olderThan: nil, maxBytes: 250)
        #expect(pruned == ResultCacheStore.Pruned(entries: 1, bytes: 100))
        #expect(bench.store.referencedObjects().isSubset(of: objects))
        #expect(bench.store.referencedObjects().count == 2)
        bench.key = "c"
        #expect(try !bench.run { nil }.ran)
        #expect(bench.store.prune(olderThan: .seconds(-10), maxBytes: nil).entries == 2)
        #expect(bench.store.referencedObjects() == [])
        #expect(try bench.run { nil }.misses == [CacheMiss.first])
    }

    @Test("two flows use one cache at once")
    func shared() throws {
        let bench = try Self.bench()
        try bench.run { try Self.make(bench) }
        let other = ResultCacheStore(bench.state, workspace: bench.folder.at("w"))
        bench.store.flush()
        bench.leg = "second"
        try bench.run { try Self.make(bench) }
        bench.store.flush()
        #expect(other.referencedObjects().count == 2)
        #expect(other.prune(olderThan: .seconds(-10), maxBytes: nil).entries == 2)
        #expect(try bench.run { try Self.make(bench) }.ran)
        #expect(try !bench.run { nil }.ran)
    }
}
