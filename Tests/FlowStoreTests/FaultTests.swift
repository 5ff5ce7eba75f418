import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowStore

/// Storage that fails in the middle of a run.
@Suite struct FaultTests {
    /// Ends every attempt at once, with success.
    private final class QuickRunner: AttemptRunner {
        let capacity = 2
        /// Bytes of the one output of each attempt.
        private let size: Int
        private var reported: [AttemptReport] = []
        private(set) var started: [String] = []

        init(size: Int = 3_000) { self.size = size }

        func recall(_ attempts: [Attempt], _ use: ([AttemptOutcome?]) -> Void) {
            use(attempts.map { _ in nil })
        }

        func start(_ attempt: Attempt) {
            started.append(attempt.nodeID)
            reported += [
                .started(attempt.leg, attempt: attempt.number, pid: 1),
                .finished(
                    attempt.leg,
                    AttemptOutcome(
                        result: CommandResult(end: .exit(0)),
                        outputs: [("text", .string(String(repeating: "x", count: size)))])),
            ]
        }

        func cancel(_ leg: LegID) {}

        func drive(_ advance: ([AttemptReport]) -> Pause) {
            while case .until = advance(takeReports()) {}
        }

        private func takeReports() -> [AttemptReport] {
            defer { reported = [] }
            return reported
        }
    }

    private struct NoActions: ActionSource {
        func manifest(for reference: String) throws(ActionError) -> ActionManifest {
            throw ActionError("there is none")
        }
    }

    private static func loop(_ log: RunLog, _ runner: QuickRunner, _ sandbox: Sandbox) throws
        -> RunLoop
    {
        let nodes = (0..<40).map { number in
            "  n\(number): {run: [do]" + (number > 0 ? ", needs: n\(number - 1)}" : "}")
        }
        let text = "flow: 1\nnodes:\n" + nodes.joined(separator: "\n") + "\n"
        let workflow = try Workflow.read(
            Array(text.utf8), file: "w.yaml", actions: NoActions())
        let content = ContentFolder(sandbox.state)
        let contexts = ContextBuilder(
            identity: RunIdentity(id: "r1", workflow: "w", now: noon, workspace: "/w", branch: ""),
            params: [:], workflowEnv: [],
            content: { hash throws(EngineError) in try content.get(hash) })
        return RunLoop(
            scheduler: Scheduler(
                workflow, contexts: contexts, room: AttemptRoom(attempts: 2, processors: 2)),
            log: log,
            content: content, runner: runner, sinks: [], clock: SystemClock())
    }

    @Test("on a full disk the run stops with a clear error, and goes on when there is room")
    func full() throws {
        let sandbox = try Sandbox()
        let first = QuickRunner()
        do {
            let store = try sandbox.store()
            try store.database.execute("PRAGMA max_page_count=25")
            let loop = try Self.loop(
                store.create("r1", workflow: "w", at: noon), first, sandbox)
            try loop.create([:])
            let error = #expect(throws: EngineError.self) { try loop.run() }
            #expect(
                error?.description
                    == "cannot use \(sandbox.state.runsDatabase): database or disk is full "
                    + "(SQLite 13); make room and go on")
        }
        #expect((2..<40).contains(first.started.count))
        let store = try sandbox.store()
        #expect(try store.integrityProblem() == nil)
        let events = try store.events(of: "r1")
        let kept = Set(
            events.filter { $0.type == EventType.attemptFinished }.compactMap(\.draft.node))
        let second = QuickRunner()
        let loop = try Self.loop(store.log(of: "r1"), second, sandbox)
        try loop.resume(events)
        #expect(try loop.run() == .success)
        #expect(kept.isDisjoint(with: second.started))
        #expect(kept.count + second.started.count == 40)
        let whole = try store.events(of: "r1")
        #expect(whole.map(\.seq) == Array(1...whole.count))
        #expect(try store.find("r1").status == "success")
    }

    @Test("a value that cannot be kept by content stops the run, which goes on when it can")
    func content() throws {
        let sandbox = try Sandbox()
        try Files.write("in the way", to: sandbox.state.objects)
        let first = QuickRunner(size: 20_000)
        do {
            let loop = try Self.loop(
                sandbox.store().create("r1", workflow: "w", at: noon), first, sandbox)
            try loop.create([:])
            let error = #expect(throws: EngineError.self) { try loop.run() }
            #expect(error?.code == .content)
            #expect(
                error?.description.hasPrefix("cannot make the folder \(sandbox.state.objects)/")
                    == true
                    && error?.description.hasSuffix(": Not a directory") == true,
                "\(String(describing: error))")
        }
        #expect(first.started == ["n0"])
        try Files.remove(sandbox.state.objects)
        let store = try sandbox.store()
        let events = try store.events(of: "r1")
        #expect(!events.contains { $0.type == EventType.attemptFinished })
        let second = QuickRunner(size: 20_000)
        let loop = try Self.loop(store.log(of: "r1"), second, sandbox)
        try loop.resume(events)
        #expect(try loop.run() == .success)
        #expect(second.started.count == 40)
    }

    @Test("a log that has failed writes nothing more")
    func failed() throws {
        let store = try Sandbox().store()
        let log = try begin("r1", in: store)
        try store.database.execute("PRAGMA max_page_count=12")
        let text = JSON.string(String(repeating: "x", count: 500_000))
        let large = [EventDraft("a.b"), EventDraft("x.y", data: ["text": text])]
        #expect(throws: EngineError.self) { try log.append(large) }
        try store.database.execute("PRAGMA max_page_count=1000000")
        #expect(throws: EngineError.self) { try log.append([EventDraft("a.c")]) }
        #expect(throws: EngineError.self) { try log.commit() }
        #expect(try store.events(of: "r1").map(\.seq) == [1])
        let again = try store.log(of: "r1")
        #expect(try again.append([EventDraft("a.c")]).map(\.seq) == [2])
    }
}
