internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// What is known of a node before any expression is looked at, so that expressions of other nodes
/// can be checked against it.
struct NodeDraft {
    var id: String
    var key: YAMLNode
    var fields: Fields
    var needs: [(id: String, node: YAMLNode)]
    var manifest: ActionManifest?
    var strategy: Fields?
    var outputs: [OutputDeclaration]
    var facts: NodeFacts
    /// Whether a key of a later version stands in for `run` or `uses`.
    var isLater: Bool
}

/// Reads nodes: first drafts of all, then each in full.
struct NodeReader {
    let findings: Findings
    let actions: any ActionSource
    /// What `uses` has named so far: many nodes may use one action.
    private var manifests: [String: Result<ActionManifest, ActionError>] = [:]

    init(findings: Findings, actions: any ActionSource) {
        self.findings = findings
        self.actions = actions
    }

    private static let keys = Fields.Keys(
        known: [
            "run", "uses", "name", "needs", "if", "with", "env", "shell", "working-directory",
            "strategy", "timeout", "grace", "retry", "continue-on-error", "outputs",
        ],
        later: [
            "approve", "env-pass", "secrets", "pool", "executor", "resources", "cache",
            "concurrency",
        ],
        foreign: [
            "timeout-minutes": "timeout", "steps": "run", "runs-on": "executor",
            "matrix": "strategy",
            "depends-on": "needs", "script": "run", "command": "run",
        ])

    private static let longestID = 100

    mutating func draft(_ key: YAMLNode, _ node: YAMLNode) -> NodeDraft? {
        let id = key.scalar?.text ?? ""
        if !ExpressionLexer.isName(id) {
            findings.add(
                "\(VisibleText.quoted(id)) is no id of a node: letters, digits, '_' and '-', a letter "
                    + "or '_' first", at: key)
        }
        if id.utf8.count > Self.longestID {
            findings.add(
                "an id of a node has at most \(Self.longestID) characters, since files are named by it",
                at: key)
        }
        guard let members = findings.mapping(node, "the node \(VisibleText.quoted(id))") else {
            return nil
        }
        let fields = Fields(members, Self.keys, findings)
        let manifest = fields["uses"].flatMap { action($0) }
        let strategy = fields["strategy"].flatMap { StrategyReader.fields($0, findings) }
        let needs = fields["needs"].map { findings.texts($0, "'needs'") } ?? []
        let declared = outputs(fields)
        var facts = NodeFacts(id: id, needs: needs.map(\.text))
        facts.outputs =
            fields["uses"] != nil
            ? manifest.map { $0.outputs.map(\.name) } : declared.map { $0.map(\.name) }
        facts.env = fields["env"]?.mapping?.compactMap { $0.key.scalar?.text } ?? []
        facts.hasMatrix = fields["strategy"] != nil
        facts.axes = strategy.flatMap(StrategyReader.axes)
        return NodeDraft(
            id: id, key: key, fields: fields, needs: needs.map { ($0.text, $0.node) },
            manifest: manifest, strategy: strategy,
            outputs: manifest?.outputs ?? declared ?? [], facts: facts,
            isLater: members.contains { $0.key.scalar?.text == "approve" })
    }

    private mutating func action(_ node: YAMLNode) -> ActionManifest? {
        guard let reference = findings.literalText(node, "'uses'") else { return nil }
        if reference.hasSuffix(".yaml") || reference.hasSuffix(".yml") {
            findings.add("a workflow as a node is not supported by this version of flow", at: node)
            return nil
        }
        let found = manifests[reference] ?? manifest(for: reference)
        manifests[reference] = found
        switch found {
        case .success(let manifest): return manifest
        case .failure(let error):
            findings.add(error.message, at: node)
            findings.add(error.diagnostics)
            return nil
        }
    }

    private func manifest(for reference: String) -> Result<ActionManifest, ActionError> {
        do throws(ActionError) {
            return .success(try actions.manifest(for: reference))
        } catch {
            return .failure(error)
        }
    }

    /// nil where `run` declares none: then any may come, as text.
    private func outputs(_ fields: Fields) -> [OutputDeclaration]? {
        guard let node = fields["outputs"] else { return nil }
        if fields["uses"] != nil, let key = fields.key("outputs") {
            findings.add("'outputs' is for 'run'; an action declares its own", at: key)
        }
        return OutputReader(findings: findings).declarations(node)
    }
}

