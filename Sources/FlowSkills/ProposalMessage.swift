internal import FlowSystem

/// What a proposal's commit or pull request says to its reviewer.
package struct ProposalMessage: Sendable, Hashable {
    /// One line without others' markup: `Propose guardrail GR-9F3C2A1B: KeyError in sale`.
    package let subject: String
    /// Paragraphs, the last of which is flow's own, so that trailers can follow.
    package let body: String

    /// The message of a draft.
    package init(_ draft: SkillDraft) {
        subject = "Propose \(draft.kind.rawValue) \(draft.id): \(SkillName.title(draft.name))"
        var parts = [
            draft.evidenceSentences.joined(separator: "\n"),
            "Where (component), and what its messages have in common (template):",
            ForeignText.indented(draft.evidence.component),
            ForeignText.indented(draft.evidence.template),
        ]
        if !draft.examples.isEmpty {
            parts.append("As the programs wrote it, with secrets masked:")
            parts += draft.examples.map(ForeignText.indented)
        }
        parts.append(draft.kindSentence)
        parts.append(draft.approvalSentences.joined(separator: "\n"))
        body = parts.joined(separator: "\n\n") + "\n"
    }

    /// Subject, blank line, body.
    package var text: String { subject + "\n\n" + body }
}
