internal import FlowSystem

/// What a proposal says of its evidence and of what follows from a merge, in flow's own words.
struct ProposalWords {
    let kind: Skill.Kind
    let hits7d: Int
    let hits30d: Int
    /// nil: unknown.
    let trend: Trend?
    let firstSeen: Timestamp?
    let lastSeen: Timestamp?
    let examples: Int
    /// The moment before which the closed days lie; nil where the document does not say.
    let before: Timestamp?

    /// Counts, times, trend and examples.
    var evidence: [String] {
        let days = before.map { " closed days (UTC) before \($0.date)" } ?? " days before"
        var sentences = [
            "Seen \(Self.times(hits7d)) in the 7 and \(Self.times(hits30d)) in the 30\(days)."
        ]
        if let firstSeen, let lastSeen {
            sentences.append("First seen \(firstSeen.rfc3339), last seen \(lastSeen.rfc3339).")
        }
        return sentences + trendSentences + [exampleSentence]
    }

    private var trendSentences: [String] {
        guard let trend else { return [] }
        let expected = trend.expected7d.rounded(places: 1)
        switch trend.way {
        case .increasing:
            return ["It is increasing: 7 steady days would have brought \(expected)."]
        case .decreasing:
            return ["It is decreasing: 7 steady days would have brought \(expected)."]
        case .stable:
            return ["The counts show no trend: 7 steady days would bring \(expected)."]
        }
    }

    private var exampleSentence: String {
        switch examples {
        case 0: "No example message is kept."
        case 1: "One example message is kept, with secrets masked; message_regex matches it."
        default:
            "\(examples) example messages are kept, with secrets masked; message_regex matches each."
        }
    }

    /// What follows from a merge.
    var approval: [String] {
        let merge =
            "Merging approves it: the next run moves it to skills/ with status approved, and from "
            + "then on counts whether the error comes less often."
        guard kind == .fixer else { return [merge] }
        return [
            "The script does not exist yet: write it before the skill is applied. It starts with "
                + "dry_run and safe_mode on.", merge,
        ]
    }

    private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
}
