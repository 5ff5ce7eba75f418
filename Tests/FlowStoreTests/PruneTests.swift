import FlowEngine
import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// What goes and what stays when old runs are removed.
@Suite struct PruneTests {
    private static let day = 86_400.0
    /// A time at which everything that the tests write now is old.
    private static let later = SystemClock().now().adding(seconds: 100 * day)

    /// A run with a log file and values kept by content, which ended some days before `later`.
    private static func make(
        _ id: String, _ sandbox: Sandbox, status: String = "success", days: Double,
        values: [String] = [], logBytes: Int = 100
    ) throws {
        let store = try sandbox.store()
        let content = ContentFolder(sandbox.state)
        let log = try begin(id, in: store)
        for value in values {
            let hash = try content.put(Array(value.utf8))
            _ = try log.append([
                EventDraft(EventType.nodeOutput, node: "n", data: ["ref": .string(hash)])
            ])
        }
        if status == "waiting" {
            _ = try log.append([EventDraft("run.waiting")])
        } else if status != "running" {
            _ = try log.append([
                EventDraft(EventType.runFinished, data: ["status": .string(status)])
            ])
        }
        try log.commit()
        if status != "running", status != "waiting" {
            try store.database.run(
                "UPDATE runs SET finished = ? WHERE id = ?",
                [.integer(later.adding(seconds: -days * day).microseconds), .text(id)])
        }
        try Files.write(
            [UInt8](repeating: 1, count: logBytes),
            to: Path.join(sandbox.state.folder(ofRun: id), "logs/n.log"))
        do { _ = try RunLock(sandbox.state, run: id) }
    }

    private static func ids(_ sandbox: Sandbox) throws -> [String] {
        try sandbox.store().runs().map(\.id).sorted()
    }

    @Test("runs that ended too long ago go, with their events, folders and values")
    func age() throws {
        let sandbox = try Sandbox()
        let content = ContentFolder(sandbox.state)
        try Self.make("r1", sandbox, days: 40, values: ["only r1", "shared"])
        try Self.make("r2", sandbox, status: "failure", days: 31)
        try Self.make("r3", sandbox, days: 20, values: ["shared"])
        let store = try sandbox.store()
        try store.ask(run: "r1", .cancel(by: "me"))
        let dry = try store.prune(PruneRules(), isDry: true, now: Self.later)
        #expect(try Self.ids(sandbox) == ["r1", "r2", "r3"])
        var report = try store.prune(PruneRules(), now: Self.later)
        #expect(report.runs == ["r1", "r2"])
        #expect(report.events == 6 && report.objects == 1)
        #expect(report.freedBytes > 0 && report.keptBytes > 0)
        report.isDry = true
        #expect(report == dry)
        #expect(try Self.ids(sandbox) == ["r3"])
        #expect(sandbox.state.runFolders() == ["r3"])
        #expect(try content.get(SHA256.hex(Array("shared".utf8))) == Array("shared".utf8))
        #expect(throws: EngineError.self) { try content.get(SHA256.hex(Array("only r1".utf8))) }
        let again = try store.prune(PruneRules(), now: Self.later)
        #expect(again.runs == [] && again.freedBytes == 0)
    }

