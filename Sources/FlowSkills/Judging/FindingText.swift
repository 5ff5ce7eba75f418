internal import FlowJSON

/// A finding in words: "boosted: expected 23.3 in 7 days, saw 4; rate ratio 0.17 (0.05–0.44);
/// halved with probability 0.98".
struct FindingText {
    let text: String

    init(_ judgement: Judgement, series: JudgedSeries) {
        var parts: [String] = []
        let days = judgement.days == 1 ? "1 day" : "\(judgement.days) days"
        if judgement.rateRatio == nil, judgement.interval == nil {
            parts.append(
                series.before.isEmpty
                    ? "no day before its deployment is known"
                    : "no day after its deployment is known")
        } else {
            parts.append(
                "expected \(Self.number(judgement.expected, 1)) in \(days), saw \(judgement.seen)")
        }
        if let ratio = judgement.rateRatio, let interval = judgement.interval {
            parts.append(
                "rate ratio \(Self.number(ratio, 2)) "
                    + "(\(Self.number(interval.low, 2))–\(Self.number(interval.high, 2)))")
        }
        parts.append("halved with probability \(Self.probability(judgement.confidence))")
        if judgement.isControlled == false {
            parts.append("the errors to compare with are too few and not used")
        }
        if judgement.unread > 0 {
            parts.append("nothing was read for \(judgement.unread) days, so it fades")
        }
        if judgement.look == nil { parts.append("the first look is after 7 days") }
        if judgement.priorSkills < JudgingPrior.many {
            let skills = judgement.priorSkills == 1 ? "skill" : "skills"
            parts.append("what is usual rests on \(judgement.priorSkills) judged \(skills)")
        }
        let because =
            judgement.returned == nil ? "" : " (the error is back)"
        text = "\(judgement.finding.rawValue)\(because): " + parts.joined(separator: "; ")
    }

    /// Never 0 or 1, which nothing is.
    private static func probability(_ value: Double) -> String {
        if value > 0.99 { return "above 0.99" }
        return value < 0.01 ? "below 0.01" : number(value, 2)
    }

    private static func number(_ value: Double, _ places: Int) -> String {
        value.isFinite ? JSON.number(value.rounded(places: places)).text() : "∞"
    }
}
