internal import FlowStatistics
internal import Glibc

/// The 95 % interval of a rate ratio.
package struct RateInterval: Sendable, Hashable {
    /// 0 where no error came after.
    package let low: Double
    /// Infinite where none came before.
    package let high: Double

    /// Jeffreys' interval of the binomial share, with Student's t for the dispersion's chance and,
    /// where a control stands for exposure, that of the control.
    init(_ comparison: RateComparison, credibility: Credibility) {
        let (dispersion, freedom) = credibility.blended(comparison.dispersion)
        let before = comparison.before.hits / dispersion
        let after = comparison.after.hits / dispersion
        let quantile = StudentT(degreesOfFreedom: freedom).quantile(0.975)
        let tail = StandardNormal.cumulative(-quantile)
        let share = BetaDistribution(before + 0.5, after + 0.5)
        func ratio(_ p: Double) -> Double { (1 / share.quantile(p) - 1) / comparison.change.ratio }
        let variance = quantile * quantile * comparison.change.logVariance
        let median = log(ratio(0.5))
        func widened(_ bound: Double, _ sign: Double) -> Double {
            let distance = log(bound) - median
            return exp(median + sign * (distance * distance + variance).squareRoot())
        }
        low = after > 0 ? widened(ratio(1 - tail), -1) : 0
        high = before > 0 ? widened(ratio(tail), 1) : .infinity
    }

    /// Whether the rate neither halved nor doubled.
    var isWithinHalfAndDouble: Bool { low >= 0.5 && high <= 2 }
}
