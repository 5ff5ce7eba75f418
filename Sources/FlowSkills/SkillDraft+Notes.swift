extension SkillDraft {
    /// What a reviewer should know: the evidence in words, why this kind, what approving does.
    package var notes: String {
        let words = ProposalWords(
            kind: kind, hits7d: evidence.hits7d, hits30d: evidence.hits30d, trend: evidence.trend,
            firstSeen: evidence.firstSeen, lastSeen: evidence.lastSeen, examples: examples.count,
            before: generatedAt)
        return (words.evidence + [kindSentence] + words.approval).joined(separator: "\n") + "\n"
    }

    private var kindSentence: String {
        if let word = evidence.kindChoice.because {
            return "A guardrail, because type or message speaks of \"\(word)\"; "
                + "a reviewer may change it."
        }
        return "A fixer, because nothing in type or message calls for a guardrail; "
            + "a reviewer may change it."
    }
}
