internal import CBoostMath

/// The distribution of a probability, Beta(a, b) with a, b > 0.
///
/// Values are those of Boost.Math (its documentation states errors of some units in the last
/// place). Results for arguments outside the domain are NaN, here and below.
package struct BetaDistribution: Sendable, Hashable {
    package var a: Double
    package var b: Double

    package init(_ a: Double, _ b: Double) {
        self.a = a
        self.b = b
    }

    /// P(X ≤ x): the regularised incomplete beta function I_x(a, b), with its limits where a or b
    /// is zero.
    package func cumulative(_ x: Double) -> Double {
        if a <= 0 { return 1 }
        if b <= 0 { return x >= 1 ? 1 : 0 }
        return flow_beta_cdf(a, b, min(1, max(0, x)))
    }

    /// The x with P(X ≤ x) = p, for p in 0...1.
    package func quantile(_ p: Double) -> Double { flow_beta_quantile(a, b, p) }
}

/// Student's t.
package struct StudentT: Sendable, Hashable {
    /// Above zero, not necessarily whole.
    package var degreesOfFreedom: Double

    package init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    package func cumulative(_ x: Double) -> Double {
        if x.isInfinite { return x < 0 ? 0 : 1 }
        return flow_student_t_cdf(degreesOfFreedom, x)
    }

    package func quantile(_ p: Double) -> Double { flow_student_t_quantile(degreesOfFreedom, p) }
}

/// The normal distribution with mean 0 and variance 1.
package enum StandardNormal {
    package static func cumulative(_ x: Double) -> Double {
        if x.isInfinite { return x < 0 ? 0 : 1 }
        return flow_normal_cdf(x)
    }

    /// Infinite at 0 and 1.
    package static func quantile(_ p: Double) -> Double {
        if p <= 0 { return -.infinity }
        if p >= 1 { return .infinity }
        return flow_normal_quantile(p)
    }
}

package enum Gamma {
    /// The logarithm of Γ(x), for x > 0.
    package static func logarithm(_ x: Double) -> Double { flow_log_gamma(x) }
}
