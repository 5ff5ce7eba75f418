internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// Looks ahead at a run of this moment: with its params, this machine's environment and files, and the
/// results that are in the cache.
struct RunForesight {
    private let workflow: Workflow
    private let contexts: ContextBuilder
    private let missingSecrets: Set<String>
    /// nil: there are no earlier results.
    private let cache: AttemptCache?

    init(_ workflow: Workflow, params: JSONObject, _ session: Session) throws {
        self.workflow = workflow
        let now = SystemClock().now()
        let root = session.workspace.root
        let identity = RunIdentity(
            id: RunID.make(at: now), workflow: workflow.name, now: now, workspace: root,
            branch: session.workspace.branch ?? "")
        var secrets: RunSecrets?
        do {
            secrets = try RunSecrets(workflow, root: root)
        } catch let misuse as Misuse {
            Output.note("warning: flow run would refuse this: \(misuse)")
        }
        missingSecrets = secrets == nil ? Set(workflow.allSecrets) : []
        contexts = ContextBuilder(
            identity: identity, params: params, workflowEnv: workflow.env,
            secrets: secrets?.context ?? [:],
            content: { hash throws(EngineError) in
                throw EngineError(
                    code: .content, doing: "read \(hash)", message: "nothing has run")
            },
            hashFiles: { FileHash.of($0, below: root) })
        cache = try Self.cache(workflow, identity, secrets, session)
    }

    private static func cache(
        _ workflow: Workflow, _ identity: RunIdentity, _ secrets: RunSecrets?, _ session: Session
    ) throws -> AttemptCache? {
        let file = StateFolder.cacheDatabase(in: session.workspace.state)
        guard workflow.usesCache, Files.exists(file) else { return nil }
        var places = LocalExecutor.Places(
            workspace: identity.workspace, folder: "", stageProgram: Programs.stage,
            runID: identity.id, environment: Environment.all)
        places.dotEnv = secrets?.dotEnv ?? [:]
        return AttemptCache(
            ResultCacheStore(try session.state(), workspace: identity.workspace),
            workflow: workflow.name, version: Version.text, places: places)
    }

    /// - Parameter selection: the nodes that take part; nil: all.
    func forecast(selection: Set<String>?) -> Forecast {
        var forecaster = Forecaster(
            workflow, contexts: contexts, selection: selection, missingSecrets: missingSecrets,
            cache: cache.map { cache in
                { cache.foresee($0, after: $1) ?? .missed([CacheMiss.first]) }
            })
        return forecaster.run()
    }
}
