import FlowEngine
import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// A state folder of one test's own.
struct Sandbox {
    let folder: TemporaryFolder
    let state: StateFolder

    init() throws {
        folder = try TemporaryFolder()
        state = try StateFolder(folder.at(".flow"))
    }

    func store() throws -> RunStore { try RunStore(state) }
}

let noon = Timestamp(seconds: 1_800_000_000)

/// A run with its first event.
@discardableResult
func begin(_ id: String, in store: RunStore) throws -> RunLog {
    let log = try store.create(id, workflow: "w", at: noon)
    _ = try log.append([EventDraft(EventType.runCreated, data: ["workflow": "w"])])
    try log.commit()
    return log
}

/// Runs and their events.
@Suite struct RunStoreTests {
    @Test("what was journaled is there after reopening, in order, without a gap, unchanged")
    func reopen() throws {
        let sandbox = try Sandbox()
        let hostile = "a\u{0}b\u{1B}[31m \u{85} ' ; -- é🙂"
        let drafts = [
            EventDraft(
                "tool.called", node: "n", leg: 3, attempt: 2, data: ["text": .string(hostile)]),
            EventDraft("x.y", data: ["big": .string(String(repeating: "x", count: 100_000))]),
            EventDraft("x.z", data: ["list": [1, 2.5, nil, true, [:]]]),
        ]
        var written: [Event] = []
        do {
            let log = try begin("r1", in: sandbox.store())
            written = try log.append(drafts)
            try log.commit()
            try log.sync()
        }
        let store = try sandbox.store()
        let events = try store.events(of: "r1")
        #expect(events.map(\.seq) == [1, 2, 3, 4])
        #expect(Array(events.dropFirst()) == written)
        let log = try store.log(of: "r1")
        #expect(try log.append([EventDraft("a.b")]).map(\.seq) == [5])
        try log.commit()
        var later: [Int] = []
        try store.events(of: "r1", after: 3) { later.append($0.seq) }
        #expect(later == [4, 5])
        #expect(try store.integrityProblem() == nil)
    }

    @Test("what was not journaled is gone, and its numbers are given again")
    func unjournaled() throws {
        let sandbox = try Sandbox()
        do {
            let log = try begin("r1", in: sandbox.store())
            _ = try log.append([EventDraft("a.b"), EventDraft("a.c")])
        }
        let store = try sandbox.store()
        #expect(try store.events(of: "r1").map(\.seq) == [1])
        #expect(try store.log(of: "r1").append([EventDraft("a.d")]).map(\.seq) == [2])
    }

    @Test("there is no run without a beginning")
    func ghost() throws {
        let sandbox = try Sandbox()
        do { _ = try sandbox.store().create("r1", workflow: "w", at: noon) }
        let store = try sandbox.store()
        #expect(try store.runs() == [])
        try begin("r1", in: store)
        #expect(try store.runs().map(\.id) == ["r1"])
        #expect(throws: StoreError.self) { try store.create("r1", workflow: "w", at: noon) }
        try begin("r2", in: store)
    }

    @Test("runs of one store keep their events apart, and the list has the newest first")
    func several() throws {
        let store = try Sandbox().store()
        let one = try begin("r1", in: store)
        let two = try begin("r2", in: store)
        _ = try one.append([EventDraft("one.x")])
        try one.commit()
        _ = try two.append([EventDraft("two.x")])
        try two.commit()
        #expect(try store.events(of: "r1").map(\.type) == ["run.created", "one.x"])
        #expect(try store.events(of: "r2").map(\.seq) == [1, 2])
        #expect(try store.runs().map(\.id) == ["r2", "r1"])
        #expect(try store.runs(limit: 1).map(\.id) == ["r2"])
    }

    @Test("the list says how a run ended, and that it goes on again")
    func status() throws {
        let store = try Sandbox().store()
        let log = try begin("r1", in: store)
        #expect(try store.find("r1").status == "running")
        _ = try log.append([EventDraft(EventType.runFinished, data: ["status": "failure"])])
        try log.commit()
        #expect(try store.find("r1").status == "failure")
        #expect(try store.find("r1").finished != nil)
        _ = try log.append([EventDraft(EventType.runResumed)])
        try log.commit()
        #expect(try store.find("r1").status == "running")
        #expect(try store.find("r1").finished == nil)
    }

