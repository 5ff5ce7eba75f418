internal import Glibc

/// Whether an error comes more or less often than it did.
package enum Trend: String, Sendable, Hashable, CaseIterable {
    case increasing, decreasing, stable

    /// Compares the last 7 days with the 30 they belong to.
    ///
    /// Without a trend the hits of 7 of 30 days are binomial with 7/30; the trend is stated only
    /// where the exact two-sided test rejects that at 5 %. Costs O(√hits).
    package init(hits7d: Int, hits30d: Int) {
        let total = max(hits30d, hits7d)
        guard total > 0 else {
            self = .stable
            return
        }
        let share = 7.0 / 30.0
        if Double(hits7d) > Double(total) * share {
            self =
                Self.tail(from: hits7d, step: 1, of: total, share) <= 0.025 ? .increasing : .stable
        } else {
            self =
                Self.tail(from: hits7d, step: -1, of: total, share) <= 0.025 ? .decreasing : .stable
        }
    }

    /// P(X ≥ k) for step 1, P(X ≤ k) for step -1, where k lies beyond the mean on that side.
    private static func tail(from k: Int, step: Int, of n: Int, _ p: Double) -> Double {
        let count = Double(n)
        let start = Double(k)
        var term = exp(
            lgamma(count + 1) - lgamma(start + 1) - lgamma(count - start + 1)
                + start * log(p) + (count - start) * log1p(-p))
        var sum = 0.0
        var at = k
        while at >= 0, at <= n, term > sum * 1e-12 {
            sum += term
            let x = Double(at)
            term *=
                step > 0
                ? (count - x) / (x + 1) * p / (1 - p) : x / (count - x + 1) * (1 - p) / p
            at += step
        }
        return sum
    }
}
