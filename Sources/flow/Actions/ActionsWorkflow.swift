internal import FlowJSON
internal import FlowSpec
internal import FlowText
internal import FlowYAML

/// A file of `.github/workflows/`: one of flow's workflows on its schedule under GitHub Actions.
///
/// Schedule, inputs and permissions are read from flow's workflow, so that the two say the same.
struct ActionsWorkflow {
    /// Of flow's workflow in `workflows/`, and of the file, without their endings.
    let name: String
    let workflow: Workflow
    /// flow's own action, as `uses:` names it.
    let action: String
    /// The file that is called when this one has succeeded; nil: none.
    var next: (name: String, workflow: Workflow)?
    /// Whether it can be called by another file, and by hand with the params as inputs.
    var takesInputs = false

    /// What GitHub takes of one file.
    private static let mostInputs = 25
    private static let checkout =
        "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
    private static let cache = "actions/cache@0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0"

    var text: String {
        var text = """
            # Made by flow init --action from workflows/\(name).yaml, whose schedule, params and stages it
            # repeats: after a change of these delete this file and run flow init --action again.
            name: \(name)

            on:
            \(triggers)
            permissions: {}

            jobs:
              \(name):
                runs-on: ubuntu-latest
                timeout-minutes: 60
                # One job at a time changes the repository, whichever file it is in.
                concurrency:
                  group: flow
                  cancel-in-progress: false
                permissions:
            \(Permissions(workflow).lines.indented(6))    steps:
                  - uses: \(Self.checkout)
                    with:
                      fetch-depth: 0               # verdicts are read from the history
                      persist-credentials: false   # only flow's own step gets the token
                  # What flow has read and counted, and the models' weights, where the repository's variable
                  # FLOW_CACHE is true: without it every job reads all the logs again, and finds the
                  # same, and has no model unless flow.yaml says models: {store: git}.
                  - if: vars.FLOW_CACHE == 'true'
                    uses: \(Self.cache)
                    with:
                      path: |
                        .flow
                        models/[0-9a-f]*
                      key: flow-${{ github.run_id }}-${{ github.run_attempt }}-${{ github.job }}
                      restore-keys: flow-
                  - uses: \(action)
                    with:
                      workflow: \(name).yaml

            """
        if takesInputs, !inputs.isEmpty {
            text += "          params: |\n" + inputs.map(Self.line).joined()
        }
        if let next {
            let permissions = Permissions(next.workflow).lines.indented(6)
            text += """

                  \(next.name):
                    needs: \(name)
                    uses: ./.github/workflows/\(next.name).yml
                    permissions:
                \(permissions)
                """
        }
        return text
    }

    private var triggers: String {
        let times = workflow.triggers["schedule"]?.arrayValue ?? []
        var text = times.isEmpty ? "" : "schedule:\n"
        for time in times {
            text += "  - cron: \"\(time["cron"]?.stringValue ?? "")\""
            if let zone = time["timezone"]?.stringValue, zone != "UTC" {
                text += "   # GitHub takes it for UTC; the workflow says \(VisibleText.safe(zone))"
            }
            text += "\n"
        }
        if takesInputs { text += "workflow_call:\n" }
        text += "workflow_dispatch:\n"
        if takesInputs, !inputs.isEmpty {
            let pairs = inputs.map { ($0.name, JSON.object(Self.input($0))) }
            text += "  inputs:\n" + YAMLText.write(.object(JSONObject(pairs))).indented(4)
        }
        return text.indented(2)
    }

    // MARK: Inputs

    private var inputs: ArraySlice<Parameter> { workflow.params.prefix(Self.mostInputs) }

    /// A param that is not given, as on a schedule, leaves a blank line, and so does an optional one
    /// of which the form gives nothing.
    private static func line(_ param: Parameter) -> String {
        let input = "inputs.\(param.name)"
        let blank =
            param.isRequired || param.defaultValue != nil
            ? "" : "toJSON(\(input)) != '\"\"' && "
        return "            ${{ toJSON(\(input)) != 'null' && \(blank)"
            + "format('\(param.name)={0}', \(input)) || '' }}\n"
    }

    private static func input(_ param: Parameter) -> JSONObject {
        var input = JSONObject()
        if let text = param.description { input["description"] = .string(text) }
        let options = param.allowed?.map { JSON.string(text(of: $0, param)) }
        switch param.kind {
        case _ where options != nil: input["type"] = "choice"
        case .integer, .number: input["type"] = "number"
        case .boolean: input["type"] = "boolean"
        case .string, .duration, .array, .object, .any: input["type"] = "string"
        }
        if let options { input["options"] = .array(options) }
        guard let value = param.defaultValue else {
            input["required"] = .bool(param.isRequired)
            return input
        }
        let isPlain = options == nil && [.integer, .number, .boolean].contains(param.kind)
        input["default"] = isPlain ? value : .string(text(of: value, param))
        return input
    }

    /// As `-p` takes it.
    private static func text(of value: JSON, _ param: Parameter) -> String {
        if param.kind == .duration, let seconds = value.doubleValue {
            return DurationText.text(seconds: seconds)
        }
        return value.stringValue ?? value.text()
    }
}

/// What the token of a job may do: what the stages of its workflow need, and no more.
private struct Permissions {
    private var isPushing = false
    private var opensPullRequests = false
    private var opensIssues = false

    init(_ workflow: Workflow) {
        for part in workflow.everyWorkflow {
            for node in part.nodes {
                guard case .uses(let manifest, _) = node.work else { continue }
                switch manifest.reference {
                case "git/push": isPushing = true
                case "github/pull-request": opensPullRequests = true
                case "github/issue": opensIssues = true
                default: break
                }
            }
        }
    }

    /// The members of `permissions`.
    var lines: String {
        var text =
            isPushing
            ? "contents: write        # git/push: proposals and the default branch\n"
            : "contents: read\n"
        if opensPullRequests { text += "pull-requests: write   # github/pull-request\n" }
        if opensIssues { text += "issues: write          # github/issue\n" }
        return text
    }
}

extension String {
    /// Every line that is not empty further to the right.
    fileprivate func indented(_ count: Int) -> String {
        let blanks = String(repeating: " ", count: count)
        return split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : blanks + $0 }.joined(separator: "\n")
    }
}
