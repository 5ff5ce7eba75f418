internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// What of `flow skills` flow does itself, since it runs a workflow.
struct OwnSkillsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow skills", abstract: "The library of skills.",
        subcommands: [SkillsApplyCommand.self])
    func run() -> Int32 { Program.succeeded }
}

struct SkillsApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Go through a procedure again, with other values.",
        discussion: """
            Makes a workflow with a node a step and runs it. What does a step is told by tools in
            flow.yaml; else it is the program of the tool's name. How it ended is noted in the ledger.
            """,
        examples: [
            ("flow skills apply PR-1A2B3C4D -p path=a.txt", "runs it, and notes how it ended"),
            ("flow skills apply read-to-commit --plan -p path=a.txt", "what would run"),
            ("flow skills apply PR-1A2B3C4D --out workflows/fix.yaml", "the workflow, to edit"),
        ])

    @Argument(help: "the procedure's id or name", valueName: "id|name", isRequired: false)
    var name: [String]
    @Option(name: ["-p", "--param"], help: "a parameter", valueName: "name=value")
    var param: [String]
    @Option(help: "extract it from this log, in place of taking it from skills/", valueName: "file")
    var events: String?
    @Option(
        help: "read it from this document, or line of flow skills extract --json",
        valueName: "file")
    var document: String?
    @Flag(help: "only say what would run, and why") var plan: Bool
    @Option(
        help: "only write the workflow into a new file; - is standard output", valueName: "file")
    var out: String?
    @Flag(help: "note nothing in the ledger") var noRecord: Bool
    @Flag(help: "print the run, or the plan, as JSON; progress goes to standard error")
    var json: Bool

    private static let command = "flow skills apply"

    func run() throws -> Int32 {
        try check()
        let processGuard = plan || out != nil ? nil : try ProcessGuard()
        let session = try Session()
        let draft = try ProcedureDraft(
            name.first ?? "", events: events, document: document, session.workspace.root)
        let workflow = try draft.read(session)
        if let out { return try write(draft, to: out) }
        let params = try workflow.bind(arguments: try Pairs.read(param, option: "-p"))
        guard let processGuard else {
            try RunPlan(workflow, params: params, session, selection: nil).show(asJSON: json)
            return Program.succeeded
        }
        let new = try NewRun(
            workflow, draft.bytes, params: params, session: session, processGuard: processGuard)
        var report = try new.carryOut(
            RunStore(session.state()), capacity: ProcessImage.processors, asJSON: json)
        let record = noRecord ? nil : draft.record(report, session.workspace.root)
        report.more = [
            "procedure": draft.json, "recorded": record?.commit.map(JSON.string) ?? .null,
        ]
        let code = report.finish(asJSON: json)
        if let record { Output.note(VisibleText.safe(record.sentence)) }
        return code
    }

    private func check() throws {
        guard name.count <= 1 else { throw usage("one procedure is applied at a time") }
        guard !name.isEmpty || document != nil else {
            throw usage("missing <id|name>: the procedure's id or name")
        }
        guard events == nil || document == nil else {
            throw usage("--events and --document exclude each other")
        }
        guard out == nil || (!plan && param.isEmpty && !json) else {
            throw usage("with --out nothing runs: values are given to flow run, or flow plan")
        }
    }

    private func usage(_ message: String) -> UsageError {
        UsageError(message, command: Self.command)
    }

    private func write(_ draft: ProcedureDraft, to path: String) throws -> Int32 {
        if path == "-" {
            Output.print(draft.text, terminator: "")
        } else {
            guard Files.kind(path) == nil else {
                throw Misuse(
                    "\(VisibleText.safe(path)) is there already; remove it, or name another")
            }
            try Files.makeFolder(Path.folder(path))
            try Files.write(draft.text, to: path)
            Output.note("\(VisibleText.safe(path)) is written; flow plan says what it would run")
        }
        return Program.succeeded
    }
}

/// The workflow of a procedure, as `flow-stage` makes it.
private struct ProcedureDraft {
    let text: String
    private let id: String?
    private let name: String
    private let version: String
    var bytes: [UInt8] { Array(text.utf8) }

    var json: JSON {
        [
            "id": id.map(JSON.string) ?? .null, "name": .string(name),
            "version": .string(version),
        ]
    }

    /// Reading a long log takes a while.
    private static let patience = 3600

    /// - Throws: `Misuse` where nothing does one of the steps.
    init(_ wanted: String, events: String?, document: String?, _ root: String) throws {
        func absolute(_ path: String) -> String {
            Path.join(Files.workingFolder, path)
        }
        var words = ["skills", "apply"]
        if let events { words += ["--events", absolute(events)] }
        if let document { words += ["--document", absolute(document)] }
        if !wanted.isEmpty { words += ["--", wanted] }
        let question = StageQuestion(
            words: words, workspace: root, patience: Self.patience, doing: "find the procedure")
        let answer = try question.ask(on: Lane(processGuard: nil))
        guard !answer.isLate, let said = try? JSON.read(answer.output),
            let text = said["workflow"]?.stringValue
        else { throw question.failure("flow-stage gave no workflow; is it of another version?") }
        for problem in said["problems"]?.arrayValue ?? [] {
            Output.note("warning: " + VisibleText.safe(problem.stringValue ?? ""))
        }
        let mistakes = (said["mistakes"]?.arrayValue ?? []).compactMap(\.stringValue)
        name = said["name"]?.stringValue ?? ""
        guard mistakes.isEmpty else {
            throw Misuse(
                "nothing here does some steps of \(name):\n"
                    + mistakes.joined(separator: "\n"))
        }
        self.text = text
        id = said["id"]?.stringValue
        version = said["version"]?.stringValue ?? ""
    }

    /// The workflow, checked as any other.
    func read(_ session: Session) throws -> Workflow {
        _ = try session.settings()
        return try Workflow.read(
            bytes, file: "flow skills apply \(id ?? name)", actions: try session.actions())
    }

    /// Notes in the ledger how a run of it ended.
    /// - Returns: the commit, nil where nothing was noted, and a sentence on that.
    func record(_ report: RunReport, _ root: String) -> (commit: String?, sentence: String) {
        guard let id else { return (nil, "not noted in the ledger: it is none of skills/") }
        let status = report.ending.status
        guard status == .success || status == .failure else {
            return (nil, "not noted in the ledger: the run did not come to its end")
        }
        let isSuccess = status == .success
        let question = StageQuestion(
            words: [
                "feedback", "record", isSuccess ? "--success" : "--failure", "--json",
                "--note", "version \(version), run \(report.run)", "--", id,
            ], workspace: root, patience: 60, doing: "note it in the ledger")
        do {
            let answer = try question.ask(on: Lane(processGuard: nil))
            guard !answer.isLate,
                let commit = (try? JSON.read(answer.output))?["commit"]?.stringValue?.prefix(7)
            else { return (nil, "not noted in the ledger: git did not answer") }
            let what = isSuccess ? "success" : "failure"
            return (String(commit), "\(id): \(what) noted in \(commit)")
        } catch {
            return (nil, "not noted in the ledger: \(error)")
        }
    }
}
