package import FlowJSON
package import FlowSpec
package import FlowSystem

/// One try at a leg, with every expression evaluated: all that is needed to start it.
package struct Attempt: Sendable {
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
    package let timeout: Duration?
    package let grace: Duration
    package let outputs: [OutputDeclaration]
    /// The run's fixed time.
    package let now: Timestamp
}
