internal import FlowSystem

extension SkillDraft {
    /// What a reviewer should know: the evidence in words, why this kind, what approving does.
    package var notes: String {
        (evidenceSentences + [kindSentence] + approvalSentences).joined(separator: "\n") + "\n"
    }

    /// Counts, window and trend in sentences, free of other people's text.
    var evidenceSentences: [String] {
        var sentences = [
            "Seen \(times(evidence.hits7d)) in the 7 and \(times(evidence.hits30d)) in the 30 "
                + "closed days (UTC) before \(generatedAt.date).",
            trendSentence,
        ]
        if let first = evidence.firstSeen, let last = evidence.lastSeen {
            sentences.insert("First seen \(first.rfc3339), last seen \(last.rfc3339).", at: 1)
        }
        let shown = examples.count
        sentences.append(
            shown == 0
                ? "No example message is kept."
                : "\(shown == 1 ? "One example message is" : "\(shown) example messages are") kept, "
                    + "with secrets masked; message_regex matches each.")
        return sentences
    }

    private var trendSentence: String {
        let expected = (Double(evidence.hits30d) * 7 / 30).rounded(places: 1)
        switch evidence.trend {
        case .increasing: return "It is increasing: 7 steady days would have brought \(expected)."
        case .decreasing: return "It is decreasing: 7 steady days would have brought \(expected)."
        case .stable: return "The counts show no trend: 7 steady days would bring \(expected)."
        }
    }

    /// Why this kind was chosen.
    var kindSentence: String {
        if let word = evidence.kindChoice.because {
            return "A guardrail, because type or message speaks of \"\(word)\"; "
                + "a reviewer may change it."
        }
        return "A fixer, because nothing in type or message calls for a guardrail; "
            + "a reviewer may change it."
    }

    /// What follows from a merge.
    var approvalSentences: [String] {
        switch kind {
        case .guardrail, .procedure:
            [
                "Merging approves it: the next run moves it to skills/ with status approved, and "
                    + "from then on counts whether the error comes less often."
            ]
        case .fixer:
            [
                "The script does not exist yet: write it before the skill is applied. It starts "
                    + "with dry_run and safe_mode on.",
                "Merging approves it: the next run moves it to skills/ with status approved, and "
                    + "from then on counts whether the error comes less often.",
            ]
        }
    }

    private func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
}
