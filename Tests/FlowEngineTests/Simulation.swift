import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import Synchronization

/// A clock that stands still until somebody moves it.
final class VirtualClock: Clock {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp = Timestamp(seconds: 1_800_000_000)) { time = Mutex(start) }

    func now() -> Timestamp { time.withLock { $0 } }
    func monotonic() -> Int64 { now().microseconds * 1000 }

    func move(to later: Timestamp) {
        time.withLock { $0 = max($0, later) }
    }
}

/// A log in memory that can stop taking events.
final class MemoryLog: EventLog {
    private(set) var events: [Event]
    private(set) var journaled: Int
    private(set) var isDurable = false
    private let clock: any Clock
    private let limit: Int

    init(_ events: [Event] = [], limit: Int = .max, clock: any Clock) {
        self.events = events
        self.limit = limit
        self.clock = clock
        journaled = events.count
    }

    func append(_ drafts: [EventDraft]) throws(EngineError) -> [Event] {
        var added: [Event] = []
        for draft in drafts {
            guard events.count < limit else {
                throw EngineError(code: .storage, doing: "write the log", message: "it was cut")
            }
            let event = Event(seq: events.count + 1, time: clock.now(), run: "r", draft: draft)
            events.append(event)
            added.append(event)
        }
        isDurable = false
        return added
    }

    func commit() throws(EngineError) { journaled = events.count }
    func sync() throws(EngineError) { isDurable = true }

    /// The log's bytes, one event a line.
    var text: String { events.map { $0.json.text() + "\n" }.joined() }
}

/// Values by content, in memory.
final class MemoryContent: ContentStore {
    private let values = Mutex<[String: [UInt8]]>([:])

    var count: Int { values.withLock { $0.count } }

    func put(_ bytes: [UInt8]) throws(EngineError) -> String {
        let hash = SHA256.hex(bytes)
        values.withLock { $0[hash] = bytes }
        return hash
    }

    func get(_ hash: String) throws(EngineError) -> [UInt8] {
        guard let bytes = values.withLock({ $0[hash] }) else {
            throw EngineError(code: .content, doing: "read \(hash)", message: "it is not there")
        }
        return bytes
    }
}

/// Stages, actions and workflows that stand in no file.
struct MemoryActions: ActionSource {
    /// Workflows by the reference that `uses:` gives.
    var workflows: [String: String] = [:]

    func workflowFile(for reference: String) throws(ActionError) -> WorkflowFile {
        guard let text = workflows[reference] else {
            throw ActionError("there is no workflow '\(reference)'")
        }
        return WorkflowFile(path: reference, bytes: Array(text.utf8))
    }

    func manifest(for reference: String) throws(ActionError) -> ActionManifest {
        let text = """
            inputs: {count: {type: integer, default: 3}, list: {type: array, required: false}}
            outputs: {n: {type: integer}, list: {type: array}}
            """
        do throws(DiagnosticList) {
            return try ActionManifest.read(
                Array(text.utf8), reference: reference, file: "\(reference).yaml")
        } catch {
            throw ActionError("'\(reference)' has mistakes", diagnostics: error.diagnostics)
        }
    }
}

/// Runs a workflow, written as text, without processes and in virtual time.
///
/// A node's argument vector says what its attempts do: `after=2` seconds; `ends=1,75,0` exit codes
/// by try, the last for all further ones (`s9`: by that signal, `t`: at its timeout, `u`: it cannot
/// be started); `set:name=JSON` an output; `event=a.b` an own event; `deaf`: it ignores TERM.
/// The reviewers of a gate say what becomes of it (see `FakeDesk`).
struct Simulation {
    let workflow: Workflow
    let params: JSONObject
    var capacity = 2
    /// nil: as many as attempts may run at once.
    var processors: Int?
    var selection: Set<String>?
    var cancelAfter: Double?
    /// A log that fails after so many events.
    var limit = Int.max
    var content = MemoryContent()
    /// Until when strangers have the only place of each pool, in seconds from the beginning.
    var strangers: [String: Double] = [:]
    /// What git says of branches.
    var merges: (any MergeWatch)?

