internal import FlowArguments
internal import FlowEngine
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// What a command works with: the place, the state, the actions.
struct Session {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace(
            around: Files.workingFolder, stateOverride: Environment["FLOW_STATE"])
    }

    /// The state folder, in which nothing runs any more that a killed flow had started.
    func state() throws -> StateFolder {
        let state = try StateFolder(workspace.state)
        RunMarks(state).sweepAbandoned()
        return state
    }

    /// Whether there is a store of runs.
    var hasRun: Bool { Files.exists(Path.join(workspace.state, "runs.db")) }

    /// The runs so far; nothing is made where flow has never run.
    func runs() throws -> RunStore {
        try checkHasRun()
        return try RunStore(state())
    }

    /// The runs so far, to look at: also where this user may only read them.
    func history() throws -> RunStore {
        try checkHasRun()
        let state = try StateFolder(reading: workspace.state)
        guard state.obstacle == nil else { return try RunStore(state) }
        RunMarks(state).sweepAbandoned()
        do {
            return try RunStore(state)
        } catch  where error.code == .full {
            // SQLite wants room for its index; what there is can be read without.
            return try RunStore(StateFolder(state, obstacle: error))
        }
    }

    private func checkHasRun() throws {
        guard hasRun else {
            throw Misuse("flow has not run here yet; start a workflow with flow run")
        }
    }

    func actions() throws -> ActionLibrary {
        ActionLibrary(
            stages: try BuiltinActions.all(), root: workspace.root, files: DiskFiles())
    }

    /// The repository's own settings; nothing is set where the file is missing.
    func settings() throws -> RepositorySettings {
        let path = Path.join(workspace.root, RepositorySettings.file)
        guard Files.exists(path) else { return RepositorySettings() }
        return try RepositorySettings(try Files.read(path, limit: 1 << 20))
    }

    // MARK: Workflows

    /// The path of a workflow that is named by a path or by a name.
    func find(workflow name: String) throws -> String {
        let candidates = ["", "workflows/"].flatMap { folder in
            ["", ".yaml", ".yml"].map { folder + name + $0 }
        }
        let places = candidates + candidates.map { Path.join(workspace.root, $0) }
        if let path = places.first(where: { Files.kind($0, following: true) == .file }) {
            return path
        }
        if let other = places.first(where: { Files.kind($0, following: true) != nil }) {
            throw Misuse("\(VisibleText.safe(other)) is no file; a workflow is a YAML file")
        }
        let known = (try? Files.list(Path.join(workspace.root, "workflows"))) ?? []
        throw Misuse(
            "there is no workflow \(VisibleText.safe(name)), neither here nor in workflows/"
                + Nearest.hint(name, among: known))
    }

    /// Reads a workflow, with every mistake in it.
    /// - Parameter begin: called with the file's bytes before they are understood.
    func read(workflow name: String, begin: ([UInt8]) -> Void = { _ in })
        throws -> (workflow: Workflow, bytes: [UInt8])
    {
        let path = try find(workflow: name)
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, limit: 64 << 20)
        } catch {
            throw Misuse("\(error)")
        }
        begin(bytes)
        return (try Workflow.read(bytes, file: path, actions: try actions()), bytes)
    }

    /// What works in a workflow, and is hardly what was meant; in the files that it uses too, and between
    /// these and the other workflows of the repository.
    func warnings(_ workflow: Workflow, _ bytes: [UInt8]) -> [Diagnostic] {
        guard !workflow.allPools.isEmpty else { return workflow.allWarnings }
        var files = [WorkflowFile(path: workflow.file, bytes: bytes)]
        for part in workflow.parts where !files.contains(where: { $0.path == part.workflow.file }) {
            files.append(WorkflowFile(path: part.workflow.file, bytes: part.source))
        }
        return workflow.allWarnings + PoolSizes.warnings(files, among: others(than: files))
    }

    /// The workflows in `workflows/` that stand in none of these files.
    private func others(than files: [WorkflowFile]) -> [WorkflowFile] {
        let known = files.flatMap { [$0.path, Path.join(workspace.root, $0.path)] }
            .compactMap { try? Files.real($0) }
        let folder = Path.join(workspace.root, "workflows")
        return ((try? Files.list(folder)) ?? []).compactMap { name in
            let path = Path.join(folder, name)
            guard name.hasSuffix(".yaml") || name.hasSuffix(".yml"),
                let real = try? Files.real(path), !known.contains(real),
                let bytes = try? Files.read(path, limit: 16 << 20)
            else { return nil }
            return WorkflowFile(path: "workflows/\(name)", bytes: bytes)
        }
    }

    /// Reads a workflow, and says on standard error what in it is hardly what was meant.
    func readWarning(workflow name: String, begin: ([UInt8]) -> Void = { _ in })
        throws -> (workflow: Workflow, bytes: [UInt8])
    {
        // Its mistakes are better known before a run than at its gate.
        _ = try settings()
        let (workflow, bytes) = try read(workflow: name, begin: begin)
        let warnings = warnings(workflow, bytes)
        for warning in warnings { Output.note(warning.description) }
        DiagnosticAnnotations.note(warnings)
        return (workflow, bytes)
    }
}

/// The disk, as the reader of actions needs it.
struct DiskFiles: RepositoryFiles {
    func realPath(_ path: String) -> String? { try? Files.real(path) }
    func read(_ path: String) -> [UInt8]? { try? Files.read(path, limit: 16 << 20) }
}

/// The programs that stand beside this one.
enum Programs {
    /// `flow-stage`, beside flow's own executable or in `PATH`.
    static var stage: String? { beside("flow-stage") }

    /// The folder of flow's own executable.
    static var folder: String? {
        (try? Files.real("/proc/self/exe")).map(Path.folder)
    }

    private static func beside(_ name: String) -> String? {
        if let folder {
            let path = Path.join(folder, name)
            if Files.isExecutable(path) { return path }
        }
        return Command.find(name, path: Environment["PATH"] ?? "")
    }
}
