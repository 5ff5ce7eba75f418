internal import FlowGit
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// What people and programs say from a terminal or a script: what came of a fix that was tried.
package enum AttemptDesk {
    /// So often another commit may come first; each time somebody else got on.
    private static let mostAttempts = 50

    /// Notes one try of a skill in the ledger on the default branch. Where the ledger changes meanwhile it
    /// is read anew, since a try that happened cannot be made again.
    /// - Returns: the commit.
    /// - Throws: `StageError` where there is no such skill, or it is a guardrail, which nobody tries.
    package static func record(
        _ id: String, success: Bool, note: String, in workspace: String
    ) throws -> String {
        for _ in 1..<mostAttempts {
            do {
                return try recordOnce(id, success: success, note: note, in: workspace)
            } catch let error as GitError where error.code == .changed {
                continue
            }
        }
        return try recordOnce(id, success: success, note: note, in: workspace)
    }

    private static func recordOnce(
        _ id: String, success: Bool, note: String, in workspace: String
    ) throws -> String {
        let settled = try SettledRepository(workspace)
        var view = try RepositoryView(settled)
        let skills = try view.skills()
        guard let skill = skills.find(id)?.skill else {
            let hint = Nearest.hint(id, among: skills.members.map(\.skill.id))
            throw StageError("there is no skill \(VisibleText.safe(id)) in skills/\(hint)")
        }
        guard skill.kind != .guardrail else {
            throw StageError(
                "\(id) is a guardrail, which is judged by its errors; only a fixer or a procedure is "
                    + "tried")
        }
        let line = LedgerEntry.AttemptLine(
            skill: id, time: SystemClock().now(), success: success,
            by: try view.repository.identity(view.signature).name, note: note)
        try view.append([.attempt(line)], to: try view.ledger())
        return try view.publish(
            settled, "Record a \(success ? "success" : "failure") of \(id)", note)
    }
}