extension NodeReader {
    /// The node in full; nil where it is not clear what it does.
    func node(_ draft: NodeDraft, _ knowledge: Scope.Knowledge, defaults: Limits) -> Node? {
        var knowledge = knowledge
        knowledge.node = draft.facts
        let fields = draft.fields
        func scope(
            _ place: String, _ contexts: Set<Scope.Context>, status: Bool = false,
            nodeEnv: Bool = false
        ) -> Scope {
            Scope(
                place: place, contexts: contexts, allowsStatus: status, seesNodeEnv: nodeEnv,
                knowledge: knowledge)
        }
        func templates(_ scope: Scope) -> TemplateReader {
            TemplateReader(findings: findings, scope: scope)
        }
        let before: Set<Scope.Context> = [.params, .needs, .env, .flow]
        let leg = before.union([.matrix, .strategy])
        let condition = fields["if"].flatMap {
            ConditionReader(
                findings: findings, templates: templates(scope("'if'", before, status: true))
            ).condition($0)
        }
        let strategy = StrategyReader(findings: findings, scope: scope("'strategy'", before))
        let matrix = draft.strategy.flatMap { strategyFields in
            fields["strategy"].flatMap {
                strategy.matrix(
                    $0, strategyFields, legScope: scope("'key'", before.union([.matrix])))
            }
        }
        let environment = EnvironmentReader(
            findings: findings, templates: templates(scope("'env'", leg.union([.secrets]))))
        let env = fields["env"].map(environment.variables) ?? []
        let folder = fields["working-directory"].map {
            self.folder($0, templates(scope("'working-directory'", leg, nodeEnv: true)))
        }
        let isTolerant = fields["continue-on-error"].map {
            templates(scope("'continue-on-error'", leg))
                .flag($0, "'continue-on-error'")
        }
        let limits = LimitsReader(findings: findings).limits(fields, over: defaults)
        let title = fields["name"].flatMap { findings.literalText($0, "'name'") }
        guard let work = work(draft, { templates(scope($0, leg, nodeEnv: true)) }) else {
            return nil
        }
        return Node(
            id: draft.id, title: title ?? draft.id, work: work, needs: draft.facts.needs,
            condition: condition, env: env, envPass: [], secrets: [], pool: nil,
            resources: Resources(), cache: nil, workingDirectory: folder, matrix: matrix,
            timeout: limits.timeout, grace: limits.grace, retry: limits.retry,
            continueOnError: isTolerant ?? .literal(false), outputs: draft.outputs,
            line: draft.key.start.line)
    }

    private func folder(_ node: YAMLNode, _ templates: TemplateReader) -> Template {
        guard let text = findings.text(node, "'working-directory'") else { return .literal(".") }
        if text.hasPrefix("/") || LexicalPath.climbsOut(text) {
            findings.add("\(VisibleText.quoted(text)) leads outside the repository", at: node)
        }
        return templates.text(node, keepingText: true)
    }

    private func work(_ draft: NodeDraft, _ templates: (_ place: String) -> TemplateReader) -> Work?
    {
        let fields = draft.fields
        if let run = fields["run"] {
            if let key = fields.key("uses") {
                findings.add(
                    "'\(draft.id)' has both 'run' and 'uses'; a node does one thing", at: key)
            }
            if let key = fields.key("with"), fields["uses"] == nil {
                findings.add("'with' is for 'uses'; a command is given values in 'env'", at: key)
            }
            return ScriptReader(findings: findings, templates: templates("'run'"))
                .work(run, shell: fields["shell"], shellKey: fields.key("shell"))
        }
        if let key = fields.key("shell") { findings.add("'shell' is for 'run'", at: key) }
        guard let uses = fields["uses"] else {
            if let key = fields.key("with") { findings.add("'with' is for 'uses'", at: key) }
            if !draft.isLater {
                findings.add(
                    "the node \(VisibleText.quoted(draft.id)) needs 'run' or 'uses'", at: draft.key)
            }
            return nil
        }
        let inputs = InputReader(findings: findings, templates: templates("'with'"))
        guard let manifest = draft.manifest else {
            fields["with"].map { _ = inputs.template($0) }
            return nil
        }
        return .uses(manifest, with: inputs.inputs(fields["with"], of: manifest, uses))
    }
}

/// Reads `with` and checks it against the action's manifest.
struct InputReader {
    let findings: Findings
    let templates: TemplateReader

    /// The template of all values, unchecked.
    func template(_ node: YAMLNode) -> Template {
        guard findings.mapping(node, "'with'") != nil else { return .literal([:]) }
        return templates.template(node)
    }

    /// - Parameter uses: where a missing input is reported.
    func inputs(_ node: YAMLNode?, of manifest: ActionManifest, _ uses: YAMLNode) -> Template {
        let template = node.map(template) ?? .literal([:])
        let members = node?.mapping ?? []
        var given: Set<String> = []
        for (key, value) in members {
            let name = key.scalar?.text ?? ""
            given.insert(name)
            guard let input = manifest.inputs.first(where: { $0.name == name }) else {
                findings.add(manifest.unknown(name), at: key)
                continue
            }
            check(value, input)
        }
        for input in manifest.inputs where input.isRequired && !given.contains(input.name) {
            findings.add(
                "\(manifest.reference) needs the input '\(input.name)'; give it in 'with'", at: uses
            )
        }
        return template
    }

    /// Checks a literal; what holds expressions is checked when it has a value.
    private func check(_ node: YAMLNode, _ input: ActionManifest.Input) {
        guard !Self.holdsExpression(node), let value = try? node.json else { return }
        if value.isNull {
            if input.isRequired { findings.add("'\(input.name)' is required", at: node) }
            return
        }
        do throws(ValueMistake) {
            _ = try input.parameter.checked(value)
        } catch {
            findings.add("'\(input.name)' \(error.message)", at: node)
        }
    }

    private static func holdsExpression(_ node: YAMLNode) -> Bool {
        switch node.value {
        case .scalar(let scalar): TemplateText.firstExpression(in: scalar.text) != nil
        case .sequence(let elements): elements.contains(where: holdsExpression)
        case .mapping(let members): members.contains { holdsExpression($0.value) }
        }
    }
}
