import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowEngine
@testable import FlowStore

/// A repository with a cache, and a command that is played.
final class CacheBench {
    let folder: TemporaryFolder
    let state: StateFolder
    private(set) var store: ResultCacheStore
    private var cache: AttemptCache

    // The attempt.
    var program = Attempt.Program.script("make", shell: .sh)
    var input: JSONObject = [:]
    var environment: [String: String] = ["MODE": "fast"]
    var passed: [String: String] = [:]
    var key: JSON = .null
    var workingFolder = ""
    var inputs = ["src/**", "config"]
    var outputs = ["out/**"]
    var leg = ""
    /// Counts, as the run's name.
    private var runs = 0
    private let isSecret: ResultCacheStore.SecretTest?

    init(isSecret: ResultCacheStore.SecretTest? = nil) throws {
        self.isSecret = isSecret
        folder = try TemporaryFolder()
        try Files.makeFolder(folder.at("w"))
        state = try StateFolder(folder.at("w/.flow"))
        store = ResultCacheStore(state, workspace: folder.at("w"), isSecret: isSecret)
        cache = AttemptCache(
            store, workflow: "w", version: "1",
            places: .init(
                workspace: "", folder: "", stageProgram: nil, runID: "", environment: [:]))
    }

    func path(_ name: String) -> String { Path.join(folder.at("w"), name) }

    func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        try Files.write(text, to: path(name))
        try Files.setMode(path(name), mode)
    }

    func text(_ name: String) -> String? { try? Files.text(path(name)) }

    /// Closes the cache and opens it anew, as the next `flow` does.
    func reopen() {
        store.flush()
        store = ResultCacheStore(state, workspace: folder.at("w"), isSecret: isSecret)
    }

    var attempt: Attempt {
        Attempt(
            leg: LegID(node: 0, leg: 0), nodeID: "n", legKey: leg, isMatrix: false, number: 1,
            program: program, input: input.isEmpty ? .null : .object(input),
            environment: environment.map { ($0.key, $0.value) }, folder: workingFolder,
            envPass: ["A", "B"], usesSecrets: false,
            cache: CacheQuery(inputs: inputs, outputs: outputs, key: key), timeout: nil,
            grace: .seconds(1), outputs: [], now: Timestamp(seconds: 0))
    }

    /// What an attempt came to.
    struct Outcome {
        /// Whether the command ran.
        let ran: Bool
        /// Whether the answer was there at once.
        let atOnce: Bool
        let outputs: [String: JSON]
        let from: String?
        let misses: [String]
        /// What the cache had foreseen: `found RUN`, or why not.
        var foreseen: [String] = []
    }

    /// Carries the attempt out, as an executor does.
    /// - Parameter command: writes files and gives outputs; nil: it fails.
    @discardableResult
    func run(_ command: () throws -> [String: JSON]?) throws -> Outcome {
        runs += 1
        let places = LocalExecutor.Places(
            workspace: folder.at("w"), folder: "", stageProgram: nil, runID: "r\(runs)",
            environment: passed)
        cache = AttemptCache(store, workflow: "w", version: "1", places: places)
        let attempt = attempt
        let foreseen = foreseen(attempt)
        var recalled: AttemptOutcome?
        cache.recall([attempt]) { recalled = $0[0] }
        let look = recalled == nil ? cache.look(attempt) : nil
        if let cached = recalled ?? look?.outcome {
            return Outcome(
                ran: false, atOnce: recalled != nil,
                outputs: Dictionary(cached.outputs.map { ($0.name, $0.value) }) { $1 },
                from: cached.cachedFrom, misses: cached.cacheMisses, foreseen: foreseen)
        }
        let result = try command()
        var outcome = AttemptOutcome(
            result: CommandResult(end: .exit(result == nil ? 1 : 0)),
            outputs: (result ?? [:]).map { ($0.key, $0.value) })
        look?.keep(&outcome)
        return Outcome(
            ran: true, atOnce: false, outputs: result ?? [:], from: nil,
            misses: outcome.cacheMisses, foreseen: foreseen)
    }

    private func foreseen(_ attempt: Attempt) -> [String] {
        switch cache.foresee(attempt, after: []) {
        case .found(let result, _)?: ["found \(result.run)"]
        case .missed(let reasons)?: reasons
        case .unknown(let what)?: ["unknown: \(what)"]
        case nil: []
        }
    }
}