    @Test("a run is found by its id, its beginning, or as the last")
    func find() throws {
        let store = try Sandbox().store()
        func message(_ name: String) -> String {
            do throws(StoreError) { return try store.find(name).id } catch {
                return error.description
            }
        }
        #expect(
            message("last")
                == "cannot find the last run: there is none yet; start one with flow run")
        for id in ["2026-a", "2026-ab", "2026-b", "2025-x"] { try begin(id, in: store) }
        #expect(message("last") == "2025-x")
        #expect(message("2026-b") == "2026-b")
        #expect(message("2026-a") == "2026-a", "the whole id wins")
        #expect(message("2025") == "2025-x")
        #expect(
            message("2026")
                == "cannot find the run 2026: several begin so: 2026-b, 2026-ab, 2026-a")
        #expect(message("%") == "cannot find the run %: no run has this id; flow runs lists them")
    }

    @Test("a file of a newer flow is refused, and not touched")
    func newer() throws {
        let sandbox = try Sandbox()
        try sandbox.store().database.execute("PRAGMA user_version=99")
        let error = #expect(throws: StoreError.self) { try sandbox.store() }
        #expect(error?.code == .newer)
        #expect(
            error?.message == "it has schema 99 and this flow knows up to 2; use a newer flow")
        let memory = try Database(path: sandbox.state.memoryDatabase)
        try memory.execute("PRAGMA user_version=99")
        #expect(throws: StoreError.self) { try MemoryStore(sandbox.state) }
    }

    @Test("a damaged file is refused with what to do", arguments: [false, true])
    func damaged(_ isHalf: Bool) throws {
        let sandbox = try Sandbox()
        if isHalf {
            let log = try begin("r1", in: sandbox.store())
            for _ in 0..<50 {
                let text = JSON.string(String(repeating: "x", count: 2000))
                _ = try log.append([EventDraft("x.y", data: ["text": text])])
            }
            try log.commit()
        }
        let path = sandbox.state.runsDatabase
        var bytes = isHalf ? try Files.read(path) : []
        if isHalf {
            for place in 8192..<(bytes.count - 4096) { bytes[place] = 0x5A }
        } else {
            bytes = Array("this is no database, but long enough to be taken for one".utf8)
        }
        try Files.write(bytes, to: path)
        let error = #expect(throws: StoreError.self) {
            let store = try sandbox.store()
            if let problem = try store.integrityProblem() {
                throw StoreError(code: .damaged, doing: "", message: problem)
            }
            _ = try store.events(of: "r1")
        }
        #expect(error?.code == .damaged)
        if !isHalf {
            #expect(error?.message.contains("file is not a database") == true)
            #expect(error?.message.contains("put a copy in its place, or begin anew") == true)
        }
    }

    @Test("an event that cannot be read is named")
    func damagedEvent() throws {
        let store = try Sandbox().store()
        try begin("r1", in: store)
        try store.database.execute("UPDATE events SET data = '{' WHERE seq = 1")
        let error = #expect(throws: StoreError.self) { try store.events(of: "r1") }
        #expect(error?.description == "cannot read the events of r1: event 1 cannot be read")
    }

    @Test("a reader sees whole commits while another connection writes")
    func readers() throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        let log = try begin("r1", in: store)
        let reader = try sandbox.store()
        for round in 1...20 {
            _ = try log.append([EventDraft("a.b"), EventDraft("a.c")])
            #expect(try reader.events(of: "r1").count == 2 * round - 1, "before the commit")
            try log.commit()
            #expect(try reader.events(of: "r1").count == 2 * round + 1)
        }
    }

    @Test("several processes open a new store and write at once, and nothing is lost")
    func processes() async throws {
        let sandbox = try Sandbox()
        await withTaskGroup { group in
            for number in 0..<4 {
                group.addTask { [path = sandbox.state.path] in
                    await #expect(processExitsWith: .success) {
                        [path = path as String, number = number as Int] in
                        let store = try RunStore(StateFolder(path))
                        let log = try store.create("r\(number)", workflow: "w", at: noon)
                        for _ in 0..<50 {
                            _ = try log.append([EventDraft("a.b"), EventDraft("a.c")])
                            try log.commit()
                        }
                        try log.sync()
                    }
                }
            }
        }
        let store = try sandbox.store()
        for number in 0..<4 {
            #expect(try store.events(of: "r\(number)").map(\.seq) == Array(1...100))
        }
        #expect(try store.integrityProblem() == nil)
    }
}
