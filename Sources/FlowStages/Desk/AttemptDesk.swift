internal import FlowGit
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// What people and programs say from a terminal or a script: what came of a fix that was tried.
package enum AttemptDesk {
    /// Notes one try of a skill in the ledger on the default branch.
    /// - Returns: the commit.
    /// - Throws: `StageError` where there is no such skill, or it is a guardrail, which nobody tries.
    package static func record(
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
