internal import FlowText
internal import FlowYAML

/// Reads lists of names of environment variables: `secrets` and `env-pass`.
struct EnvironmentNames {
    let findings: Findings

    /// What the node contract sets.
    static let reserved: Set<String> = [
        "FLOW_INPUT", "FLOW_OUTPUT", "FLOW_EVENTS", "FLOW_SUMMARY", "FLOW_RUN_ID", "FLOW_NODE",
        "FLOW_LEG", "FLOW_ATTEMPT", "FLOW_NOW", "FLOW_IDEMPOTENCY_KEY", "FLOW_WORKSPACE",
        "FLOW_TMP", "GITHUB_OUTPUT", "GITHUB_EVENT_NAME",
    ]

    static func isName(_ text: String) -> Bool {
        ExpressionLexer.isName(text) && !text.utf8.contains(UInt8(ascii: "-"))
    }

    /// One name or a list of them, each once.
    func names(_ node: YAMLNode, _ what: String) -> [(text: String, node: YAMLNode)] {
        findings.names(node, what).filter { text, element in
            if Self.isName(text) { return true }
            findings.add(Self.complaint(text), at: element)
            return false
        }
    }

    static func complaint(_ text: String) -> String {
        "\(VisibleText.quoted(text)) is no name of an environment variable: letters, digits and "
            + "'_', no digit first"
    }

    /// What a node asks to see of flow's own environment.
    func passed(_ node: YAMLNode) -> [String] {
        names(node, "'env-pass'").compactMap { text, element in
            if Self.reserved.contains(text) {
                findings.add("'\(text)' is set by flow itself and cannot be passed", at: element)
            } else if let reason = Self.refusal(text) {
                findings.add("'\(text)' is never handed to a node: \(reason)", at: element)
            } else {
                return text
            }
            return nil
        }
    }

    /// Why a variable of the CI's own stays with flow.
    private static func refusal(_ name: String) -> String? {
        switch name {
        case "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE":
            "what is written there changes the steps of the job after flow"
        case "GITHUB_TOKEN":
            "a token is a secret; declare it in 'secrets' and give it to the node in 'env'"
        case let name where name.hasPrefix("ACTIONS_"):
            "it belongs to the runner of GitHub Actions and opens its services"
        default: nil
        }
    }
}
