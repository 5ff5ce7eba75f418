internal import FlowArguments
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a repository that is ready to run, or complete one.",
        discussion: "Adds what is missing and overwrites nothing.",
        examples: [
            ("flow init demo --sample", "a new repository with sample errors"),
            ("flow init .", "completes the repository you are in"),
            (
                "flow init . --action OWNER/REPO@SHA",
                "adds workflows of GitHub Actions; OWNER/REPO is flow's own repository"
            ),
        ])

    @Argument(help: "the repository's folder", valueName: "folder") var folder = "."
    @Flag(help: "add real sample errors, their dates laid out over the last 35 days") var sample:
        Bool
    @Option(
        help: "add .github/workflows/, which use flow's action at this commit",
        valueName: "owner/repo@sha")
    var action: String?
    @Option(help: "the moment the sample's dates end at; now unless given", valueName: "time")
    var now: String?
    @Flag(help: "print what was added as JSON") var json: Bool

    /// The branch of a new repository.
    private static let newBranch = "main"

    private func refuseBare() throws {
        let isBare = ["HEAD", "objects", "refs"].allSatisfy {
            Files.exists(Path.join(folder, $0))
        }
        guard !isBare else {
            throw Misuse(
                "\(VisibleText.safe(folder)) is a bare repository, which has no files; "
                    + "clone it and run flow init in the clone")
        }
    }

    /// Follows the workflows that the repository has, else those that it is about to get.
    private func addActions(
        _ action: ActionReference, from shared: String, to outline: inout RepositoryOutline
    ) throws {
        let root = try Files.real(folder)
        let files = OutlineFiles(root: root, shared: try Files.real(shared))
        let library = ActionLibrary(stages: try BuiltinActions.all(), root: root, files: files)
        func read(_ name: String) throws -> Workflow {
            let path = files.place(of: Path.join(root, "workflows/\(name).yaml"))
            return try Workflow.read(
                Files.read(path, limit: 16 << 20), file: path, actions: library)
        }
        let integrate = try read("integrate")
        outline.add(
            ActionsWorkflow(
                name: "mine", workflow: try read("mine"), action: action.text,
                next: (name: "integrate", workflow: integrate)))
        outline.add(
            ActionsWorkflow(
                name: "integrate", workflow: integrate, action: action.text, takesInputs: true))
        outline.add(
            ActionsWorkflow(
                name: "extract", workflow: try read("extract"), action: action.text,
                takesInputs: true))
        outline.add(
            ActionsWorkflow(
                name: "retrain", workflow: try read("retrain"), action: action.text,
                takesInputs: true))
    }

    func run() throws -> Int32 {
        guard let shared = SharedFiles.folder else {
            throw Misuse(
                "the files that come with flow are not beside it (share/flow); see flow doctor",
                code: Program.failed)
        }
        guard let stage = Programs.stage else {
            throw Misuse("flow-stage is not beside flow; see flow doctor", code: Program.failed)
        }
        let end = now.map { Timestamp($0) } ?? SystemClock().now()
        guard let end else { throw UsageError("--now takes a time such as 2026-11-20T02:00:00Z") }
        let action = try action.map { text throws(UsageError) in try ActionReference(text) }
        try Files.makeFolder(folder)
        try refuseBare()
        var outline = RepositoryOutline()
        let isRepository = Files.exists(Path.join(folder, ".git"))
        let branch =
            isRepository
            ? try Workspace(around: folder, stateOverride: nil).branch : Self.newBranch
        guard let branch else {
            throw Misuse(
                "no branch is checked out in \(VisibleText.safe(folder)); "
                    + "git switch to the default one first", code: Program.failed)
        }
        try outline.addBasics(from: shared, branch: branch)
        if sample {
            outline.add(
                samples: try SampleLayout(folder: Path.join(shared, "datasets/samples"))
                    .files(endingAt: end))
        }
        if let action { try addActions(action, from: shared, to: &outline) }
        let added = try outline.write(to: folder)
        let report = try Files.workingFolder == folder ? folder : Files.real(folder)
        if added.isEmpty { Output.note("\(VisibleText.safe(report)) has everything already") }
        try ProcessImage.replace(
            with: stage,
            ["command", "init-repository", report] + (json ? ["--json"] : []) + ["--"] + added)
    }
}

/// The files of a repository that is being made: its own, and those that it is about to get.
private struct OutlineFiles: RepositoryFiles {
    let root: String
    /// Has `workflows/` as the repository will.
    let shared: String

    func realPath(_ path: String) -> String? {
        if let real = try? Files.real(path) { return real }
        let path = Path.normal(path)
        return Files.exists(place(of: path)) ? path : nil
    }

    func read(_ path: String) -> [UInt8]? { DiskFiles().read(place(of: path)) }

    func place(of path: String) -> String {
        let folder = Path.join(root, "workflows") + "/"
        if Files.exists(path) || !path.hasPrefix(folder) { return path }
        return Path.join(shared, "workflows/" + path.dropFirst(folder.count))
    }
}
