internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// What is known of a node before any expression is looked at, so that expressions of other nodes
/// can be checked against it.
final class NodeDraft {
    let id: String
    let key: YAMLNode
    let fields: Fields
    let needs: [(text: String, node: YAMLNode)]
    let task: Task
    let strategy: Fields?
    let outputs: [OutputDeclaration]
    let facts: NodeFacts

    init(
        id: String, key: YAMLNode, fields: Fields, needs: [(text: String, node: YAMLNode)],
        task: Task, strategy: Fields?, outputs: [OutputDeclaration], facts: NodeFacts
    ) {
        self.id = id
        self.key = key
        self.fields = fields
        self.needs = needs
        self.task = task
        self.strategy = strategy
        self.outputs = outputs
        self.facts = facts
    }

    /// What the node does; nil inside where it could not be read, which has been reported.
    indirect enum Task {
        case command
        case action(ActionManifest?)
        case workflow(SubWorkflow?)
        case gate(Fields?, form: [Parameter])
        case nothing
    }
}

/// Reads nodes: first drafts of all, then each in full.
struct NodeReader {
    let findings: Findings
    let library: WorkflowLibrary
    /// What the workflow declares, which its nodes may name.
    let secrets: [String]
    let pools: [Pool]

    private static let longestID = 100

    func draft(_ key: YAMLNode, _ node: YAMLNode) -> NodeDraft? {
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
        guard let members = node.mapping else {
            _ = findings.mapping(node, "the node \(VisibleText.quoted(id))")
            return nil
        }
        let fields = Fields(members, NodeKeys.all, findings)
        let needs = fields["needs"].map { findings.texts($0, "'needs'") } ?? []
        let facts = NodeFacts(id: id, needs: needs.map(\.text))
        let (task, outputs) = task(fields, id)
        facts.outputs = outputs?.map(\.name)
        let variables = fields["env"]?.mapping ?? []
        facts.env = variables.compactMap { $0.key.scalar?.text }
        facts.secretEnv = variables.filter { Self.readsSecrets($0.value) }
            .compactMap { $0.key.scalar?.text }
        facts.secrets = fields["secrets"].map(nodeSecrets) ?? []
        let strategy = fields["strategy"].flatMap { StrategyReader.fields($0, findings) }
        facts.hasMatrix = fields["strategy"] != nil
        facts.axes = strategy.flatMap(StrategyReader.axes)
        return NodeDraft(
            id: id, key: key, fields: fields, needs: needs,
            task: task, strategy: strategy, outputs: outputs ?? [], facts: facts)
    }

    /// What the node does, and its outputs; nil where any may come, or where they are not known.
    private func task(_ fields: Fields, _ id: String) -> (NodeDraft.Task, [OutputDeclaration]?) {
        NodeKeys.checkTasks(fields, id: id, findings)
        if fields["run"] != nil {
            return (.command, fields["outputs"].map(OutputReader(findings: findings).declarations))
        }
        if let uses = fields["uses"] {
            guard let reference = findings.literalText(uses, "'uses'") else {
                return (.action(nil), nil)
            }
            if WorkflowLibrary.isWorkflow(reference) {
                let workflow = library.workflow(reference, at: uses, findings)
                return (.workflow(workflow), workflow?.outputs)
            }
            if let key = fields.key("outputs") {
                findings.add("'outputs' is for 'run'; an action declares its own", at: key)
            }
            let manifest = library.manifest(reference, at: uses, findings)
            return (.action(manifest), manifest?.outputs)
        }
        guard let approve = fields["approve"] else { return (.nothing, nil) }
        let reader = GateReader(findings: findings)
        let gate = reader.fields(approve)
        let form = reader.form(gate)
        let outputs = form.map {
            OutputDeclaration(name: $0.name, kind: $0.kind, description: $0.description)
        }
        return (.gate(gate, form: form), outputs)
    }

    private static func readsSecrets(_ value: YAMLNode) -> Bool {
        TemplateText.parts(of: value.scalar?.text ?? "").contains { part in
            guard case .expression(let source, _) = part,
                let expression = try? Expression.parse(source)
            else { return false }
            return expression.references.contains { $0.path[0].text.lowercased() == "secrets" }
        }
    }

    private func nodeSecrets(_ node: YAMLNode) -> [String] {
        EnvironmentNames(findings: findings).names(node, "'secrets'").map { name, element in
            if !secrets.contains(name) {
                let hint = Nearest.hint(name, among: secrets)
                findings.add(
                    "'\(name)' is not among the workflow's secrets"
                        + (hint.isEmpty ? "; declare it there: secrets: [\(name)]" : hint),
                    at: element)
            }
            return name
        }
    }
}

