internal import FlowStatistics

/// Judges skills by their errors before and after: a test for the finding, a posterior for the
/// confidence.
package enum Judging {
    /// A finding is wrong in at most this share of skills that do nothing, or of findings where
    /// many are judged together.
    static let boostLevel = 0.05
    static let reduceLevel = 0.025

    /// Judges each by itself, as if there were no others.
    package static func alone(_ series: [JudgedSeries]) -> [Judgement] {
        series.map { one in
            let evidence = JudgedEvidence(one, prior: JudgingPrior(alone: one))
            let test = evidence.test
            return evidence.judgement(
                isBoosted: test.boost <= boostLevel, isReduced: test.reduce <= reduceLevel,
                wasReduced: test.reduceBefore <= reduceLevel)
        }
    }

    /// Judges all of a run: of the skills called boosted at most 5 % are wrong on average, however
    /// many are judged.
    ///
    /// Costs about 0.1 ms a skill and O(days). The order does not matter.
    /// - Parameter prior: What is known of other skills; fitted on these where it is nil.
    package static func together(
        _ series: [JudgedSeries], prior: JudgingPrior? = nil
    ) -> [Judgement] {
        let prior = prior ?? JudgingPrior(series)
        let evidence = series.map { JudgedEvidence($0, prior: prior) }
        // Who has not reached a look was not tested, and makes nobody else's findings harder.
        let tested = evidence.indices.filter { evidence[$0].test.days > 0 }
        func found(_ p: KeyPath<JudgedEvidence.Test, Double>, _ level: Double) -> Set<Int> {
            let rejected = FalseDiscovery.rejected(
                tested.map { evidence[$0].test[keyPath: p] }, level: level)
            return Set(zip(tested, rejected).filter(\.1).map(\.0))
        }
        let boosted = found(\.boost, boostLevel)
        let reduced = found(\.reduce, reduceLevel)
        let before = reduced.isEmpty ? [] : found(\.reduceBefore, reduceLevel)
        return evidence.indices.map {
            evidence[$0].judgement(
                isBoosted: boosted.contains($0), isReduced: reduced.contains($0),
                wasReduced: before.contains($0))
        }
    }
}
