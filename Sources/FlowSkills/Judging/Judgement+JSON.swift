package import FlowJSON

extension Judgement {
    /// `{id, finding, rate_ratio, interval, confidence, p_boost, p_reduce, look, days, expected, seen,
    /// returned, controlled, prior_skills, reason}`; null where a number does not exist or is
    /// infinite. `returned` counts days after deployment from 1. The confidence is never 0 or 1,
    /// which nothing is.
    package var json: JSON {
        func number(_ value: Double) -> JSON { .number(value.rounded(places: 4)) }
        // p-values are compared with small bounds and so keep their digits.
        return [
            "id": .string(id), "finding": .string(finding.rawValue),
            "rate_ratio": rateRatio.map(number) ?? .null,
            "interval": interval.map { .array([number($0.low), number($0.high)]) } ?? .null,
            "confidence": number(min(0.9999, max(0.0001, confidence))), "p_boost": .number(pBoost),
            "p_reduce": .number(pReduce), "look": look.map(JSON.integer) ?? .null,
            "days": .integer(days),
            "expected": number(expected), "seen": .integer(seen),
            "returned": returned.map { .integer($0 - firstDay + 1) } ?? .null,
            "controlled": isControlled.map(JSON.bool) ?? .null,
            "prior_skills": .integer(priorSkills), "reason": .string(reason),
        ]
    }
}
