import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import FlowYAML
import Testing

/// What `Scripts/setup test` installs to read and run files for GitHub Actions, and to read Agent
/// Skills.
enum Checker: String {
    case act
    case checkJSONSchema = "check-jsonschema"
    case zizmor
    case agentskills

    private var path: String {
        Path.join(BuiltPrograms.checkout, ".build/checkers/bin/\(rawValue)")
    }

    var isThere: Bool { Files.isExecutable(path) }

    static let hint: Comment =
        "it is not installed: Scripts/setup test installs it where PyPI can be reached"
    static let areThere = [act, checkJSONSchema, zizmor].allSatisfy(\.isThere)

    func callAsFunction(in folder: String, _ words: String...) throws -> TestResult {
        try TestProgram(path, in: folder).run(words)
    }

    func program(in folder: String, environment: [String: String]) -> TestProgram {
        TestProgram(path, in: folder, environment: environment)
    }
}

@Suite("files for GitHub Actions")
struct ActionsWorkflowTests {
    static let action = "acme/flow@0123456789abcdef0123456789abcdef01234567"
    static let cache = "actions/cache@0057852bfaa89a56745cba8c7296529d2fc39830"
    static let files = ["mine", "integrate", "extract", "retrain"].map {
        ".github/workflows/\($0).yml"
    }

    /// A repository that has all.
    private struct Made {
        private let folder: TemporaryFolder
        var path: String { folder.at("r") }

        init() throws {
            folder = try TemporaryFolder()
            try Demo.flow(in: folder.path)("init", "r", "--action", action).checked()
        }

        func at(_ name: String) -> String { Path.join(path, name) }
    }

    private func document(_ path: String) throws -> JSON {
        try YAMLDocument.read(Files.read(path, limit: 1 << 20)).root?.json ?? nil
    }

    // MARK: flow init --action

    @Test("flow init --action adds the files to the first commit, and overwrites nothing")
    func added() throws {
        let made = try Made()
        let git = TestProgram("git", in: made.path)
        #expect(try git("status", "--porcelain").text == "")
        #expect(try git("ls-files", ".github").lines == Self.files.sorted())
        try Files.write("mine\n", to: made.at(Self.files[0]))
        try Demo.flow(in: made.path)("init", ".", "--action", Self.action).checked()
        #expect(try Files.text(made.at(Self.files[0])) == "mine\n")
    }

    @Test(
        "an action is named by a full commit, and anything else is refused before anything is made",
        arguments: [
            "acme/flow", "acme/flow@v1", "acme/flow@main", "acme/flow@0123456",
            "flow@0123456789abcdef0123456789abcdef01234567",
            "acme/flow@0123456789ABCDEF0123456789abcdef01234567",
            "acme/$(id)@0123456789abcdef0123456789abcdef01234567",
            "acme/../x@0123456789abcdef0123456789abcdef01234567",
            "acme/flow@0123456789abcdef0123456789abcdef01234567 # x", "", "@",
        ])
    func refused(_ action: String) throws {
        let folder = try TemporaryFolder()
        let result = try Demo.flow(in: folder.path)("init", "r", "--action", action)
        #expect(result.exit == 2)
        #expect(result.errors.contains("--action takes"), "\(result)")
        #expect(!Files.exists(folder.at("r")))
    }

