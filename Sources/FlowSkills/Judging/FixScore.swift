internal import Glibc
package import FlowSystem

/// The seed's score of a fix in four parts. It explains what is known of the fix; what may be done with
/// it is decided by `FixGate` alone. Each part is from 0 to 1.
package struct FixScore: Sendable, Hashable {
    /// How many solved cases resemble its error: each halves what is missing to 1.
    package let solved: Double
    /// The share of its tries that succeeded.
    package let history: Double
    /// How new its last try is: half of it 30 days later.
    package let recency: Double
    /// Whether what its error came from is still there: its component was read within 30 days.
    package let context: Double

    package static let weights = (solved: 0.4, history: 0.3, recency: 0.2, context: 0.1)

    /// - Parameter cases: Solved cases that resemble its error.
    package init(of skill: Skill, cases: Int, _ ledger: LedgerState, now: Timestamp) {
        let tries = ledger.attempts(of: skill.id)
        let successes = tries.count(where: \.success)
        solved = 1 - exp2(-Double(cases))
        history = tries.isEmpty ? 0 : Double(successes) / Double(tries.count)
        recency =
            tries.last.map { exp2(-Double(max(0, now.day - $0.time.day)) / Self.days) } ?? 0
        let lately = SkillSeries(of: skill, ledger, in: now.day - Int(Self.days)..<now.day)
        context = lately.days.isEmpty ? 0 : 1
    }

    private static let days = 30.0

    package var total: Double {
        let weights = Self.weights
        return weights.solved * solved + weights.history * history + weights.recency * recency
            + weights.context * context
    }
}
