internal import Glibc

/// What the posterior knows of one skill: hits and exposure before and after, as many as
/// independent errors would have been.
struct RateObservation: Sendable, Hashable {
    let before: Double
    let exposureBefore: Double
    let after: Double
    let exposureAfter: Double

    init(_ comparison: RateComparison, credibility: Credibility) {
        let dispersion = credibility.blended(comparison.dispersion).dispersion
        before = comparison.before.hits / dispersion
        exposureBefore = comparison.before.exposure / dispersion
        after = comparison.after.hits / dispersion
        exposureAfter = exposureBefore * comparison.change.ratio
    }

    /// The log-likelihood of a rate ratio, up to a constant, with the rate itself integrated out:
    /// R^after · (β + E_before + E_after·R)^−(before + after + k) for rates Gamma(k, β).
    func logLikelihood(_ ratio: Double, _ prior: RatePrior) -> Double {
        let exposure = prior.exposure + exposureBefore + exposureAfter * ratio
        let power = (before + after + prior.shape) * log(exposure)
        if ratio == 0 { return after > 0 ? -.infinity : -power }
        return after * log(ratio) - power
    }
}