    @Test(
        "the form for a run by hand has the params of the repository's own workflow, each checked alike"
    )
    func inputs() throws {
        let folder = try TemporaryFolder()
        try Files.makeFolder(folder.at("r/workflows"))
        try folder.write(
            "r/workflows/integrate.yaml",
            """
            flow: 1
            name: integrate
            on: {schedule: [{cron: "5 4 * * *", timezone: Europe/Brussels}]}
            params:
              text:    {type: string, default: "a: 'b' # c", description: "A \\"text\\"."}
              choice:  {type: string, default: off, enum: [on, off, "1"]}
              size:    {type: integer, default: 3, enum: [1, 3]}
              count:   {type: integer, default: 0}
              share:   {type: number, default: 0.3}
              flag:    {type: boolean, default: false}
              window:  {type: duration, default: 1d12h}
              list:    {type: array, default: [1, "b"]}
              must:    {type: integer, description: Needed.}
            nodes: {a: {run: 'true'}}

            """)
        try Demo.flow(in: folder.path)("init", "r", "--action", Self.action).checked()
        let file = try document(folder.at("r/\(Self.files[1])"))
        let text = try Files.text(folder.at("r/\(Self.files[1])"))
        #expect(text.contains("# GitHub takes it for UTC; the workflow says Europe/Brussels\n"))
        #expect(file["on"]?["schedule"] == [["cron": "5 4 * * *"]])
        let expected: JSON = [
            "text": ["description": "A \"text\".", "type": "string", "default": "a: 'b' # c"],
            "choice": ["type": "choice", "options": ["on", "off", "1"], "default": "off"],
            "size": ["type": "choice", "options": ["1", "3"], "default": "3"],
            "count": ["type": "number", "default": 0],
            "share": ["type": "number", "default": 0.3],
            "flag": ["type": "boolean", "default": false],
            "window": ["type": "string", "default": "1d12h"],
            "list": ["type": "string", "default": "[1,\"b\"]"],
            "must": ["description": "Needed.", "type": "number", "required": true],
        ]
        for (name, input) in expected.objectValue?.members.map({ ($0, $1) }) ?? [] {
            #expect(file["on"]?["workflow_dispatch"]?["inputs"]?[name] == input, "\(name)")
        }
        let job = file["jobs"]?["integrate"]
        #expect(job?["permissions"] == ["contents": "read"])
        let with = job?["steps"]?.arrayValue?.last?["with"]
        let lines = (with?["params"]?.stringValue ?? "").split(separator: "\n")
        #expect(lines.count == 9)
        #expect(
            lines.first
                == "${{ toJSON(inputs.text) != 'null' && format('text={0}', inputs.text) || '' }}")
    }

    @Test("jobs have one group, least permissions, all of the history and no stored token")
    func rules() throws {
        let made = try Made()
        let mine = try document(made.at(Self.files[0]))
        let integrate = try document(made.at(Self.files[1]))
        #expect(mine["on"]?["schedule"] == [["cron": "0 */6 * * *"]])
        #expect(integrate["on"]?["schedule"] == [["cron": "0 2 * * *"]])
        #expect(integrate["on"]?.objectValue?.keys.contains("workflow_call") == true)
        let extract = try document(made.at(Self.files[2]))
        let form = extract["on"]?["workflow_dispatch"]?["inputs"]
        #expect(extract["on"]?["schedule"] == nil && form?["events"]?["type"] == "string")
        #expect(extract["jobs"]?["extract"]?["permissions"]?["issues"] == nil)
        let call = mine["jobs"]?["integrate"]
        #expect(call?["uses"] == "./.github/workflows/integrate.yml")
        #expect(call?["needs"] == "mine")
        #expect(call?["permissions"] == integrate["jobs"]?["integrate"]?["permissions"])
        let retrain = try document(made.at(Self.files[3]))
        #expect(retrain["on"]?["schedule"] == nil)
        #expect(retrain["on"]?["workflow_dispatch"]?["inputs"]?["preset"]?["type"] == "choice")
        // Of a file and one that it calls, both in one group, GitHub would end the first.
        for file in [mine, integrate, retrain, extract] { #expect(file["concurrency"] == nil) }
        #expect(call?["concurrency"] == nil)
        for (job, file) in [
            ("mine", mine), ("integrate", integrate), ("extract", extract), ("retrain", retrain),
        ] {
            #expect(file["permissions"] == [:])
            let job = file["jobs"]?[job]
            #expect(job?["concurrency"] == ["group": "flow", "cancel-in-progress": false])
            #expect(job?["permissions"]?["contents"] == "write")
            let steps = job?["steps"]?.arrayValue ?? []
            #expect(steps.first?["with"]?["fetch-depth"] == 0)
            #expect(steps.first?["with"]?["persist-credentials"] == false)
            #expect(steps.last?["uses"]?.stringValue == Self.action)
            // The weights of models, and nothing of models/ that git has.
            #expect(steps[1]["with"]?["path"] == ".flow\nmodels/[0-9a-f]*\n")
            for step in steps {
                let uses = step["uses"]?.stringValue ?? ""
                #expect(uses.split(separator: "@").last?.utf8.count == 40, "\(uses)")
            }
        }
    }

    @Test(
        "a schema accepts the files, and an auditor finds nothing in them",
        .enabled(if: Checker.areThere, Checker.hint))
    func accepted() throws {
        let made = try Made()
        let schema = { (name: String, file: String) in
            try Checker.checkJSONSchema(
                in: made.path, "--builtin-schema", "vendor.github-\(name)", file)
        }
        let action = Path.join(BuiltPrograms.checkout, "action.yml")
        #expect(try schema("actions", action).exit == 0)
        for file in Self.files {
            let result = try schema("workflows", file)
            #expect(result.exit == 0, "\(result)")
            #expect(try !Files.text(made.at(file)).contains("zizmor"))
        }
        for file in Self.files + [action] {
            let result = try Checker.zizmor(
                in: made.path, "--offline", "--no-progress", "--min-severity", "medium",
                "--persona",
                "pedantic", file)
            #expect(result.exit == 0, "\(result)")
        }
    }

    // MARK: Jobs that run

    /// A repository with a remote, as a job finds it, and what is left of a job.
    private struct Job {
        let folder: TemporaryFolder
        let program: TestProgram
        let remote: TestProgram

        /// - Parameter hasFlow: whether a flow is in `PATH`; else the action builds one.
        init(hasFlow: Bool) throws {
            folder = try TemporaryFolder()
            let flow = Demo.flow(in: folder.path)
            try flow("init", "made", "--sample", "--action", action).checked()
            let git = TestProgram("git", in: folder.path)
            try git("clone", "-q", "--bare", "made", "remote.git").checked()
            remote = git.at(folder.at("remote.git"))
            try Files.makeFolder(folder.at("home"))
            // Of flow's repository only what the action looks at; what make would build is here.
            let source = Path.join(BuiltPrograms.checkout, "action.yml")
            try folder.write("action/action.yml", try Files.text(source))
            try folder.write(
                "action/Makefile",
                """
                build:
                \tmkdir -p .build
                \tln -sfn \(BuiltPrograms.folder) .build/release
                \ttouch \(folder.at("built"))

                """)
            // actions/checkout is act's own; this one is not asked to do anything.
            try folder.write(
                "cache/action.yml",
                """
                name: cache
                description: Stands in for actions/cache, which needs a network.
                inputs: {path: {required: true}, key: {required: true}, restore-keys: {}}
                runs: {using: composite, steps: []}

                """)
            let path = (hasFlow ? [BuiltPrograms.folder] : []) + ["/usr/bin", "/bin"]
            program = Checker.act.program(
                in: folder.path,
                environment: [
                    "PATH": path.joined(separator: ":"), "HOME": folder.at("home"),
                ])
        }

        /// One event for one file, in a fresh clone.
        func run(_ event: String, _ file: String, _ words: [String] = []) throws -> TestResult {
            let clone = folder.at("clone")
            try Files.remove(clone)
            try TestProgram("git", in: folder.path)("clone", "-q", "remote.git", clone).checked()
            return try program.at(clone).run(
                [
                    event, "-W", ".github/workflows/\(file).yml", "-P",
                    "ubuntu-latest=-self-hosted", "--local-repository",
                    "\(action)=\(folder.at("action"))", "--local-repository",
                    "\(cache)=\(folder.at("cache"))", "--pull=false",
                ] + words)
        }

        /// The proposals that were pushed, with their commits.
        func proposals() throws -> [String] {
            let format = "--format=%(refname) %(objectname)"
            return try remote("for-each-ref", format, "refs/heads/proposal").checked().lines
        }
    }

    @Test(
        """
        mine.yml and the integrate.yml that it calls run from a fresh repository and push proposals; \
        a second time they propose nothing new
        """, .enabled(if: Checker.act.isThere, Checker.hint))
    func schedule() throws {
        let job = try Job(hasFlow: true)
        let first = try job.run("schedule", "mine")
        #expect(first.exit == 0, "\(first)")
        let proposals = try job.proposals()
        #expect(proposals.count == 20, "\(first)")
        let log = try job.remote("log", "--format=%an: %s", "main").lines
        #expect(log.first == "github-actions[bot]: Sync skills, dataset and catalog")
        let again = try job.run("schedule", "mine")
        #expect(again.exit == 0, "\(again)")
        #expect(try job.proposals() == proposals)
        #expect(try job.remote("fsck", "--strict").exit == 0)
        #expect(!Files.exists(job.folder.at("built")))
    }

    @Test(
        """
        integrate.yml runs by hand with the values of its form, which no shell reads, and on its \
        schedule without any; where no flow is in PATH the action builds its own
        """, .enabled(if: Checker.act.isThere, Checker.hint))
    func byHand() throws {
        let job = try Job(hasFlow: false)
        let run = try job.run("workflow_dispatch", "integrate", ["--input", "top=3"])
        #expect(run.exit == 0, "\(run)")
        #expect(try job.proposals().count == 3, "\(run)")
        #expect(Files.exists(job.folder.at("built")))
        let owned = job.folder.at("owned")
        for (input, mistake) in [
            ("top=none", "the param 'top' takes a whole number"),
            ("errors=\"; touch \(owned); $(touch \(owned)) `touch \(owned)`", "cannot read"),
        ] {
            let wrong = try job.run("workflow_dispatch", "integrate", ["--input", input])
            #expect(wrong.exit != 0)
            #expect((wrong.output + wrong.errors).contains(mistake), "\(wrong)")
        }
        #expect(!Files.exists(owned))
        let scheduled = try job.run("schedule", "integrate")
        #expect(scheduled.exit == 0, "\(scheduled)")
        #expect(try job.proposals().count == 20)
    }

    /// A line of the dataset with forty messages.
    private func line(_ number: Int) -> String {
        let texts = (0..<40).map { "\"case c\($0) of word\(number) and thing\(number)\"" }
        return """
            {"id": "GR-\(number)", "source": "manual", "kind": "guardrail", "input": \
            {"error_pattern": "pattern \(number)"}, "fingerprint": "f\(number)", "examples": \
            [\(texts.joined(separator: ", "))], "state": "approved"}

            """
    }

    @Test(
        """
        retrain.yml trains by hand from a fresh clone; where git keeps the weights, the next job \
        compares with the model in service and asks it
        """, .enabled(if: Checker.act.isThere, Checker.hint))
    func retrain() throws {
        let job = try Job(hasFlow: true)
        let made = TestProgram("git", in: job.folder.at("made"))
        func push(_ files: [(String, String)]) throws {
            for (path, text) in files { try job.folder.write("made/\(path)", text) }
            try made("add", "-A").checked()
            try made("commit", "-qm", "more").checked()
            try made("push", "-q", "../remote.git", "main").checked()
        }
        let path = "datasets/trm/erp_tasks.jsonl"
        try push([
            ("flow.yaml", "models: {store: git}\n"), (path, (1...4).map(line).joined()),
        ])
        let words = ["--input", "min_test_rows=10"]
        let first = try job.run("workflow_dispatch", "retrain", words)
        #expect(first.exit == 0, "\(first)")
        let weights = { try job.remote("ls-tree", "-r", "--name-only", "main", "models").lines }
        #expect(try weights().filter { $0.hasSuffix("/weights.bin") }.count == 1)
        try made("pull", "-q", "../remote.git", "main").checked()
        try push([(path, try Files.text(job.folder.at("made/\(path)")) + line(5))])
        let second = try job.run("workflow_dispatch", "retrain", words)
        #expect(second.exit == 0, "\(second)")
        let log = try job.remote("show", "main:models/registry.jsonl").checked().jsonLines
        #expect(log.count == 2)
        #expect(log[1]["compared"]?["with"] == log[0]["hash"], "\(log)")
        let fresh = Demo.flow(in: job.folder.path)
        try TestProgram("git", in: job.folder.path)("clone", "-q", "remote.git", "fresh").checked()
        let said = try fresh("-C", "fresh", "model", "predict", "case c3 of word2").checked()
        #expect(said.lines.first?.hasPrefix("GR-2") == true, "\(said)")
    }
}
