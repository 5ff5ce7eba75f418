/// What skills were expected to see in 7 days without their effect, and what they saw.
package struct SkillEffect: Sendable, Hashable {
    package private(set) var expected7d: Double
    package private(set) var actual7d: Double

    /// The seed's error reduction rate: (expected_7d - actual_7d) / expected_7d. Below 0 where there
    /// were more errors than expected; nil where none were expected.
    package var reduction: Double? {
        expected7d > 0 ? ((expected7d - actual7d) / expected7d).rounded(places: 4) : nil
    }

    /// Of one skill, at its last judgement; nil where it was never judged.
    package init?(of skill: Skill) {
        guard let last = skill.metadata.confidenceHistory.last else { return nil }
        expected7d = last.expected7d
        actual7d = Double(last.hits7d)
    }

    /// Of several skills, of which those for one error count once, by the latest judgement; nil where
    /// none was judged.
    package init?(of skills: [Skill], aliases: Aliases) {
        var latest: [String: Skill] = [:]
        for skill in skills.sorted(by: { $0.id < $1.id }) {
            guard let time = skill.metadata.confidenceHistory.last?.timestamp else { continue }
            let fingerprint = aliases.newest(skill.match.fingerprint)
            let other = latest[fingerprint]?.metadata.confidenceHistory.last?.timestamp
            if other.map({ $0 < time }) ?? true { latest[fingerprint] = skill }
        }
        // in one order, so that the sums have the same bits everywhere
        let effects = latest.sorted { $0.key < $1.key }.compactMap { SkillEffect(of: $0.value) }
        guard !effects.isEmpty else { return nil }
        expected7d = effects.reduce(0) { $0 + $1.expected7d }.rounded(places: 4)
        actual7d = effects.reduce(0) { $0 + $1.actual7d }
    }
}