    /// - Parameter params: what a run is given; the others have their defaults.
    init(_ text: String, workflows: [String: String] = [:], params: JSONObject = [:]) throws {
        workflow = try Workflow.read(
            Array(text.utf8), file: "w.yaml", actions: MemoryActions(workflows: workflows))
        self.params = try workflow.bind(file: .object(params))
    }

    /// What the run's own expressions look at.
    var contexts: ContextBuilder {
        let content = content
        return ContextBuilder(
            identity: RunIdentity(
                id: "r", workflow: workflow.name, now: Timestamp(seconds: 1_800_000_000),
                workspace: "/w", branch: "main"),
            params: params, workflowEnv: workflow.env,
            content: { hash throws(EngineError) in try content.get(hash) })
    }

    /// What was seen in one run.
    struct Trace {
        let log: MemoryLog
        let state: RunState
        let runner: FakeRunner
        let places: FakePlaces
        /// Nil where the log failed.
        let status: RunStatus?
        let ids: [String]

        /// How each node ended: `success`, `failure`, `failure!` for a tolerated one.
        var results: [String: String] {
            // A workflow that began anew has the path of the one before; the newest counts.
            Dictionary(
                zip(state.paths, state.nodes).map { id, node in
                    let result = node.settlement?.result.rawValue ?? "open"
                    return (id, result + (node.settlement?.isTolerated == true ? "!" : ""))
                }
            ) { $1 }
        }

        func reason(_ id: String) -> String {
            state.place(of: id).flatMap { state.nodes[$0].settlement?.reason } ?? ""
        }

        /// What was started, in order: `a`, of a matrix `a[1]`, of a later attempt `a#2`.
        var started: [String] { runner.started.map(\.name) }
        var outputs: JSON { log.events.last?.data["outputs"] ?? .null }
    }

    /// - Parameters:
    ///   - saying: what people have said while nobody ran the run: gates and verdicts.
    ///   - keeping: what a new run takes over from an earlier one.
    func run(
        resuming old: [Event] = [], saying decisions: [String: Bool] = [:],
        keeping kept: [EventDraft] = []
    ) throws -> Trace {
        let start = old.last?.time ?? Timestamp(seconds: 1_800_000_000)
        let clock = VirtualClock(start)
        let log = MemoryLog(old, limit: limit, clock: clock)
        let places = FakePlaces(clock, strangers)
        let desk = FakeDesk(decisions)
        let room = AttemptRoom(attempts: capacity, processors: processors ?? capacity)
        let runner = FakeRunner(
            room, log, clock, workflow, places, desk, cancelAfter: cancelAfter)
        let loop = RunLoop(
            scheduler: Scheduler(
                workflow, contexts: contexts, room: room, selection: selection,
                group: workflow.concurrency == nil ? nil : "g"),
            log: log, content: content, runner: runner, sinks: [], clock: clock,
            outside: RunLoop.Outside(places: places, requests: desk, merges: merges))
        var status: RunStatus?
        do throws(EngineError) {
            if old.isEmpty { try loop.create([:], keeping: kept) } else { try loop.resume(old) }
            status = try loop.run()
        } catch {
            guard limit < .max else { throw error }
        }
        return Trace(
            log: log, state: loop.state, runner: runner, places: places, status: status,
            ids: workflow.nodes.map(\.id))
    }

    /// Runs on until nobody has to be waited for: every open gate is decided as its reviewers say.
    func runThrough(resuming old: [Event] = [], keeping kept: [EventDraft] = []) throws -> Trace {
        var trace = try run(resuming: old, keeping: kept)
        while trace.status == .waiting {
            let open = trace.state.nodes.indices.filter {
                trace.state.nodes[$0].gate != nil && trace.state.nodes[$0].settlement == nil
            }
            let said = open.map { place in
                (trace.state.paths[place], FakeDesk.says(trace.state.definition(place)))
            }
            trace = try run(
                resuming: trace.log.events, saying: Dictionary(said) { first, _ in first })
        }
        return trace
    }
}
