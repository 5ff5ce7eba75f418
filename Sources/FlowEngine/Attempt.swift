package import FlowJSON
package import FlowSpec
package import FlowSystem

/// One try at a leg, with every expression evaluated: all that is needed to start it.
///
/// A class, though nothing in it changes: it goes through many hands, and is large.
package final class Attempt: Sendable {
    /// What is to be started.
    package enum Program: Sendable, Hashable {
        case script(String, shell: Shell)
        case arguments([String])
        /// A stage of `flow-stage`, by its reference.
        case stage(String)
        /// A local action: its folder relative to the repository, and its command.
        case action(folder: String, command: [String])
    }

    package let leg: LegID
    package let nodeID: String
    /// What tells the leg from the others; empty where there is no matrix.
    package let legKey: String
    package let isMatrix: Bool
    /// From 1, lost attempts included.
    package let number: Int
    package let program: Program
    /// The evaluated `with`; null for `run`.
    package let input: JSON
    package let environment: [(name: String, value: String)]
    /// Relative to the repository; empty for its root.
    package let folder: String
    /// Names of flow's own environment, or of `.env`, that the command sees.
    package let envPass: [String]
    /// Whether a variable may hold a secret, so that nothing of the attempt's own files may stay.
    package let usesSecrets: Bool
    /// nil: no earlier result may stand for this one.
    package let cache: CacheQuery?
    package let timeout: Duration?
    package let grace: Duration
    package let outputs: [OutputDeclaration]
    /// The run's fixed time.
    package let now: Timestamp

    init(
        leg: LegID, nodeID: String, legKey: String, isMatrix: Bool, number: Int,
        program: Program, input: JSON, environment: [(name: String, value: String)],
        folder: String, envPass: [String], usesSecrets: Bool, cache: CacheQuery?,
        timeout: Duration?, grace: Duration, outputs: [OutputDeclaration], now: Timestamp
    ) {
        self.leg = leg
        self.nodeID = nodeID
        self.legKey = legKey
        self.isMatrix = isMatrix
        self.number = number
        self.program = program
        self.input = input
        self.environment = environment
        self.folder = folder
        self.envPass = envPass
        self.usesSecrets = usesSecrets
        self.cache = cache
        self.timeout = timeout
        self.grace = grace
        self.outputs = outputs
        self.now = now
    }
}

/// A node's `cache`, evaluated for one leg.
package struct CacheQuery: Sendable, Hashable {
    /// Globs, relative to the repository.
    package let inputs: [String]
    package let outputs: [String]
    package let key: JSON

    package init(inputs: [String], outputs: [String], key: JSON) {
        self.inputs = inputs
        self.outputs = outputs
        self.key = key
    }
}
