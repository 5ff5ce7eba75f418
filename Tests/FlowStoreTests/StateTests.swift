import FlowEngine
import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// Who owns a run.
@Suite struct RunLockTests {
    @Test("a run has one owner, seen from another process, and none when the owner is killed")
    func owner() async throws {
        let sandbox = try Sandbox()
        #expect(!RunLock.isHeld(sandbox.state, run: "r1"))
        var lock = try RunLock(sandbox.state, run: "r1")
        #expect(lock != nil)
        await #expect(processExitsWith: .success) { [path = sandbox.state.path as String] in
            let state = try StateFolder(path)
            let second = try RunLock(state, run: "r1")
            #expect(RunLock.isHeld(state, run: "r1") && second == nil)
            #expect(!RunLock.isHeld(state, run: "r2"))
        }
        lock = nil
        // A process that another test is just starting has a copy of all descriptors until exec.
        #expect(isFree(sandbox.state))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = sandbox.state.path as String] in
            let lock = try RunLock(StateFolder(path), run: "r1")
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        #expect(isFree(sandbox.state))
        #expect(try RunLock(sandbox.state, run: "r1") != nil)
    }

    private func isFree(_ state: StateFolder) -> Bool {
        for _ in 0..<1000 {
            if !RunLock.isHeld(state, run: "r1") { return true }
            Thread.pause(milliseconds: 10)
        }
        return false
    }
}

/// The state folder and what is in it.
@Suite struct StateFolderTests {
    @Test("the folder ignores itself in git, and what a person wrote there stays")
    func ignore() throws {
        let folder = try TemporaryFolder()
        let state = try StateFolder(folder.at("deep/.flow"))
        #expect(try Files.text(folder.at("deep/.flow/.gitignore")) == "*\n")
        try folder.write("deep/.flow/.gitignore", "mine\n")
        _ = try StateFolder(state.path)
        #expect(try Files.text(folder.at("deep/.flow/.gitignore")) == "mine\n")
        try folder.write("file", "")
        let error = #expect(throws: StoreError.self) { try StateFolder(folder.at("file/.flow")) }
        #expect(error?.description.contains("make the folder") == true)
    }

    @Test(
        "a value comes back by its content; a damaged one is told, and mended by keeping it again")
    func content() throws {
        let sandbox = try Sandbox()
        let content = ContentFolder(sandbox.state)
        let bytes = Array("a value".utf8)
        let hash = try content.put(bytes)
        #expect(hash == SHA256.hex(bytes))
        #expect(try content.get(hash) == bytes)
        #expect(try content.put(bytes) == hash)
        let path = sandbox.state.objects + "/\(hash.prefix(2))/\(hash.dropFirst(2))"
        try Files.write("a walue", to: path)
        let error = #expect(throws: EngineError.self) { try content.get(hash) }
        #expect(error?.code == .damaged)
        _ = try content.put(bytes)
        #expect(try content.get(hash) == bytes)
        let missing = #expect(throws: EngineError.self) {
            try content.get(String(repeating: "0", count: 64))
        }
        #expect(missing?.code == .content)
        #expect(try content.get(content.put([])) == [])
    }

    @Test("a run finds its own mining whole, and without one the newest")
    func memory() throws {
        let sandbox = try Sandbox()
        do {
            let memory = try MemoryStore(sandbox.state)
            #expect(try memory.mining(of: "r1").signatures == [])
            try memory.keep(
                run: "r1", signatures: [("b", ["n": 2]), ("a", ["n": 1])],
                components: [["c": 2], ["c": 1]])
            try memory.keep(run: "r2", signatures: [("c", ["n": 3])], components: [5])
        }
        let memory = try MemoryStore(sandbox.state)
        #expect(try memory.mining(of: "r1").signatures == [["n": 1], ["n": 2]])
        #expect(try memory.mining(of: "r1").components == [["c": 2], ["c": 1]])
        #expect(try memory.mining(of: "r3").signatures == [["n": 3]])
        #expect(throws: StoreError.self) {
            try memory.keep(run: "r1", signatures: [("c", 1), ("c", 2)], components: [])
        }
        #expect(try memory.mining(of: "r1").signatures == [["n": 1], ["n": 2]], "taken back whole")
        try memory.keep(run: "r1", signatures: [], components: [])
        #expect(try memory.mining(of: "r1").signatures == [])
        for number in 4..<30 { try memory.keep(run: "r\(number)", signatures: [], components: [9]) }
        #expect(try memory.mining(of: "r2").components == [9], "old ones make room")
    }

    @Test("what is counted of a source goes on from where it was left, or is not kept")
    func sources() throws {
        let sandbox = try Sandbox()
        let memory = try MemoryStore(sandbox.state)
        #expect(try memory.source("a") == (0, ""))
        #expect(try memory.keep(source: "a", after: 0, ["n": 1]))
        #expect(try memory.keep(source: "b", after: 0, ["n": 9]))
        let other = try MemoryStore(sandbox.state)
        #expect(try other.keep(source: "a", after: 1, ["n": 2]))
        #expect(try !memory.keep(source: "a", after: 1, ["n": 3]), "another one was first")
        #expect(try memory.source("a") == (2, "{\"n\":2}"))
        #expect(try memory.source("b").generation == 1)
    }

    @Test("values of every kind come back from the database")
    func values() throws {
        let sandbox = try Sandbox()
        let database = try Database(path: sandbox.state.memoryDatabase)
        try database.execute("CREATE TABLE t (a, b)")
        let values: [Database.Value] = [
            .null, .integer(.max), .integer(.min), .text(""), .text("a\u{0}b é"), .blob([]),
            .blob([0, 255]),
        ]
        for (place, value) in values.enumerated() {
            try database.run("INSERT INTO t VALUES (?, ?)", [.integer(Int64(place)), value])
        }
        #expect(try database.run("SELECT b FROM t ORDER BY a") == values.map { [$0] })
    }
}

