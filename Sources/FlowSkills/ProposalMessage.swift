internal import FlowSystem

/// What a proposal's commit or pull request says to its reviewer.
package struct ProposalMessage: Sendable, Hashable {
    /// One line without others' markup: `Propose guardrail GR-9F3C2A1B: KeyError in sale`.
    package let subject: String
    /// Paragraphs, the last of which is flow's own, so that trailers can follow.
    package let body: String

    /// The message of a proposed skill, in the words of its own document.
    package init(_ skill: Skill) {
        subject = "Propose \(skill.kind.rawValue) \(skill.id): \(SkillName.title(skill.name))"
        var parts = [
            "Where (component), and what its messages have in common (template):",
            ForeignText.indented(skill.match.component),
            ForeignText.indented(skill.match.template),
        ]
        if !skill.examples.isEmpty {
            parts.append("As the programs wrote it, with secrets masked:")
            parts += skill.examples.map(ForeignText.indented)
        }
        parts.append("The evidence, and what approving does:")
        parts.append(ForeignText.indented(skill.notes))
        body = parts.joined(separator: "\n\n") + "\n"
    }

    /// Subject, blank line, body.
    package var text: String { subject + "\n\n" + body }
}