    @Test(
        "what a staying run keeps of one that goes stays, and is not counted as freed",
        arguments: [("a/b", 2), ("a/b", 0), ("a.1/b", 2)])
    func kept(_ node: String, _ leg: Int) throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        for (id, days) in [("r1", 40.0), ("r2", 35), ("r3", 1)] {
            try Self.make(id, sandbox, days: days, logBytes: 10_000)
            let event = EventDraft(
                EventType.attemptFinished, node: node, leg: leg, attempt: 1,
                data: ["kept_from": "r1", "kept_as": ["node": "a/b", "leg": 2]])
            let log = try store.log(of: id)
            if id != "r1" { _ = try log.append([event]) }
            try log.commit()
        }
        func log(_ run: String) -> String {
            sandbox.state.attempts(ofRun: run).log(
                node: run == "r1" ? "a/b" : node, leg: run == "r1" ? 2 : leg, attempt: 1)
        }
        try Files.write([UInt8](repeating: 2, count: 50_000), to: log("r1"))
        let shown = try #require(try store.events(of: "r3").last)
        func path() -> String {
            sandbox.state.path(of: shown) { $0.log(node: $1, leg: $2, attempt: 1) }
        }
        #expect(path() == log("r1"))
        let dry = try store.prune(PruneRules(), isDry: true, now: Self.later)
        #expect(!Files.exists(log("r3")))
        var report = try store.prune(PruneRules(), now: Self.later)
        #expect(report.runs == ["r1", "r2"])
        report.isDry = true
        #expect(report == dry)
        #expect(path() == log("r3"))
        #expect(try Files.read(path()).count == 50_000)
        #expect(report.keptBytes > 50_000 && report.freedBytes < 50_000)
        #expect(sandbox.state.runFolders() == ["r3"])
    }

    @Test("a run that goes on, waits or was interrupted stays, whatever its age")
    func unfinished() throws {
        let sandbox = try Sandbox()
        try Self.make("r1", sandbox, status: "running", days: 0)
        try Self.make("r2", sandbox, status: "waiting", days: 0)
        try Self.make("r3", sandbox, status: "failure", days: 90)
        let lock = try RunLock(sandbox.state, run: "r3")
        let rules = PruneRules(days: 0, quotaBytes: 0)
        #expect(try sandbox.store().prune(rules, now: Self.later).runs == [])
        #expect(try Self.ids(sandbox) == ["r1", "r2", "r3"])
        withExtendedLifetime(lock) {}
    }

    @Test("over the quota the oldest go first, no more than needed")
    func quota() throws {
        let sandbox = try Sandbox()
        for number in 1...6 {
            try Self.make("r\(number)", sandbox, days: 1, logBytes: 1_000_000)
        }
        let total = Files.diskUse(of: sandbox.state.path)
        let rules = PruneRules(days: nil, quotaBytes: total - 1_500_000)
        let report = try sandbox.store().prune(rules, now: Self.later)
        #expect(report.runs == ["r1", "r2"])
        #expect(report.keptBytes <= total - 1_500_000)
    }

    @Test("a value goes with the last run that refers to it, and counts towards the quota")
    func values() {
        let runs = [
            PrunePlan.Run(
                id: "a", number: 1, ended: noon, bytes: 10, events: 1, objects: [0, 1]),
            PrunePlan.Run(id: "b", number: 2, ended: nil, bytes: 10, events: 1, objects: [1]),
            PrunePlan.Run(
                id: "c", number: 3, ended: noon, bytes: 10, events: 1, objects: [0, 2, 3]),
            PrunePlan.Run(id: "d", number: 4, ended: noon, bytes: 10, events: 1, objects: []),
        ]
        let objects: [Int?] = [100, 100, 100, nil, 100]
        func plan(_ quota: Int) -> PrunePlan {
            PrunePlan(
                runs, objects: objects, total: 500,
                rules: PruneRules(days: nil, quotaBytes: quota), now: noon)
        }
        #expect(plan(400).removed == [] && plan(400).freed == [4])
        #expect(plan(399).removed == [0] && plan(399).freed == [4])
        #expect(plan(389).removed == [0, 2])
        #expect(Set(plan(389).freed) == [4, 0, 2])
        #expect(plan(180).removed == [0, 2])
        #expect(plan(179).removed == [0, 2, 3])
    }

    @Test("values that are young, kept again in this moment or named by the caller stay")
    func young() throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        let content = ContentFolder(sandbox.state)
        let hash = try content.put([1, 2, 3])
        let now = SystemClock().now()
        #expect(try store.prune(now: now).objects == 0)
        let after = now.adding(seconds: 7200)
        #expect(try store.prune(keeping: [hash], now: after).objects == 0)
        #expect(!content.remove(hash, untouchedSince: now.adding(seconds: -60)), "it is young")
        #expect(try content.get(hash) == [1, 2, 3])
        #expect(try store.prune(now: after).objects == 1)
        #expect(throws: EngineError.self) { try content.get(hash) }
    }

    @Test("what a killed flow left half-done is collected: folders, part files, values put aside")
    func leftovers() throws {
        let sandbox = try Sandbox()
        try Self.make("r1", sandbox, days: 1, values: ["x"])
        let content = ContentFolder(sandbox.state)
        let hash = SHA256.hex(Array("x".utf8))
        let path = content.path(hash)
        let aside = Path.join(Path.folder(path), ".\(Path.name(path)).swept")
        try Files.move(path, to: aside)
        let part = Path.join(Path.folder(path), ".\(Path.name(path)).17.4")
        try Files.write("par", to: part)
        try Files.makeFolder(sandbox.state.folder(ofRun: "gone"))
        try Files.makeFolder(sandbox.state.folder(ofRun: "beginning"))
        let lock = try RunLock(sandbox.state, run: "beginning")
        let store = try sandbox.store()
        #expect(try store.prune(now: SystemClock().now()).folders == 0, "they are young")
        #expect(try store.prune(now: Self.later).folders == 1)
        #expect(sandbox.state.runFolders() == ["beginning", "r1"])
        #expect(try content.get(hash) == Array("x".utf8))
        #expect(!Files.exists(part) && !Files.exists(aside))
        withExtendedLifetime(lock) {}
    }

    @Test(
        "killed at any moment, no run is left by half, and the next prune goes on",
        arguments: RunStore.PruneMoment.allCases.indices)
    func killed(_ moment: Int) async throws {
        let sandbox = try Sandbox()
        try Self.make("r1", sandbox, days: 40, values: ["a"])
        try Self.make("r2", sandbox, days: 40, values: ["a", "b"])
        try Self.make("r3", sandbox, days: 1, values: ["b"])
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                path = sandbox.state.path as String, moment = moment as Int,
                now = Self.later.microseconds as Int64
            ] in
            let wanted = RunStore.PruneMoment.allCases[moment]
            _ = try RunStore(StateFolder(path)).prune(
                PruneRules(), keeping: [], isDry: false, now: Timestamp(microseconds: now)
            ) { if $0 == wanted { kill(getpid(), SIGKILL) } }
        }
        let store = try sandbox.store()
        #expect(try store.integrityProblem() == nil)
        for run in try store.runs() { #expect(try store.events(of: run.id).count >= 3) }
        _ = try store.prune(now: Self.later.adding(seconds: 7200))
        #expect(try Self.ids(sandbox) == ["r3"])
        #expect(sandbox.state.runFolders() == ["r3"])
        let content = ContentFolder(sandbox.state)
        #expect(content.objects().objects.map(\.hash) == [SHA256.hex(Array("b".utf8))])
    }

    @Test("under the quota nothing is measured twice a day; over it the oldest go")
    func whenOver() throws {
        let sandbox = try Sandbox()
        for number in 1...3 {
            try Self.make("r\(number)", sandbox, days: 1, logBytes: 1_000_000)
        }
        let store = try sandbox.store()
        func prune(_ quota: Int, at now: Timestamp) throws -> PruneReport? {
            try store.pruneWhenOver(
                PruneRules(quotaBytes: quota), keeping: { () throws(StoreError) in [] }, now: now)
        }
        #expect(try prune(2_000_000_000_000, at: Self.later) == nil)
        try Files.remove(sandbox.state.folder(ofRun: "r1"))
        #expect(try prune(2_000_000_000_000, at: Self.later) == nil)
        let first = try store.database.run("SELECT bytes FROM usage").first?.first?.int ?? 0
        #expect(first > 3_000_000, "the number of the first time")
        let next = Self.later.adding(seconds: Self.day + 1)
        #expect(try prune(2_000_000_000_000, at: next) == nil)
        let second = try store.database.run("SELECT bytes FROM usage").first?.first?.int ?? 0
        #expect(second < first - 900_000)
        let report = try prune(second - 500_000, at: next.adding(seconds: 2 * Self.day))
        #expect(report?.runs == ["r1", "r2"])
        #expect(try Self.ids(sandbox) == ["r3"])
    }

    @Test("the disk gets back what a large run's events took")
    func shrink() throws {
        let sandbox = try Sandbox()
        try Self.make("r1", sandbox, days: 40)
        let store = try sandbox.store()
        let log = try store.log(of: "r1")
        let text = JSON.string(String(repeating: "x", count: 2000))
        _ = try log.append((0..<3000).map { _ in EventDraft("x.y", data: ["text": text]) })
        try log.commit()
        #expect(Files.diskUse(of: sandbox.state.path) > 6_000_000)
        #expect(try store.prune(now: Self.later).runs == ["r1"])
        #expect(Files.diskUse(of: sandbox.state.path) < 1_000_000)
        #expect(try store.integrityProblem() == nil)
    }
}
