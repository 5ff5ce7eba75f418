import FlowGit
import FlowJSON
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// A repository, and the node contract around a stage that runs in the test itself.
struct StageBench {
    private let folder: TemporaryFolder
    let workspace: String
    let git: TestProgram
    static let now = "2025-11-08T02:00:00Z"

    init() throws {
        folder = try TemporaryFolder()
        workspace = folder.at("work")
        try Files.makeFolder(workspace)
        git = TestProgram("git", in: workspace)
        try git("init", "-q", "-b", "main").checked()
        try git("config", "user.name", "Ada").checked()
        try git("config", "user.email", "ada@example.org").checked()
        try commit([("README", "readme\n")])
    }

    /// A clone.
    init(cloning remote: String) throws {
        folder = try TemporaryFolder()
        workspace = folder.at("work")
        try TestProgram("git", in: folder.path)("clone", "-q", remote, workspace).checked()
        git = TestProgram("git", in: workspace)
        try git("config", "user.name", "Ben").checked()
        try git("config", "user.email", "ben@example.org").checked()
    }

    func at(_ name: String) -> String { folder.at(name) }

    func commit(_ files: [(path: String, text: String)]) throws {
        for (path, text) in files { try Files.write(text, to: Path.join(workspace, path)) }
        try git("add", "-A").checked()
        try git("commit", "-q", "-m", "work").checked()
    }

    /// What a stage handed over.
    struct Handed {
        let outputs: String
        let events: [JSON]
        let said: [String]

        /// The value of an output that is no text.
        func value(_ name: String) throws -> JSON? {
            try outputs.split(separator: "\n").first { $0.hasPrefix("\(name)=") }
                .map { try JSON.read(String($0.dropFirst(name.count + 1))) }
        }
    }

    /// What a stage hands over, its changes committed.
    func published(_ stage: String, _ input: JSON, key: String) throws -> Handed {
        let handed = try run(stage, input)
        let changes = try #require(try handed.value("changes"))
        _ = try run("git/commit", ["changes": changes, "message": "sync"], key: key)
        return handed
    }

    /// The variables of the contract.
    func environment(_ input: JSON, key: String = "k1", run: String = "r1") throws
        -> [String: String]
    {
        try Files.write(input.bytes(), to: at("input.json"))
        for name in ["output", "events"] { try Files.remove(at(name)) }
        return [
            "FLOW_WORKSPACE": workspace, "FLOW_STATE": at("state"), "FLOW_NOW": Self.now,
            "FLOW_RUN_ID": run, "FLOW_NODE": "node", "FLOW_IDEMPOTENCY_KEY": key,
            "FLOW_INPUT": at("input.json"), "FLOW_OUTPUT": at("output"),
            "FLOW_EVENTS": at("events"),
        ]
    }

    /// - Parameter variables: beside those of the contract.
    func run(
        _ reference: String, _ input: JSON = [:], key: String = "k1", run: String = "r1",
        variables: [String: String] = [:]
    ) throws -> Handed {
        let said = PosixMutex<[String]>([])
        let environment = try environment(input, key: key, run: run)
            .merging(variables) { _, new in new }
        try Stages.run(reference, environment: environment) { line in
            said.withLock { $0.append(line) }
        }
        return Handed(
            outputs: try Files.text(at("output")),
            events: Files.exists(at("events"))
                ? try JSONLines.read(Files.read(at("events"))) : [],
            said: said.withLock { $0 })
    }

    /// What a stage says when it cannot do its work; it must have handed over nothing.
    func refusal(
        _ reference: String, _ input: JSON = [:], variables: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let environment = try environment(input).merging(variables) { _, new in new }
        do {
            try Stages.run(reference, environment: environment) { _ in }
            Issue.record("\(reference) succeeded", sourceLocation: location)
            return ""
        } catch {
            #expect(!Files.exists(at("output")), sourceLocation: location)
            return "\(error)"
        }
    }
}
