import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowStore

/// What people ask of a run from another terminal.
@Suite struct RequestTests {
    private let requests: [RunRequest] = [
        .decide(
            node: "deploy.2/ask", approves: true, by: "é \u{0} x", via: .cli,
            form: ["n": 1, "s": ["a", nil]]),
        .cancel(by: "me"),
        .decide(node: "b", approves: false, by: "git", via: .gitMerge, form: [:]),
    ]

    @Test("requests come in order, unchanged, once, and only to their run")
    func order() throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        let log = try begin("r1", in: store)
        try begin("r2", in: store)
        let other = try sandbox.store()
        #expect(try log.takeRequests() == [])
        for request in requests {
            let hasOwner = try other.ask(run: "r1", request)
            #expect(!hasOwner)
        }
        try other.ask(run: "r2", .cancel(by: "them"))
        #expect(try other.requests(run: "r1") == requests)
        #expect(try log.takeRequests() == requests)
        #expect(try log.takeRequests() == [])
        try other.ask(run: "r1", .cancel(by: "again"))
        _ = try log.append([EventDraft("a.b")])
        try log.commit()
        #expect(try other.requests(run: "r1") == [.cancel(by: "again")])
        #expect(try log.takeRequests() == [.cancel(by: "again")])
        _ = try log.append([EventDraft("a.b")])
        try log.commit()
        #expect(try other.requests(run: "r1") == [])
        #expect(try other.requests(run: "r2") == [.cancel(by: "them")])
        #expect(throws: StoreError.self) { try other.ask(run: "r3", .cancel(by: "x")) }
    }

    @Test("a request and what the run makes of it are journaled together, or neither is")
    func together() async throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        try begin("r1", in: store)
        try store.ask(run: "r1", .cancel(by: "me"))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = sandbox.state.path as String] in
            let log = try RunStore(StateFolder(path)).log(of: "r1")
            #expect(try log.takeRequests().count == 1)
            _ = try log.append([EventDraft("run.cancelling")])
            kill(getpid(), SIGKILL)
        }
        #expect(try store.events(of: "r1").count == 1)
        #expect(try store.requests(run: "r1") == [.cancel(by: "me")])
        let log = try store.log(of: "r1")
        _ = try log.takeRequests()
        _ = try log.append([EventDraft("run.cancelling")])
        try log.commit()
        #expect(try sandbox.store().events(of: "r1").count == 2)
        #expect(try sandbox.store().requests(run: "r1") == [])
    }

    @Test("a request that gives no event keeps nobody from writing")
    func idle() throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        let log = try begin("r1", in: store)
        try store.ask(run: "r1", .cancel(by: "me"))
        #expect(try log.takeRequests().count == 1)
        let other = try sandbox.store()
        try other.database.execute("PRAGMA busy_timeout=0")
        try begin("r2", in: other)
    }

    @Test("a cancellation that came too late can be forgotten; decisions stay")
    func withdraw() throws {
        let store = try Sandbox().store()
        try begin("r1", in: store)
        for request in requests { try store.ask(run: "r1", request) }
        try store.withdrawCancels(run: "r1")
        #expect(try store.requests(run: "r1") == [requests[0], requests[2]])
    }

    @Test("asking wakes the owner, from another process, also many times at once")
    func wake() async throws {
        let sandbox = try Sandbox()
        let store = try sandbox.store()
        try begin("r1", in: store)
        let lock = try RunLock(sandbox.state, run: "r1")
        let woken = Mailbox<Int>()
        let pipe = try ControlPipe(sandbox.state, run: "r1") { woken.send(1) }
        for _ in 0..<100_000 { ControlPipe.poke(sandbox.state, run: "r1") }
        #expect(woken.next() != nil)
        await #expect(processExitsWith: .success) { [path = sandbox.state.path as String] in
            let store = try RunStore(StateFolder(path))
            #expect(try store.ask(run: "r1", .cancel(by: "them")), "it has an owner")
        }
        let log = try store.log(of: "r1")
        while try log.takeRequests().isEmpty { #expect(woken.next() != nil) }
        withExtendedLifetime((lock, pipe)) {}
    }

    @Test("a poke where nobody reads, or where something else stands, does nothing")
    func noReader() throws {
        let sandbox = try Sandbox()
        ControlPipe.poke(sandbox.state, run: "r1")
        do { _ = try ControlPipe(sandbox.state, run: "r1") {} }
        let path = Path.join(sandbox.state.folder(ofRun: "r1"), "control")
        #expect(Files.kind(path) == .other)
        for _ in 0..<100_000 { ControlPipe.poke(sandbox.state, run: "r1") }
        _ = try ControlPipe(sandbox.state, run: "r1") {}
        try Files.remove(path)
        try Files.write("text", to: path)
        ControlPipe.poke(sandbox.state, run: "r1")
        #expect(try Files.text(path) == "text")
        #expect(throws: StoreError.self) { try ControlPipe(sandbox.state, run: "r1") {} }
    }

    @Test("a run that waits for people says so in the list")
    func waiting() throws {
        let store = try Sandbox().store()
        let log = try begin("r1", in: store)
        _ = try log.append([EventDraft("run.waiting")])
        try log.commit()
        #expect(try store.find("r1").status == "waiting")
    }
}
