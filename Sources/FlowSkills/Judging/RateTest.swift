internal import FlowStatistics
internal import Glibc

/// The test whether two rates differ: conditional on the sum, hits after are binomial (Przyborowski
/// and Wilenski 1940), with the mid-p value, for hits that vary more than independent ones
/// (quasi-Poisson).
struct RateTest: Sendable, Hashable {
    /// P(this few hits or fewer after, if the rate stayed), and P(this many or more).
    let pFewer: Double
    let pMore: Double

    /// - Parameter bursts: How many times as much weeks vary as their days tell.
    init(_ comparison: RateComparison, bursts: Double) {
        let both = comparison.dispersion
        let dispersion = bursts * max(1, both.estimate ?? 1)
        let fewer = Self.midP(comparison, dispersion: dispersion)
        // The dispersion is an estimate itself. With one degree of freedom at least, since where no
        // two days can be compared nothing is known of it.
        let freedom = max(1, both.degreesOfFreedom)
        pFewer = Self.guarded(fewer, freedom)
        pMore = Self.guarded(1 - fewer, freedom)
    }

    private static func midP(_ comparison: RateComparison, dispersion: Double) -> Double {
        let before = comparison.before.hits / dispersion
        let after = comparison.after.hits / dispersion
        let change = comparison.change
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

    /// The normal quantile of `p`, referred to Student's t.
    private static func guarded(_ p: Double, _ freedom: Double) -> Double {
        StudentT(degreesOfFreedom: freedom).cumulative(StandardNormal.quantile(p))
    }
}
