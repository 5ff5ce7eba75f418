internal import Glibc

/// Whether a signature's errors grow, as far as the counts support it.
package enum Trend: String, Sendable, Hashable {
    case increasing, decreasing, stable

    /// Errors of the last 7 and 30 days, and how many of those days were read.
    package struct Counts: Sendable, Hashable {
        package var last7: Int
        package var last30: Int
        package var read7 = 7
        package var read30 = 30

        package init(last7: Int, last30: Int, read7: Int = 7, read30: Int = 30) {
            self.last7 = last7
            self.last30 = last30
            self.read7 = read7
            self.read30 = read30
        }

        /// The share of the last 7 days in what was read.
        fileprivate var share: Double { read30 > 0 ? Double(read7) / Double(read30) : 0 }

        /// Errors of the last 7 days were those of all days spread evenly.
        package var expected: Double { Double(last30) * share }
    }

    /// An exact two-sided binomial test at 5 %: were the errors spread evenly over the days that were
    /// read, the share of the last 7 would be 7/30 where all were; the trend is named where a tail is
    /// at most 2.5 %. Of days on one side only there is nothing to compare.
    package init(_ counts: Counts) {
        guard 0 < counts.read7, counts.read7 < counts.read30 else {
            self = .stable
            return
        }
        let (last7, last30) = (counts.last7, counts.last30)
        let few = Binomial.upperTail(of: last7, in: last30, chance: counts.share)
        let many = 1 - Binomial.upperTail(of: last7 + 1, in: last30, chance: counts.share)
        self = few <= 0.025 ? .increasing : many <= 0.025 ? .decreasing : .stable
    }
}

/// Tails of the binomial distribution.
enum Binomial {
    /// P(X ≥ k) of n trials: the regularised incomplete beta function I_p(k, n − k + 1)
    /// (NIST DLMF 8.17.5). Costs O(√n) at worst.
    static func upperTail(of k: Int, in n: Int, chance p: Double) -> Double {
        if k <= 0 { return 1 }
        if k > n { return 0 }
        return incompleteBeta(p, Double(k), Double(n - k + 1))
    }

    /// I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated with Lentz's method on the
    /// side where it converges quickly.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(
            lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        var c = 1.0
        var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1..<20_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / nonzero(1 + even * d)
            c = nonzero(1 + even / c)
            fraction *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / nonzero(1 + odd * d)
            c = nonzero(1 + odd / c)
            let change = d * c
            fraction *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return min(1, front * fraction / a)
    }

    private static func nonzero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
}
