internal import FlowEngine
internal import FlowJSON
internal import FlowSystem

/// Asks `flow-stage` of branches, since flow itself knows no git.
final class StageMergeWatch: MergeWatch {
    private let workspace: String
    private let lane: Lane
    /// Whether git has not answered in time once.
    private var isStuck = false
    /// The run stands still as long as git is asked. That is enough for a large fetch from a path, and
    /// short enough for a person who waits; a remote that hangs would take for ever.
    private static let patience = 30
    private static let doing = "ask git for branches"

    /// - Parameter lane: where git is asked; who cancels it ends the asking.
    init(workspace: String, lane: Lane) {
        self.workspace = workspace
        self.lane = lane
    }

    func look(at known: MergeLook) throws(EngineError) -> MergeLook {
        // Many gates of one run must not wait for the same remote one after the other.
        if isStuck { throw Self.late }
        let output = try ask(["merged", "--", JSON.object(known.branches).text()])
        guard let answer = (try? JSON.read(output))?.objectValue, let look = MergeLook(answer)
        else {
            throw Self.failure("flow-stage is of another version")
        }
        return look
    }

    private func ask(_ words: [String]) throws(EngineError) -> [UInt8] {
        let answer = try StageQuestion(
            words: words, workspace: workspace, patience: Self.patience, doing: Self.doing
        ).ask(on: lane)
        isStuck = answer.isLate
        if isStuck { throw Self.late }
        return answer.output
    }

    private static var late: EngineError { failure("git took longer than \(patience) seconds") }

    private static func failure(_ message: String) -> EngineError {
        EngineError(code: .storage, doing: doing, message: message)
    }
}
