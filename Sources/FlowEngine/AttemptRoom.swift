package import FlowJSON
package import FlowSpec

/// What attempts share on this machine: how many may run at once, and the processors among which those
/// that say how many they want are packed.
package struct AttemptRoom: Sendable, Hashable {
    /// Attempts at once.
    package let attempts: Int
    package let processors: Int

    package init(attempts: Int, processors: Int) {
        self.attempts = attempts
        self.processors = processors
    }

    /// What a node's attempt takes of the processors; one that wants more than there are takes all.
    package func share(of node: Node) -> Int { min(node.resources.cpus ?? 1, processors) }

    /// Whether one more attempt of a node fits beside those that have taken so many processors. Whoever
    /// asks for more attempts than there are processors knows that most of them wait for something else,
    /// but what says that it needs processors gets them.
    package func fits(_ node: Node, beside used: Int) -> Bool {
        let limit = node.resources.cpus == nil ? mostCPUs : processors
        return used + share(of: node) <= limit
    }

    /// What can be taken at most, those counted that did not say.
    var mostCPUs: Int { max(attempts, processors) }

    /// As it stands in the log.
    package var facts: JSONObject {
        ["max_parallel": .integer(attempts), "processors": .integer(processors)]
    }

    /// - Returns: nil where the log does not say.
    package init?(_ facts: JSONObject) {
        guard let attempts = facts["max_parallel"]?.intValue,
            let processors = facts["processors"]?.intValue
        else { return nil }
        self.init(attempts: attempts, processors: processors)
    }
}
