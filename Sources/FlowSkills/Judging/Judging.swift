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
                isBoosted: test.boost <= boostLevel, isReduced: test.reduce <= reduceLevel)
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
        let tests = evidence.map(\.test)
        let boosted = FalseDiscovery.rejected(tests.map(\.boost), level: boostLevel)
        let reduced = FalseDiscovery.rejected(tests.map(\.reduce), level: reduceLevel)
        return evidence.indices.map {
            evidence[$0].judgement(isBoosted: boosted[$0], isReduced: reduced[$0])
        }
    }
}
