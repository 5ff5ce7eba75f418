internal import FlowJSON
internal import FlowYAML
internal import FlowText

/// How long a node may take and how often it is tried, from `defaults` or from the node.
struct Limits {
    var timeout: Duration?
    var grace: Duration = .seconds(10)
    var retry = RetryPolicy()
}

/// Reads `timeout`, `grace` and `retry`.
struct LimitsReader {
    let findings: Findings

    private static let retryKeys = ["max-attempts", "delay", "factor", "max-delay", "jitter", "on"]
    private static let foreignKeys = [
        "backoff": "factor", "attempts": "max-attempts", "times": "max-attempts",
        "limit": "max-attempts", "retries": "max-attempts", "interval": "delay",
    ]
    /// Without `max-attempts`, as for the exit code 75.
    private static let attempts = 3

    enum Jitter: String, CaseIterable { case none, full }

    /// What the fields say; what they do not say is as before.
    func limits(_ fields: Fields, over defaults: Limits) -> Limits {
        var limits = defaults
        if let node = fields["timeout"] {
            limits.timeout = findings.duration(node, "'timeout'") ?? limits.timeout
        }
        if let node = fields["grace"] {
            limits.grace =
                findings.duration(node, "'grace'", allowingZero: true) ?? limits.grace
        }
        if let node = fields["retry"] { limits.retry = retry(node, over: limits.retry) }
        return limits
    }

    private func retry(_ node: YAMLNode, over defaults: RetryPolicy) -> RetryPolicy {
        guard let members = node.mapping else {
            findings.add(
                "'retry' takes a mapping such as {max-attempts: 3, delay: 2s}, not "
                    + node.described, at: node)
            return defaults
        }
        let fields = Fields(
            members, .init(known: Self.retryKeys, foreign: Self.foreignKeys), findings)
        let attempts = fields["max-attempts"].flatMap {
            findings.whole($0, "'max-attempts'", in: 1...1_000)
        }
        let delay = fields["delay"].flatMap {
            findings.duration($0, "'delay'", allowingZero: true)
        }
        let maxDelay = fields["max-delay"].flatMap { findings.duration($0, "'max-delay'") }
        let jitter = fields["jitter"].flatMap { findings.choice($0, "'jitter'", Jitter.self) }
        return RetryPolicy(
            maxAttempts: attempts
                ?? (defaults.maxAttempts > 1 ? defaults.maxAttempts : Self.attempts),
            delay: delay ?? defaults.delay,
            factor: fields["factor"].flatMap(factor) ?? defaults.factor,
            maxDelay: maxDelay ?? defaults.maxDelay,
            jitter: jitter.map { $0 == .none ? .none : .full } ?? defaults.jitter,
            causes: fields["on"].map(causes) ?? defaults.causes)
    }

    private func factor(_ node: YAMLNode) -> Double? {
        if node.scalar?.isPlain == true, let value = (try? node.json)?.doubleValue,
            (1...100).contains(value)
        {
            return value
        }
        findings.add("'factor' takes a number from 1 to 100, not \(node.described)", at: node)
        return nil
    }

    private func causes(_ node: YAMLNode) -> [RetryPolicy.Cause] {
        findings.texts(node, "'on'").compactMap { text, element in
            switch text {
            case "failure": return .failure
            case "timeout": return .timeout
            case "signal": return .signal
            default: break
            }
            if text.hasPrefix("exit:"), let code = Int(text.dropFirst(5)), (1...255).contains(code)
            {
                return .exit(code)
            }
            findings.add(
                "'on' takes failure, timeout, signal or exit:N with N from 1 to 255, not "
                    + VisibleText.quoted(text)
                    + Nearest.hint(text, among: ["failure", "timeout", "signal"]), at: element)
            return nil
        }
    }
}
