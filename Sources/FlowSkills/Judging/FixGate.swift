internal import FlowStatistics

/// How a fix that was tried may be used next.
///
/// Tries are Beta–Binomial with forgetting: each try lets all before it count 1 % less. What may be
/// done depends on the 20 % quantile of Beta(1 + successes, 1 + failures), so that a fix which
/// works less often than the gate says passes it seldom.
package struct FixGate: Sendable, Hashable {
    /// The seed's ladder.
    package enum Use: String, Sendable, Hashable, CaseIterable {
        case apply
        case applyAndTell = "apply-and-tell"
        case suggest
        case silence
    }

    /// What a success or failure still counts after each further try.
    private static let memory = 0.99
    private var successes = 0.0
    private var failures = 0.0
    /// All tries, and those of them that succeeded, whatever they still count.
    package private(set) var tries = 0
    package private(set) var succeeded = 0
    /// The newest tries in a row after each of which the mean was below what a fix is flagged for.
    private(set) var low = 0

    /// The tries in the order in which they were made.
    package init(_ tries: some Sequence<Bool> = []) {
        for succeeded in tries { add(succeeded) }
    }

    package mutating func add(_ success: Bool) {
        successes = successes * Self.memory + (success ? 1 : 0)
        failures = failures * Self.memory + (success ? 0 : 1)
        tries += 1
        succeeded += success ? 1 : 0
        low = mean < SkillFlag.leastSuccess ? low + 1 : 0
    }

    /// The mean of what is known of the fix's rate of success; ½ without tries.
    package var mean: Double { (1 + successes) / (2 + successes + failures) }

    /// The rate of success that the fix reaches with a probability of 80 %.
    package var lowerBound: Double { belief.quantile(0.2) }

    package var use: Use {
        if reaches(0.9) { return .apply }
        if reaches(0.8) { return .applyAndTell }
        return reaches(0.6) ? .suggest : .silence
    }

    /// Whether the lower bound is at least `rate`.
    private func reaches(_ rate: Double) -> Bool { belief.cumulative(rate) <= 0.2 }

    private var belief: BetaDistribution { BetaDistribution(1 + successes, 1 + failures) }
}
