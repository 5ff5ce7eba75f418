internal import FlowStatistics
internal import Glibc

/// The test whether two rates differ: conditional on the sum, hits after are binomial (Przyborowski
/// and Wilenski 1940), with the mid-p value, for hits that vary more than independent ones
/// (quasi-Poisson).
struct RateTest: Sendable, Hashable {
    /// P(this few hits or fewer after, if the rate stayed), and P(this many or more).
    let pFewer: Double
    let pMore: Double

    /// The dispersion is that of both periods or, where it is larger, that of the days before alone: in
    /// bursty streams that keeps wrong boosts at 3 % instead of 4.
    /// - Parameter bursts: How many times as much weeks vary as their days tell.
    init(_ comparison: RateComparison, bursts: Double) {
        let both = comparison.dispersion
        let alone = comparison.before.dispersion.estimate ?? 1
        let dispersion = bursts * max(1, alone, both.estimate ?? 1)
        let before = comparison.before.hits / dispersion
        let after = comparison.after.hits / dispersion
        let change = comparison.change
        // The dispersion is an estimate itself. With one degree of freedom at least, since where no
        // two days can be compared nothing is known of it.
        let guarding = StudentT(degreesOfFreedom: max(1, both.degreesOfFreedom))
        func guarded(_ p: Double) -> Double {
            // What is below the smallest number would pass for certain.
            guarding.cumulative(StandardNormal.quantile(max(p, 1e-300)))
        }
        pFewer = guarded(Self.midP(before, after, change))
        let back = RateComparison.Change(ratio: 1 / change.ratio, logVariance: change.logVariance)
        pMore = guarded(Self.midP(after, before, back))
    }

    private static func midP(
        _ before: Double, _ after: Double, _ change: RateComparison.Change
    ) -> Double {
        guard change.logVariance > 0 else {
            return midP(before: before, after: after, ratio: change.ratio)
        }
        let deviation = change.logVariance.squareRoot()
        return GaussHermite.mean(around: 0, deviation: deviation) { distance in
            midP(before: before, after: after, ratio: change.ratio * exp(distance))
        }
    }

    /// P(X < after) + ½ P(X = after) for X binomial with `before` + `after` tries of probability
    /// ratio/(1 + ratio), in its continuous form.
    /// - Parameter ratio: Exposure after, as a multiple of that before.
    static func midP(before: Double, after: Double, ratio: Double) -> Double {
        let shareBefore = 1 / (1 + ratio)
        let orFewer = BetaDistribution(before, after + 1).cumulative(shareBefore)
        let fewer = BetaDistribution(before + 1, after).cumulative(shareBefore)
        return (orFewer + fewer) / 2
    }
}
