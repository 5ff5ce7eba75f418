internal import FlowJSON
internal import FlowYAML
internal import FlowText

extension Workflow {
    /// The version of the language that this flow reads.
    package static let languageVersion = 1

    /// Reads a workflow file. Costs O(its size); nothing in it or beside it is executed.
    ///
    /// - Parameters:
    ///   - file: the path for messages.
    ///   - actions: what `uses:` may name.
    /// - Throws: every mistake of the file, and of the manifests and workflows that it uses.
    package static func read(_ bytes: [UInt8], file: String, actions: any ActionSource)
        throws(DiagnosticList) -> Workflow
    {
        try WorkflowLibrary(actions: actions).read(bytes, file: file)
    }
}

/// Reads the parts of a workflow file.
struct WorkflowReader {
    let findings: Findings
    let library: WorkflowLibrary

    private static let keys = Fields.Keys(
        known: [
            "flow", "name", "description", "on", "params", "env", "secrets", "concurrency",
            "defaults", "pools", "nodes", "outputs",
        ],
        foreign: [
            "jobs": "nodes", "steps": "nodes", "tasks": "nodes", "inputs": "params",
            "version": "flow",
            "vars": "params",
        ])

    func workflow(
        _ members: [(key: YAMLNode, value: YAMLNode)], _ root: YAMLNode, file: String
    ) -> Workflow {
        let fields = Fields(members, Self.keys, findings)
        version(fields, root)
        var knowledge = Scope.Knowledge()
        let params =
            fields["params"].map {
                ParameterReader(findings: findings, role: "param").parameters($0, of: "'params'")
            } ?? []
        knowledge.params = params.map(\.name)
        knowledge.env = fields["env"]?.mapping?.compactMap { $0.key.scalar?.text } ?? []
        let (secrets, optional) =
            fields["secrets"].map(SecretsReader(findings: findings).secrets) ?? ([], [])
        let shared = ConcurrencyReader(findings: findings)
        let pools = fields["pools"].map(shared.pools) ?? []
        let reader = NodeReader(
            findings: findings, library: library, secrets: secrets, pools: pools)
        let nodes = self.nodes(fields, root, reader, &knowledge)
        let concurrency = fields["concurrency"].flatMap {
            shared.concurrency($0, templates("'concurrency'", [.params, .flow], knowledge))
        }
        let env = fields["env"].map {
            EnvironmentReader(
                findings: findings,
                templates: templates("the workflow's 'env'", [.params, .flow], knowledge)
            ).variables($0)
        }
        let outputs = fields["outputs"].map {
            self.outputs($0, templates("'outputs'", [.params, .needs, .flow], knowledge))
        }
        return Workflow(
            name: fields["name"].flatMap { findings.literalText($0, "'name'") }
                ?? Self.name(of: file),
            description: fields["description"].flatMap { findings.text($0, "'description'") },
            file: file, params: params,
            triggers: fields["on"].map(TriggerReader(findings: findings).triggers) ?? .null,
            env: env ?? [], secrets: secrets, optionalSecrets: optional,
            concurrency: concurrency, pools: pools, nodes: nodes,
            places: Self.places(nodes), outputs: outputs ?? [], warnings: findings.warnings)
    }

    private static func places(_ nodes: [Node]) -> [String: Int] {
        var places: [String: Int] = [:]
        places.reserveCapacity(nodes.count)
        for (place, node) in nodes.enumerated() { places[node.id] = place }
        return places
    }

    private func templates(
        _ place: String, _ contexts: Set<Scope.Context>, _ knowledge: Scope.Knowledge
    ) -> TemplateReader {
        TemplateReader(
            findings: findings,
            scope: Scope(place: place, contexts: contexts, knowledge: knowledge))
    }

    /// `mine` of `workflows/mine.yaml`.
    private static func name(of file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return String(name[..<dot])
    }

    private func version(_ fields: Fields, _ root: YAMLNode) {
        guard let node = fields["flow"] else {
            findings.add(
                "'flow: 1' is missing, which says the version of the language", at: root)
            return
        }
        switch findings.json(node) {
        case .integer(Workflow.languageVersion)?, nil: return
        case .integer(let version)?:
            findings.add(
                "this file is written in version \(version) of the language; this flow reads "
                    + "version \(Workflow.languageVersion)", at: node)
        default: findings.add("'flow' takes the version 1, not \(node.described)", at: node)
        }
    }

