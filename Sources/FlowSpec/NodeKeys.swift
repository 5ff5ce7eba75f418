internal import FlowText
internal import FlowYAML

/// Which keys a node may have, by what it does.
enum NodeKeys {
    static let all = Fields.Keys(
        known: [
            "run", "uses", "approve", "name", "needs", "if", "with", "env", "env-pass", "secrets",
            "shell", "working-directory", "strategy", "pool", "executor", "resources", "timeout",
            "grace", "retry", "continue-on-error", "cache", "outputs",
        ],
        foreign: [
            "timeout-minutes": "timeout", "steps": "run", "runs-on": "executor",
            "matrix": "strategy", "concurrency": "pool", "depends-on": "needs", "script": "run",
            "command": "run",
        ])

    private static let ofGate = ["approve", "name", "needs", "if", "continue-on-error"]
    private static let ofWorkflow = [
        "uses", "name", "needs", "if", "with", "strategy", "continue-on-error",
    ]
    /// What a node does, of which it has one.
    private static let tasks = ["run", "uses", "approve"]

    /// Reports a node that does two things.
    static func checkTasks(_ fields: Fields, id: String, _ findings: Findings) {
        let given = tasks.filter { fields.key($0) != nil }
        guard let first = given.first else { return }
        for other in given.dropFirst() {
            guard let key = fields.key(other) else { continue }
            findings.add(
                "'\(id)' has both '\(first)' and '\(other)'; a node does one thing", at: key)
        }
    }

    /// Reports the keys of one thing that a node does where it does another.
    static func checkTaskKeys(_ fields: Fields, _ findings: Findings) {
        if let key = fields.key("shell"), fields["run"] == nil {
            findings.add("'shell' is for 'run'", at: key)
        }
        if let key = fields.key("with"), fields["uses"] == nil {
            findings.add(
                fields["run"] == nil
                    ? "'with' is for 'uses'"
                    : "'with' is for 'uses'; a command is given values in 'env'", at: key)
        }
    }

    /// Reports keys that mean nothing to a gate, with the place where what they ask for stands.
    static func checkGate(_ fields: Fields, _ findings: Findings) {
        for key in fields.keys {
            let name = key.scalar?.text ?? ""
            guard all.known.contains(name), !ofGate.contains(name), !tasks.contains(name) else {
                continue
            }
            switch name {
            case "timeout":
                findings.add(
                    "a gate's 'timeout' stands inside 'approve': approve: {timeout: 7d}", at: key)
            case "outputs":
                findings.add(
                    "a gate's outputs are the fields of its form; put them into 'form' inside "
                        + "'approve'", at: key)
            case "with", "shell": continue  // `checkTaskKeys` says for what they are
            default:
                findings.add(
                    "'\(name)' is for a command, and a gate starts none; leave it away", at: key)
            }
        }
    }

    /// Reports keys that mean nothing to a workflow as a node.
    static func checkWorkflow(_ fields: Fields, _ reference: String, _ findings: Findings) {
        for key in fields.keys {
            let name = key.scalar?.text ?? ""
            guard all.known.contains(name), !ofWorkflow.contains(name), !tasks.contains(name),
                name != "shell"
            else { continue }
            let place = VisibleText.safe(reference)
            findings.add(
                name == "outputs"
                    ? "the outputs of a workflow as a node are declared in \(place)"
                    : "'\(name)' is for a command; put it into the nodes of \(place)", at: key)
        }
    }
}
