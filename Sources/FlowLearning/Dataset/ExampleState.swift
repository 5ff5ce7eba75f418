/// How far a training example has come.
package enum ExampleState: String, Sendable, Hashable, CaseIterable {
    case pending, reviewed, approved, rejected
    case usedInTraining = "used_in_training"

    /// The states that may follow this one.
    ///
    /// A used example goes back to `approved` when its content changes; a rejected one only comes
    /// back through a second review.
    package var successors: Set<ExampleState> {
        switch self {
        case .pending: [.reviewed, .approved, .rejected]
        case .reviewed: [.approved, .rejected]
        case .approved: [.usedInTraining, .rejected]
        case .usedInTraining: [.approved, .rejected]
        case .rejected: [.reviewed]
        }
    }

    /// Whether a model may learn from an example in this state.
    package var isTrainable: Bool { self == .approved || self == .usedInTraining }

    /// Whether a person has looked at the example and not rejected it.
    package var isReviewed: Bool { self == .reviewed || isTrainable }
}
