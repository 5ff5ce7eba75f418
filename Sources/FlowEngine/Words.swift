/// How a node ended.
package enum NodeResult: String, Sendable, Hashable {
    case success, failure, cancelled, skipped
}

/// How a run stands.
package enum RunStatus: String, Sendable, Hashable {
    case running, waiting, interrupted, success, failure, cancelled
    /// Only of an imported run, whose log does not say how it ended.
    case unknown

    /// Whether the run has ended for good.
    package var isFinal: Bool {
        switch self {
        case .success, .failure, .cancelled, .unknown: true
        case .running, .waiting, .interrupted: false
        }
    }
}

/// The types of event that the engine writes; commands add others under dotted names of their own.
package enum EventType {
    package static let runCreated = "run.created"
    package static let runStarted = "run.started"
    package static let runWaiting = "run.waiting"
    package static let runResumed = "run.resumed"
    package static let runCancelling = "run.cancelling"
    package static let runFinished = "run.finished"
    package static let nodeReady = "node.ready"
    package static let nodeExpanded = "node.expanded"
    package static let nodeFinished = "node.finished"
    package static let nodeOutput = "node.output"
    package static let approvalRequested = "approval.requested"
    package static let approvalChecked = "approval.checked"
    package static let approvalDecided = "approval.decided"
    package static let attemptStarted = "attempt.started"
    package static let attemptFinished = "attempt.finished"
    package static let attemptRetrying = "attempt.retrying"

    /// Whether commands may not write events of this type.
    package static func isReserved(_ type: String) -> Bool {
        ["run.", "node.", "attempt.", "approval."].contains { type.hasPrefix($0) }
    }
}
