import FlowEngine
import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowStore

/// What is wrong in a state folder, and what to do about it.
@Suite struct ProblemTests {
    /// A sound store: two runs, one of them with a value and a place.
    private struct Sound {
        let sandbox: Sandbox
        let store: RunStore
        let hash: String

        init() throws {
            sandbox = try Sandbox()
            store = try sandbox.store()
            hash = try ContentFolder(sandbox.state).put(Array("value".utf8))
            let log = try store.create("r1", workflow: "w", at: noon)
            _ = try log.append([
                EventDraft(
                    EventType.runCreated,
                    data: [
                        "hash": .string(hash),
                        "params": ["hash": .string(String(repeating: "a", count: 64))],
                    ]),
                EventDraft(EventType.nodeOutput, node: "n", data: ["ref": .string(hash)]),
                EventDraft("file.written", data: ["sha256": .string(SHA256.hex([]))]),
            ])
            try log.commit()
            try begin("r2", in: store)
            let lock = try RunLock(sandbox.state, run: "r1")
            _ = try StorePlaces(sandbox.state, run: "r1") { _ in true }
            withExtendedLifetime(lock) {}
        }

        var objectPath: String { ContentFolder(sandbox.state).path(hash) }
    }

    @Test("a sound store has none")
    func sound() throws {
        let sound = try Sound()
        #expect(try sound.store.problems() == [])
    }

    @Test("a gap, a lost beginning and an event that cannot be read are named with their run")
    func events() throws {
        let sound = try Sound()
        let database = sound.store.database
        try database.execute("PRAGMA foreign_keys=OFF")
        try database.execute("DELETE FROM events WHERE run = 1 AND seq = 2")
        try database.execute("UPDATE events SET data = '{' WHERE run = 1 AND seq = 3")
        try database.execute("DELETE FROM events WHERE run = 2")
        try database.execute(
            "INSERT INTO events VALUES (9, 1, 1, 'run.created', NULL, NULL, NULL, '{}')")
        let found = try sound.store.problems()
        #expect(
            found.map(\.message) == [
                "the log of r1 has 2 events, its last number is 3", "event 3 of r1 cannot be read",
                "the log of r2 does not begin as a run does",
                "there are events of a run with the number 9 and no such run",
            ])
        #expect(found.map(\.kind) == [.events, .events, .beginning, .beginning])
        #expect(found.allSatisfy { !$0.advice.isEmpty })
    }

    @Test("a value that is damaged or missing is named")
    func values() throws {
        let sound = try Sound()
        try Files.write("other", to: sound.objectPath)
        #expect(
            try sound.store.problems().map(\.message) == [
                "the value \(sound.objectPath) is damaged"
            ])
        try Files.remove(sound.objectPath)
        let message = "the value \(sound.hash) of the run r1 is missing"
        #expect(try sound.store.problems().map(\.message) == [message, message])
    }

    @Test("folders of no run and places of the dead are named, those of a beginning run are not")
    func leftovers() throws {
        let sound = try Sound()
        let state = sound.sandbox.state
        let beginning = try RunLock(state, run: "r3")
        try Files.makeFolder(state.folder(ofRun: "r4"))
        do {
            let lock = try RunLock(state, run: "r2")
            let places = try StorePlaces(state, run: "r2") { _ in true }
            try places.ask(for: "p", size: 1)
            withExtendedLifetime(lock) {}
        }
        let found = try sound.store.problems()
        #expect(
            found.map(\.description) == [
                "the folder \(state.folder(ofRun: "r4")) belongs to no run; "
                    + "flow runs prune removes it an hour after its last change",
                "the run r2 has no owner and still has places in pools; "
                    + "nothing to do: they go to the next run that asks for one",
            ])
        withExtendedLifetime(beginning) {}
    }

    @Test("a damaged file is the one problem that is told")
    func damaged() throws {
        let sound = try Sound()
        let log = try sound.store.log(of: "r1")
        let text = JSON.string(String(repeating: "x", count: 2000))
        _ = try log.append((0..<50).map { _ in EventDraft("x.y", data: ["text": text]) })
        try log.commit()
        try sound.store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let path = sound.sandbox.state.runsDatabase
        var bytes = try Files.read(path)
        for place in (bytes.count / 2)..<(bytes.count - 4096) { bytes[place] = 0x5A }
        try Files.write(bytes, to: path)
        let found = try sound.sandbox.store().problems()
        #expect(!found.isEmpty && found.allSatisfy { $0.kind == .database })
    }
}
