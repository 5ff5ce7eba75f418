package import FlowJSON

/// What an expression may look at.
package struct EvaluationContext: Sendable {
    /// The contexts by name: `params`, `needs`, `matrix`, `strategy`, `env`, `flow`.
    package var values: JSONObject
    /// What the status functions answer; nil where they are not allowed.
    package var status: Status?
    /// The SHA-256 over the files that the patterns match, as GitHub's `hashFiles`; nil where files
    /// cannot be looked at.
    package var hashFiles: (@Sendable ([String]) -> String)?

    /// What is not known yet, by its path in lower case, such as `["needs", "a", "outputs"]`, or by the
    /// name of a function. To read it, or what holds it, is an error of kind unknown.
    package var unknown: Set<[String]> = []

    /// The answers of the status functions.
    package struct Status: Sendable, Hashable {
        package var success: Bool
        package var failure: Bool
        package var cancelled: Bool

        package init(success: Bool, failure: Bool, cancelled: Bool) {
            self.success = success
            self.failure = failure
            self.cancelled = cancelled
        }
    }

    package init(
        values: JSONObject, status: Status? = nil,
        hashFiles: (@Sendable ([String]) -> String)? = nil
    ) {
        self.values = values
        self.status = status
        self.hashFiles = hashFiles
    }
}