/// Where a command works.
@Suite struct WorkspaceTests {
    private func workspace(_ path: String, _ override: String? = nil) throws -> Workspace {
        try Workspace(around: path, stateOverride: override)
    }

    @Test("outside a repository the folder itself is the place")
    func plain() throws {
        let folder = try TemporaryFolder()
        try Files.makeFolder(folder.at("a"))
        let place = try workspace(folder.at("a"))
        #expect(place.root == folder.at("a"))
        #expect(place.state == folder.at("a/.flow"))
        #expect(place.gitFolder == nil && place.branch == nil)
        #expect(throws: SystemError.self) { try workspace(folder.at("missing")) }
    }

    @Test("inside a repository its root is the place, links resolved")
    func repository() throws {
        let folder = try TemporaryFolder()
        try folder.write("repo/.git/HEAD", "ref: refs/heads/topic/x\n")
        try Files.makeFolder(folder.at("repo/a/b"))
        symlink("repo/a", folder.at("link"))
        for path in ["repo", "repo/a/b", "link/b"] {
            let place = try workspace(folder.at(path))
            #expect(place.root == folder.at("repo"))
            #expect(place.state == folder.at("repo/.flow"))
            #expect(place.gitFolder == folder.at("repo/.git"))
            #expect(place.branch == "topic/x")
        }
        try folder.write("repo/.git/HEAD", String(repeating: "a", count: 40) + "\n")
        #expect(try workspace(folder.at("repo")).branch == nil, "detached")
    }

    @Test("a folder that only looks like a repository is none")
    func notOne() throws {
        let folder = try TemporaryFolder()
        try Files.makeFolder(folder.at("a/.git"))
        #expect(try workspace(folder.at("a")).gitFolder == nil)
        try folder.write("b/.git", "nothing of the kind\n")
        #expect(try workspace(folder.at("b")).gitFolder == nil)
    }

    @Test("worktrees share the main repository's state", arguments: [true, false])
    func worktree(_ isRelative: Bool) throws {
        let folder = try TemporaryFolder()
        try folder.write("main/.git/HEAD", "ref: refs/heads/main\n")
        try folder.write("main/.git/worktrees/w/HEAD", "ref: refs/heads/side\n")
        try folder.write("main/.git/worktrees/w/commondir", "../..\n")
        let link = isRelative ? "../main/.git/worktrees/w" : folder.at("main/.git/worktrees/w")
        try folder.write("side/.git", "gitdir: \(link)\n")
        let place = try workspace(folder.at("side"))
        #expect(place.root == folder.at("side"))
        #expect(place.branch == "side")
        #expect(place.gitFolder == folder.at("main/.git"))
        #expect(place.state == folder.at("main/.flow"))
    }

    @Test("a submodule is a repository of its own")
    func submodule() throws {
        let folder = try TemporaryFolder()
        try folder.write("main/.git/HEAD", "ref: refs/heads/main\n")
        try folder.write("main/.git/modules/sub/HEAD", "ref: refs/heads/sub\n")
        try folder.write("main/sub/.git", "gitdir: ../.git/modules/sub\n")
        let place = try workspace(folder.at("main/sub"))
        #expect(place.root == folder.at("main/sub"))
        #expect(place.state == folder.at("main/sub/.flow"))
        #expect(place.branch == "sub")
    }

    @Test("FLOW_STATE moves the state, a relative one from the working folder")
    func override() throws {
        let folder = try TemporaryFolder()
        #expect(try workspace(folder.path, "/elsewhere/x").state == "/elsewhere/x")
        #expect(try workspace(folder.path, "").state == folder.at(".flow"))
        #expect(try workspace(folder.path, "x/../y").state == Path.join(Files.workingFolder, "y"))
    }
}
