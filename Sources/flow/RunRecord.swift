internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem

/// What `run.created` keeps, so that a run can go on without the files of that day: the workflow and
/// the manifests of its local actions by content, and so what it uses as nodes.
struct RunRecord {
    private let identity: RunIdentity
    private let workflow: Workflow
    private let bytes: [UInt8]
    private let params: JSONObject
    private let selection: Set<String>?

    init(
        _ identity: RunIdentity, _ workflow: Workflow, _ bytes: [UInt8], params: JSONObject,
        selection: Set<String>?
    ) {
        self.identity = identity
        self.workflow = workflow
        self.bytes = bytes
        self.params = params
        self.selection = selection
    }

    /// The data of `run.created`; the files go to the store first.
    func facts(keeping store: ContentFolder) throws -> JSONObject {
        var actions = JSONObject()
        for manifest in workflow.actions where manifest.folder != nil {
            actions[manifest.reference] = [
                "hash": .string(try store.put(manifest.source)),
                "folder": .string(manifest.folder ?? ""),
            ]
        }
        var facts: JSONObject = [
            "workflow": .string(workflow.name), "file": .string(workflow.file),
            "hash": .string(try store.put(bytes)), "params": .object(params),
            "trigger": "cli", "now": .string(identity.now.description),
            "workspace": .string(identity.workspace), "branch": .string(identity.branch),
            "flow": .string(Version.text),
        ]
        if !actions.isEmpty { facts["actions"] = .object(actions) }
        var workflows = JSONObject()
        for part in workflow.parts {
            workflows[part.reference] = [
                "hash": .string(try store.put(part.source)), "file": .string(part.workflow.file),
            ]
        }
        if !workflows.isEmpty { facts["workflows"] = .object(workflows) }
        if let selection { facts["selection"] = .array(selection.sorted().map(JSON.string)) }
        return facts
    }

    /// A run as its first event tells it.
    struct Restored {
        let workflow: Workflow
        let params: JSONObject
        let identity: RunIdentity
        let selection: Set<String>?
    }

    /// - Parameter workspace: where the repository is now; it may have moved since.
    static func restore(
        _ id: String, _ created: Event?, from store: ContentFolder, workspace: String
    ) throws -> Restored {
        guard let data = created?.data, created?.type == EventType.runCreated,
            let hash = data["hash"]?.stringValue, let file = data["file"]?.stringValue,
            let now = data["now"]?.stringValue.flatMap({ Timestamp($0) })
        else { throw Misuse("the log of \(id) does not begin as a run does", code: Program.failed) }
        var actions: [String: ActionManifest] = [:]
        for (reference, kept) in data["actions"]?.objectValue?.members.map({ $0 }) ?? [] {
            let source = try store.get(kept["hash"]?.stringValue ?? "")
            actions[reference] = try ActionManifest.read(
                source, reference: reference, file: reference,
                folder: kept["folder"]?.stringValue)
        }
        var workflows: [String: WorkflowFile] = [:]
        for (reference, kept) in data["workflows"]?.objectValue?.members.map({ $0 }) ?? [] {
            workflows[reference] = WorkflowFile(
                path: kept["file"]?.stringValue ?? reference,
                bytes: try store.get(kept["hash"]?.stringValue ?? ""))
        }
        let known = RecordedActions(
            stages: try BuiltinActions.all(), local: actions, workflows: workflows)
        let workflow = try Workflow.read(try store.get(hash), file: file, actions: known)
        return Restored(
            workflow: workflow, params: data["params"]?.objectValue ?? [:],
            identity: RunIdentity(
                id: id, workflow: workflow.name, now: now,
                workspace: workspace,
                branch: data["branch"]?.stringValue ?? ""),
            selection: (data["selection"]?.arrayValue).map { Set($0.compactMap(\.stringValue)) })
    }
}

/// The actions and workflows that a run has kept.
private struct RecordedActions: ActionSource {
    let known: [String: ActionManifest]
    let workflows: [String: WorkflowFile]

    init(
        stages: [ActionManifest], local: [String: ActionManifest],
        workflows: [String: WorkflowFile]
    ) {
        self.workflows = workflows
        known = Dictionary(stages.map { ($0.reference, $0) }) { first, _ in first }
            .merging(local) { _, own in own }
    }

    func manifest(for reference: String) throws(ActionError) -> ActionManifest {
        guard let manifest = known[reference] else {
            throw ActionError("the run has not kept the action \(reference)")
        }
        return manifest
    }

    func workflowFile(for reference: String) throws(ActionError) -> WorkflowFile {
        guard let file = workflows[reference] else {
            throw ActionError("the run has not kept the workflow \(reference)")
        }
        return file
    }
}

/// Names of runs: the time in UTC and three random bytes, so that they sort by time.
enum RunID {
    static func make(at time: Timestamp) -> String {
        let digits = time.rfc3339.filter(\.isNumber)
        let random = (0..<3).map { _ in UInt8.random(in: 0...255) }
        return "\(digits.prefix(8))-\(digits.suffix(6))-\(random.hex)"
    }
}