    private func outputs(_ node: YAMLNode, _ templates: TemplateReader) -> [Variable] {
        (findings.mapping(node, "'outputs'") ?? []).compactMap { key, value in
            let name = key.scalar?.text ?? ""
            guard ExpressionLexer.isName(name) else {
                findings.add(
                    "\(VisibleText.quoted(name)) is no name of an output: letters, digits, '_' and "
                        + "'-', a letter or '_' first", at: key)
                return nil
            }
            return Variable(name: name, value: templates.template(value))
        }
    }
}

extension WorkflowReader {
    private func nodes(
        _ fields: Fields, _ root: YAMLNode, _ reader: NodeReader,
        _ knowledge: inout Scope.Knowledge
    ) -> [Node] {
        let limits = defaults(fields)
        guard let node = fields["nodes"] else {
            findings.add("'nodes' is missing: a workflow has at least one node", at: root)
            return []
        }
        guard let members = findings.mapping(node, "'nodes'") else { return [] }
        if members.isEmpty { findings.add("a workflow has at least one node", at: node) }
        var drafts: [NodeDraft] = []
        drafts.reserveCapacity(members.count)
        for (key, value) in members {
            if let draft = reader.draft(key, value) { drafts.append(draft) }
        }
        findings.refuseLikeNames(members.map(\.key), "the id")
        knowledge.nodeNames = members.map { $0.key.scalar?.text ?? "" }
        checkNeeds(drafts, names: knowledge.nodeNames)
        knowledge.nodes.reserveCapacity(drafts.count)
        for draft in drafts { knowledge.nodes[draft.id] = draft.facts }
        return drafts.compactMap { reader.node($0, knowledge, defaults: limits) }
    }

    private func defaults(_ fields: Fields) -> Limits {
        guard let node = fields["defaults"], let members = findings.mapping(node, "'defaults'")
        else {
            return Limits()
        }
        let keys = Fields.Keys(known: ["timeout", "grace", "retry"])
        return LimitsReader(findings: findings)
            .limits(Fields(members, keys, findings), over: Limits())
    }

    /// Costs O(nodes + needs), and of a file with many wrong needs not much more.
    private func checkNeeds(_ drafts: [NodeDraft], names: [String]) {
        var places: [String: Int] = [:]
        places.reserveCapacity(drafts.count)
        for at in drafts.indices where places[drafts[at].id] == nil { places[drafts[at].id] = at }
        // The last draft that named a node, so that a second time is seen.
        var namedBy = [Int](repeating: -1, count: drafts.count)
        var edges: [[Int]] = []
        edges.reserveCapacity(drafts.count)
        for at in drafts.indices {
            let id = drafts[at].id
            var needed: [Int] = []
            needed.reserveCapacity(drafts[at].needs.count)
            for need in drafts[at].needs {
                guard let place = places[need.text] else {
                    if !names.contains(need.text) { missing(need, of: id, names) }
                    continue
                }
                if place == at {
                    findings.add("'\(id)' cannot need itself", at: need.node)
                } else if namedBy[place] == at {
                    findings.add("\(VisibleText.quoted(need.text)) is named twice", at: need.node)
                } else {
                    namedBy[place] = at
                    needed.append(place)
                }
            }
            edges.append(needed)
        }
        for circle in Cycles.find(edges) { report(circle, drafts) }
    }

    private func missing(
        _ need: (text: String, node: YAMLNode), of id: String, _ names: [String]
    ) {
        // Whoever has so many mistakes is not helped by one more guess, and each looks at all names.
        let hint =
            findings.diagnostics.count < 100
            ? Nearest.hint(need.text, among: names.lazy.filter { $0 != id }) : ""
        findings.add("there is no node \(VisibleText.quoted(need.text))\(hint)", at: need.node)
    }

    private func report(_ circle: [Int], _ drafts: [NodeDraft]) {
        guard let first = circle.first else { return }
        let ids = (circle + [first]).map { drafts[$0].id }
        let need = drafts[first].needs.first { $0.text == ids[1] }
        findings.add(
            "these nodes need each other in a circle: \(ids.joined(separator: " -> "))",
            at: need?.node ?? drafts[first].key)
    }
}
