internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// The values that a run takes from outside the repository: secrets, and what `env-pass` asks for.
struct RunSecrets {
    let values: [(name: String, value: String)]
    let mask: SecretMask
    let dotEnv: [String: String]

    /// - Throws: `Misuse` that names every secret that is missing or too short.
    init(_ workflow: Workflow, root: String) throws {
        let asks = workflow.asksForEnvironment
        do {
            dotEnv = asks ? try DotEnv.read(in: root) : [:]
        } catch {
            throw Misuse("\(error)")
        }
        var values: [(name: String, value: String)] = []
        var mistakes: [String] = []
        let required = workflow.requiredSecrets
        for name in workflow.allSecrets {
            if let value = Environment[name] ?? dotEnv[name], !value.isEmpty {
                values.append((name, value))
            } else if required.contains(name) {
                mistakes.append(
                    "the secret \(name) is missing; give it in the environment (\(name)=… flow run "
                        + "…) or in the file .env at the repository's root")
            }
        }
        do {
            mask = try SecretMask(values)
        } catch {
            mistakes.append("\(error)")
            mask = .none
        }
        guard mistakes.isEmpty else { throw Misuse(mistakes.joined(separator: "\n")) }
        self.values = values
    }

    /// As expressions see them.
    var context: JSONObject { JSONObject(values.map { ($0.name, .string($0.value)) }) }
}

extension Workflow {
    /// Whether a secret or an `env-pass` stands in it or in a workflow that is one of its nodes.
    fileprivate var asksForEnvironment: Bool {
        everyWorkflow.contains { part in
            !part.secrets.isEmpty || part.nodes.contains { !$0.envPass.isEmpty }
        }
    }
}
