import FlowJSON
import FlowSpec
import FlowText

/// Actions that stand in no file.
struct MemoryActions: ActionSource {
    var manifests: [String: String] = [
        "skills/mine": """
        name: mine
        inputs:
          source: {type: string}
          min-hits: {type: integer, default: 3, minimum: 1, maximum: 100}
          window: {type: duration, default: 7d}
          mode: {type: string, enum: [fast, exact], required: false}
        outputs:
          count: {type: integer}
          candidates: {type: array}
        """,
        "git/propose": "inputs: {skills: {type: array}}\noutputs: {branches: {type: array}}\n",
        "skills/review": "outputs: [approved_count, teams, changes]",
        "skills/feedback": "outputs: {changes: {type: array}}",
        "dataset/sync": "inputs: {changes: {type: array}}",
    ]

    /// Workflows by their paths.
    var files: [String: String] = [:]

    func workflowFile(for reference: String) throws(ActionError) -> WorkflowFile {
        let path = String(reference.dropFirst(2))
        guard let text = files[path] else {
            throw ActionError("there is no file '\(reference)' in the repository")
        }
        return WorkflowFile(path: path, bytes: Array(text.utf8))
    }

    func manifest(for reference: String) throws(ActionError) -> ActionManifest {
        guard let text = manifests[reference] else {
            let hint = Nearest.hint(reference, among: manifests.keys.sorted())
            throw ActionError("there is no action '\(reference)'\(hint)")
        }
        do throws(DiagnosticList) {
            return try ActionManifest.read(
                Array(text.utf8), reference: reference, file: "\(reference).yaml")
        } catch {
            throw ActionError("'\(reference)' has mistakes", diagnostics: error.diagnostics)
        }
    }
}

/// The workflow that a text is.
func workflow(_ text: String, files: [String: String] = [:]) throws(DiagnosticList) -> Workflow {
    try Workflow.read(
        Array(text.utf8), file: "w.yaml", actions: MemoryActions(files: files))
}

/// `line:column message` of every mistake in a text.
func mistakes(_ text: String) -> [String] {
    do throws(DiagnosticList) {
        _ = try workflow(text)
        return []
    } catch {
        return error.diagnostics.map { "\($0.line):\($0.column) \($0.message)" }
    }
}

/// A workflow with one node `a`, whose keys these lines are; they begin in line 4, column 5.
func oneNode(_ lines: String) -> String {
    "flow: 1\nnodes:\n  a:\n"
        + lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }
        .joined()
}
