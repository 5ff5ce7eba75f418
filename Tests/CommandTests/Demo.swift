import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowYAML
import Testing

/// A repository that `flow init` made, with flow and git at hand.
struct Demo {
    private let owner: TemporaryFolder
    let path: String

    /// The fixed time of every run, after the sample's last record.
    static let now = "2025-11-08T02:00:00Z"

    /// A new repository.
    /// - Parameter sample: with the sample errors.
    init(sample: Bool = false) throws {
        owner = try TemporaryFolder()
        path = owner.at("demo")
        let words = ["init", "demo", "--now", Self.now] + (sample ? ["--sample"] : [])
        try Self.flow(in: owner.path).run(words).checked()
        try identify()
    }

    /// A copy of another repository, as it stands, its state included.
    init(copying other: Demo, inMemory: Bool = false) throws {
        owner = try TemporaryFolder(inMemory: inMemory)
        path = owner.at("demo")
        try TestProgram("cp", in: "/")("-a", other.path, path).checked()
    }

    /// A clone of a repository.
    /// - Parameter words: for `git clone`.
    init(cloning source: String, _ words: [String] = []) throws {
        owner = try TemporaryFolder()
        path = owner.at("demo")
        try TestProgram("git", in: owner.path).run(["clone", "-q"] + words + [source, path])
            .checked()
        try identify()
    }

    /// A work tree of its own for a branch of another repository.
    init(linkedTo other: Demo, _ branch: String) throws {
        owner = try TemporaryFolder()
        path = owner.at("demo")
        try other.git("worktree", "add", "-q", path, branch).checked()
    }

    private func identify() throws {
        try git("config", "user.name", "Ada").checked()
        try git("config", "user.email", "ada@example.org").checked()
    }

    func at(_ name: String) -> String { Path.join(path, name) }

    func text(_ name: String) throws -> String { try Files.text(at(name)) }

    func write(_ name: String, _ text: String) throws { try Files.write(text, to: at(name)) }

    /// The built program in any folder.
    static func flow(in folder: String, environment: [String: String] = [:]) -> TestProgram {
        TestProgram(BuiltPrograms.flow, in: folder, environment: environment)
    }

    var flow: TestProgram { Self.flow(in: path) }

    var git: TestProgram {
        TestProgram("git", in: path, prefix: ["-c", "protocol.file.allow=always"])
    }

    /// One turn of the loop at the fixed time.
    @discardableResult
    func integrate(_ words: String...) throws -> TestResult {
        try flow.run(["run", "integrate.yaml", "--now", Self.now] + words)
    }

    // MARK: What stands in the repository

    /// The branches of open proposals, without `proposal/`.
    func proposals() throws -> [String] {
        try git("for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/proposal").lines
    }

    func head(_ name: String = "main") throws -> String { try git("rev-parse", name).text }

    /// A file of a commit, as bytes.
    func blob(_ path: String, at commit: String = "main") throws -> [UInt8] {
        try git("show", "\(commit):\(path)").checked().outputBytes
    }

    func document(_ path: String, at commit: String = "main") throws -> JSON {
        try YAMLDocument.read(blob(path, at: commit)).root?.json ?? nil
    }

    /// The paths of a folder in a commit.
    func paths(_ folder: String, at commit: String = "main") throws -> [String] {
        try git("ls-tree", "-r", "--name-only", commit, "--", folder).lines
    }

    /// The path of a proposal's document.
    func document(ofProposal id: String) throws -> String {
        try #require(paths("skills/proposed", at: "proposal/\(id)").first { $0.contains(id) })
    }

    /// The approved skills' documents by id.
    func skills(at commit: String = "main") throws -> [String: JSON] {
        var skills: [String: JSON] = [:]
        for path in try paths("skills/", at: commit)
        where path.hasSuffix(".yaml") && Path.folder(path) == "skills" {
            let skill = try document(path, at: commit)
            skills[skill["id"]?.stringValue ?? path] = skill
        }
        return skills
    }

    /// The lines of the dataset.
    func dataset(at commit: String = "main") throws -> [JSON] {
        let path = "datasets/trm/erp_tasks.jsonl"
        return try paths(path, at: commit).isEmpty ? [] : JSONLines.read(blob(path, at: commit))
    }

    /// Checks that git finds nothing to complain of, and that flow left the work tree as it was.
    func expectSound(_ location: SourceLocation = #_sourceLocation) throws {
        let status = try git("status", "--porcelain").text
        #expect(status == "", sourceLocation: location)
        let check = try git("fsck", "--strict", "--no-dangling")
        #expect(check.exit == 0, "\(check)", sourceLocation: location)
        #expect(!check.errors.contains("error"), "\(check)", sourceLocation: location)
    }

    /// The events of the newest run.
    func events() throws -> [JSON] { try flow("events", "last").checked().jsonLines }
}

/// What a run's events say of one node.
extension [JSON] {
    func output(_ name: String, of node: String) -> JSON? {
        last { event in
            event["type"] == "node.output" && event["node"]?.stringValue == node
                && event["data"]?["name"]?.stringValue == name
        }?["data"]?["value"]
    }

    func ofType(_ type: String) -> [JSON] { filter { $0["type"]?.stringValue == type } }

    func result(of node: String) -> String? {
        ofType("node.finished").last { $0["node"]?.stringValue == node }?["data"]?["result"]?
            .stringValue
    }
}

/// `python3`, where there is one: its `re` is the dialect that a skill's expression is written in.
enum Python {
    static let isThere = Command.find("python3", path: "/usr/local/bin:/usr/bin:/bin") != nil
    static let hasYAML =
        (try? TestProgram("python3", in: "/")("-c", "import yaml").checked()) != nil

    /// The JSON values that a script prints, one a line, given one a line.
    static func run(_ script: String, _ lines: [JSON] = []) throws -> [JSON] {
        let input = String(decoding: JSONLines.write(lines), as: UTF8.self)
        return try TestProgram("python3", in: "/").run(["-c", script], input: input).checked()
            .jsonLines
    }
}
