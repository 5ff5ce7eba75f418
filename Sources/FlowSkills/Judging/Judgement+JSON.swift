package import FlowJSON

extension Judgement {
    /// `{id, finding, rate_ratio, interval, confidence, p_boost, p_reduce, look, expected, seen,
    /// prior_skills, reason}`; null where a number does not exist or is infinite.
    package var json: JSON {
        func number(_ value: Double) -> JSON { .number(value.rounded(places: 4)) }
        // p-values are compared with small bounds and so keep their digits.
        return [
            "id": .string(id), "finding": .string(finding.rawValue),
            "rate_ratio": rateRatio.map(number) ?? .null,
            "interval": interval.map { .array([number($0.low), number($0.high)]) } ?? .null,
            "confidence": number(confidence), "p_boost": .number(pBoost),
            "p_reduce": .number(pReduce), "look": look.map(JSON.integer) ?? .null,
            "expected": number(expected), "seen": .integer(seen),
            "prior_skills": .integer(priorSkills), "reason": .string(reason),
        ]
    }
}
