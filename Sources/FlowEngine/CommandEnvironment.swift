internal import FlowJSON
internal import FlowSpec
internal import FlowSystem

/// What the commands of one lane see of an environment: a few of flow's own variables, the workflow's
/// and the node's, and the contract's. What is the same for all of them is prepared once.
final class CommandEnvironment {
    /// flow's own variables that commands see.
    private let own: [(name: String, line: String)]
    /// Where the variables come from that nodes ask for with `env-pass`.
    private let places: LocalExecutor.Places
    /// The contract's variables that do not differ between attempts.
    private let contract: [String]
    /// What most attempts see that does not differ between them: `own` and `contract`.
    private let common: CStrings

    /// - Parameter now: the run's fixed time.
    init(_ places: LocalExecutor.Places, now: Timestamp) {
        self.places = places
        own = places.environment.filter { Self.isPassed($0.key) }
            .map { (name: $0.key, line: "\($0.key)=\($0.value)") }
            .sorted { $0.name < $1.name }
        var contract = [
            "FLOW_RUN_ID=\(places.runID)", "FLOW_NOW=\(now.rfc3339)",
            "FLOW_WORKSPACE=\(places.workspace)",
            "FLOW_STATE=\(Path.folder(Path.folder(places.folder)))",
        ]
        // What stages refuse on the events of pull requests must not be in the hands of the workflow.
        if let event = places.environment[Self.event] { contract.append("\(Self.event)=\(event)") }
        self.contract = contract
        common = CStrings(own.map(\.line) + contract)
    }

    /// Why a job of GitHub Actions runs.
    private static let event = "GITHUB_EVENT_NAME"

    private static func isPassed(_ name: String) -> Bool {
        ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"].contains(name) || name.hasPrefix("LC_")
    }

    /// `NAME=value` of each variable of an attempt, and where its program is searched.
    func lines(_ attempt: Attempt, _ files: AttemptFiles) -> (lines: CStrings, path: String) {
        var path = places.environment["PATH"]
        var lines = common
        if attempt.environment.contains(where: { isOwn($0.name) }) {
            lines = CStrings(own.filter { !Self.sets(attempt, $0.name) }.map(\.line) + contract)
        }
        lines.reserve(attempt.environment.count + 10, bytes: 6 * files.output.utf8.count + 256)
        for name in attempt.envPass where !isOwn(name) && !Self.sets(attempt, name) {
            guard let value = places.environment[name] ?? places.dotEnv[name] else { continue }
            if !Self.isContract(name, attempt) { lines.append(name, "=", value) }
        }
        for (name, value) in attempt.environment where !Self.isContract(name, attempt) {
            lines.append(name, "=", value)
            if name == "PATH" { path = value }
        }
        lines.append("FLOW_OUTPUT=", files.output)
        lines.append("GITHUB_OUTPUT=", files.output)
        lines.append("FLOW_EVENTS=", files.events)
        lines.append("FLOW_SUMMARY=", files.summary)
        lines.append("FLOW_TMP=", files.scratch)
        if !attempt.input.isNull { lines.append("FLOW_INPUT=", files.input) }
        lines.append("FLOW_NODE=", attempt.nodeID)
        lines.append("FLOW_LEG=", attempt.legKey)
        lines.append("FLOW_ATTEMPT=", String(attempt.number))
        lines.append("FLOW_IDEMPOTENCY_KEY=", idempotencyKey(attempt))
        return (lines, path ?? "/bin:/usr/bin")  // as execvp(3)
    }

    /// The same for every attempt of a leg of a run, and for nothing else.
    private func idempotencyKey(_ attempt: Attempt) -> String {
        var hash = SHA256()
        hash.update(places.runID.utf8)
        hash.update("\u{0}".utf8)
        hash.update(attempt.nodeID.utf8)
        hash.update("\u{0}".utf8)
        hash.update(attempt.legKey.utf8)
        return Array(hash.finish().prefix(16)).hex
    }

    private func isOwn(_ name: String) -> Bool { own.contains { $0.name == name } }

    /// Whether the workflow or the node gives a variable.
    private static func sets(_ attempt: Attempt, _ name: String) -> Bool {
        attempt.environment.contains { $0.name == name }
    }

    private static func isContract(_ name: String, _ attempt: Attempt) -> Bool {
        name == "FLOW_INPUT" ? !attempt.input.isNull : contractNames.contains(name)
    }

    /// Names that neither a workflow nor a node can set.
    private static let contractNames: Set<String> = [
        "FLOW_OUTPUT", "GITHUB_OUTPUT", "FLOW_EVENTS", "FLOW_SUMMARY", "FLOW_TMP", "FLOW_RUN_ID",
        "FLOW_NODE", "FLOW_LEG", "FLOW_ATTEMPT", "FLOW_NOW", "FLOW_WORKSPACE", "FLOW_STATE",
        "FLOW_IDEMPOTENCY_KEY", event,
    ]
}
