internal import FlowJSON

extension ProposalMessage {
    /// The message of a proposal of a skill that came from elsewhere.
    /// - Parameter source: The name of the file or folder that it came from.
    package init(importing skill: Skill, from source: String) {
        subject = "Import \(skill.kind.rawValue) \(skill.id): \(SkillName.title(skill.name))"
        var parts = [
            "Imported by a person's command from:", ForeignText.indented(source),
            "Nothing in this repository says that it is right or harmless. Read all of the document "
                + "before you merge it: expression, action and steps first.",
        ]
        if let procedure = skill.procedure {
            let steps = procedure.steps.prefix(20).map { $0.name.isEmpty ? $0.type : $0.name }
            parts += ["Its steps:", ForeignText.indented(steps.joined(separator: "\n"))]
        } else {
            parts += [
                "Where (component), and what its messages have in common (template):",
                ForeignText.indented(skill.match.component),
                ForeignText.indented(skill.match.template),
            ]
        }
        parts.append(
            "Its status (\(skill.status.rawValue)) and confidence "
                + "(\(JSON.number(skill.metadata.confidence).text())) are those of where it was. Merging "
                + "approves it: the next run moves it to skills/, and what comes of it is counted from "
                + "then on.")
        body = parts.joined(separator: "\n\n") + "\n"
    }
}
