internal import FlowText
internal import FlowYAML

/// The actions and workflows that one reading meets, each read once.
///
/// A class because the readers of all files of one reading share it.
final class WorkflowLibrary {
    private let actions: any ActionSource
    private var manifests: [String: Result<ActionManifest, ActionError>] = [:]
    private var workflows: [String: Result<Entry, ActionError>] = [:]
    /// The files that are being read, each used by the one before.
    private var chain: [(name: String, bytes: [UInt8])] = []

    /// A workflow with what its use costs.
    private struct Entry {
        let workflow: Workflow
        let source: [UInt8]
        let weight: Weight
    }

    /// How deep workflows stand in each other, and how many nodes there are in all.
    private struct Weight {
        var height = 1
        var nodes: Int
    }

    /// Levels of workflows in workflows, the outermost included.
    static let deepest = 10
    /// Nodes in all, those of a workflow counted as often as it is used.
    static let largest = 1_000_000

    init(actions: any ActionSource) { self.actions = actions }

    /// Whether `uses:` names a workflow and not an action.
    static func isWorkflow(_ reference: String) -> Bool {
        reference.hasSuffix(".yaml") || reference.hasSuffix(".yml")
    }

    /// The manifest that `uses:` names; nil where it cannot be used, which is reported.
    func manifest(_ reference: String, at uses: YAMLNode, _ findings: Findings) -> ActionManifest? {
        let found = manifests[reference] ?? load(reference)
        manifests[reference] = found
        return value(of: found, at: uses, findings)
    }

    private func load(_ reference: String) -> Result<ActionManifest, ActionError> {
        do throws(ActionError) {
            return .success(try actions.manifest(for: reference))
        } catch {
            return .failure(error)
        }
    }

    /// The workflow that `uses:` names; nil where it cannot be used, which is reported.
    func workflow(_ reference: String, at uses: YAMLNode, _ findings: Findings) -> SubWorkflow? {
        let found: Result<Entry, ActionError>
        do throws(ActionError) {
            found = .success(try entry(reference))
        } catch {
            found = .failure(error)
        }
        return value(of: found, at: uses, findings).map {
            SubWorkflow(reference: reference, workflow: $0.workflow, source: $0.source)
        }
    }

    private func value<Value>(
        of found: Result<Value, ActionError>, at uses: YAMLNode, _ findings: Findings
    ) -> Value? {
        switch found {
        case .success(let value): return value
        case .failure(let error):
            findings.add(error.message, at: uses)
            findings.add(error.diagnostics)
            return nil
        }
    }

    private func entry(_ reference: String) throws(ActionError) -> Entry {
        let file = try actions.workflowFile(for: reference)
        // `uses` is resolved from the repository's root, so the same bytes use the same files.
        if let first = chain.firstIndex(where: { $0.bytes == file.bytes }) {
            let names = (chain[first...] + [chain[first]]).map(\.name)
            throw ActionError(
                "these workflows use each other in a circle: " + names.joined(separator: " -> "))
        }
        if workflows[file.path] == nil {
            try checkDepth(chain.count + 1)
            workflows[file.path] = load(file, reference)
        }
        guard let entry = try workflows[file.path]?.get() else {
            throw ActionError("the workflow \(VisibleText.quoted(reference)) cannot be read")
        }
        try checkDepth(chain.count + entry.weight.height)
        return entry
    }

    private func checkDepth(_ depth: Int) throws(ActionError) {
        if depth > Self.deepest {
            throw ActionError("workflows stand in each other deeper than \(Self.deepest) levels")
        }
    }

    private func load(_ file: WorkflowFile, _ reference: String) -> Result<Entry, ActionError> {
        do throws(DiagnosticList) {
            let workflow = try read(file.bytes, file: file.path)
            return .success(
                Entry(workflow: workflow, source: file.bytes, weight: weight(of: workflow)))
        } catch {
            return .failure(
                ActionError(
                    "the workflow \(VisibleText.quoted(reference)) has mistakes",
                    diagnostics: error.diagnostics))
        }
    }

    private func weight(of workflow: Workflow) -> Weight {
        var weight = Weight(nodes: workflow.nodes.count)
        for case .workflow(let part, _) in workflow.nodes.map(\.work) {
            guard case .success(let entry)? = workflows[part.workflow.file] else { continue }
            weight.height = max(weight.height, entry.weight.height + 1)
            weight.nodes += min(Self.largest, entry.weight.nodes)
        }
        return weight
    }

    /// Reads a workflow and all that it uses.
    func read(_ bytes: [UInt8], file: String) throws(DiagnosticList) -> Workflow {
        chain.append((file, bytes))
        defer { chain.removeLast() }
        let source = SourceFile(name: file, bytes: bytes)
        let root = try root(source)
        let findings = Findings(source: source)
        let workflow = WorkflowReader(findings: findings, library: self)
            .workflow(root.mapping ?? [], root, file: file)
        let nodes = weight(of: workflow).nodes
        if nodes > Self.largest {
            findings.add(
                "this workflow has more than \(Self.largest) nodes, those of the workflows that it "
                    + "uses included", at: root)
        }
        try findings.finish()
        return workflow
    }

    /// The mapping that a workflow is.
    private func root(_ source: SourceFile) throws(DiagnosticList) -> YAMLNode {
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try PlainConditions.read(source.bytes)
        } catch {
            throw DiagnosticList([source.diagnostic(error)])
        }
        if let root = document.root, root.mapping != nil { return root }
        let mark = document.root?.start
        throw DiagnosticList([
            source.diagnostic(
                line: mark?.line ?? 1, column: mark?.column ?? 1,
                "a workflow is a mapping that begins with 'flow: 1'")
        ])
    }
}

extension SubWorkflow {
    /// Names of the workflow's outputs; their values have the kinds that they come with.
    var outputs: [OutputDeclaration] {
        workflow.outputs.map { OutputDeclaration(name: $0.name, kind: .string, description: nil) }
    }
}
