internal import FlowGit

/// A built-in action.
package protocol Stage: SendableMetatype {
    /// As `uses:` names it.
    static var reference: String { get }
    static func run(_ context: StageContext) throws
}

/// The stages that there are.
package enum Stages {
    private static let all: [any Stage.Type] = [
        MineStage.self, ExtractStage.self, EnrichStage.self, ProposeStage.self, ReviewStage.self,
        FeedbackStage.self, DatasetSyncStage.self, CatalogSyncStage.self, CommitStage.self,
        FetchStage.self, PushStage.self, PullRequestStage.self, IssueStage.self,
        ModelCheckStage.self, ModelTrainStage.self, ModelDeployStage.self, ProblemsStage.self,
        CallStage.self,
    ]

    package static var references: [String] { all.map { $0.reference } }

    /// Whether what failed may go well a moment later: a remote that could not be reached, a tool that
    /// said so.
    package static func mayPass(_ error: any Error) -> Bool {
        (error as? GitError)?.code == .unreachable || (error as? ToolFailure)?.mayPass == true
    }

    /// Sees to it that a signal which ends this program leaves no half of a fetch. Call it first.
    package static func tidyUpWhenStopped() { UnfinishedPacks.goWithProcess() }

    /// Runs one stage by the node contract.
    /// - Throws: whatever keeps it from its work; it has handed over nothing then.
    package static func run(
        _ reference: String, environment: [String: String],
        say: @escaping @Sendable (String) -> Void
    ) throws {
        guard let stage = all.first(where: { $0.reference == reference }) else {
            throw StageError(
                "there is no stage '\(reference)'; there are " + references.joined(separator: ", "))
        }
        try PullRequestEvents.refuseToWrite(reference, environment)
        let context = try StageContext(reference, environment: environment, say: say)
        try stage.run(context)
        try context.finish()
    }
}