extension NodeReader {
    /// The node in full; nil where it is not clear what it does.
    func node(_ draft: NodeDraft, _ knowledge: Scope.Knowledge, defaults: Limits) -> Node? {
        let fields = draft.fields
        let scopes = NodeScopes(draft.facts, knowledge, findings)
        let condition = fields["if"].flatMap {
            ConditionReader(findings: findings, templates: scopes.condition).condition($0)
        }
        let matrix = draft.strategy.flatMap { strategy in
            fields["strategy"].flatMap {
                StrategyReader(findings: findings, scope: scopes.early("'strategy'"))
                    .matrix($0, strategy, legScope: scopes.key)
            }
        }
        let isTolerant = fields["continue-on-error"].map {
            scopes.leg("'continue-on-error'").flag($0, "'continue-on-error'")
        }
        let title = fields["name"].flatMap { findings.literalText($0, "'name'") }
        let command = command(draft, scopes, defaults)
        guard let work = work(draft, scopes) else { return nil }
        return Node(
            id: draft.id, title: title ?? draft.id, work: work, needs: draft.facts.needs,
            condition: condition, env: command.env, envPass: command.envPass,
            secrets: draft.facts.secrets, pool: command.pool, resources: command.resources,
            cache: command.cache, workingDirectory: command.folder, matrix: matrix,
            timeout: command.limits.timeout, grace: command.limits.grace,
            retry: command.limits.retry, continueOnError: isTolerant ?? .literal(false),
            outputs: draft.outputs, line: draft.key.start.line)
    }

    /// What only a node that starts commands has.
    private struct Command {
        var env: [Variable] = []
        var envPass: [String] = []
        var pool: String?
        var resources = Resources()
        var cache: CachePolicy?
        var folder: Template?
        var limits = Limits()
    }

    private func command(_ draft: NodeDraft, _ scopes: NodeScopes, _ defaults: Limits) -> Command {
        let fields = draft.fields
        NodeKeys.checkTaskKeys(fields, findings)
        switch draft.task {
        case .gate:
            NodeKeys.checkGate(fields, findings)
            return Command()
        case .workflow:
            let reference = fields["uses"]?.scalar?.text ?? ""
            NodeKeys.checkWorkflow(fields, reference, findings)
            return Command()
        case .command, .action, .nothing: break
        }
        let resources = ResourceReader(findings: findings)
        fields["executor"].map(resources.executor)
        return Command(
            env: fields["env"].map {
                EnvironmentReader(findings: findings, templates: scopes.environment).variables($0)
            } ?? [],
            envPass: fields["env-pass"].map(EnvironmentNames(findings: findings).passed) ?? [],
            pool: fields["pool"].flatMap {
                ConcurrencyReader(findings: findings).pool($0, among: pools)
            },
            resources: fields["resources"].map(resources.resources) ?? Resources(),
            cache: fields["cache"].flatMap {
                CacheReader(findings: findings, templates: scopes.cache).cache($0)
            },
            folder: fields["working-directory"].map {
                folder($0, scopes.leg("'working-directory'", nodeEnv: true))
            },
            limits: LimitsReader(findings: findings).limits(fields, over: defaults))
    }

    private func folder(_ node: YAMLNode, _ templates: TemplateReader) -> Template {
        guard let text = findings.text(node, "'working-directory'") else { return .literal(".") }
        if text.hasPrefix("/") || LexicalPath.climbsOut(text) {
            findings.add("\(VisibleText.quoted(text)) leads outside the repository", at: node)
        }
        return templates.text(node, keepingText: true)
    }

    private func work(_ draft: NodeDraft, _ scopes: NodeScopes) -> Work? {
        let fields = draft.fields
        if case .command = draft.task {
            return fields["run"].flatMap {
                ScriptReader(findings: findings, templates: scopes.leg("'run'", nodeEnv: true))
                    .work($0, shell: fields["shell"], shellKey: fields.key("shell"))
            }
        }
        let inputs = InputReader(
            findings: findings, templates: scopes.leg("'with'", nodeEnv: true))
        let with = fields["with"]
        switch draft.task {
        case .action(let manifest?):
            return fields["uses"].map {
                .uses(manifest, with: inputs.inputs(with, of: manifest.contract, $0))
            }
        case .workflow(let workflow?):
            return fields["uses"].map {
                .workflow(workflow, with: inputs.inputs(with, of: workflow.contract, $0))
            }
        case .action(nil), .workflow(nil):
            with.map { _ = inputs.template($0) }
            return nil
        case .gate, .nothing, .command: break
        }
        guard case .gate(let gate, let form) = draft.task else {
            findings.add(
                "the node \(VisibleText.quoted(draft.id)) needs 'run', 'uses' or 'approve'",
                at: draft.key)
            return nil
        }
        let branches = TemplateReader(findings: findings, scope: scopes.early("'branches'"))
        return gate.map {
            .approve(GateReader(findings: findings).gate($0, form: form, branches))
        }
    }
}
