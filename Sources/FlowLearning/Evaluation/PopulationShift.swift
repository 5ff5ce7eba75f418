internal import FlowStatistics

/// How far a distribution over kinds has moved: the population stability index
/// Σ (q − p) · ln(q / p) of the shares p before and q now. 0 is no change; from 0.2 on it is commonly
/// called a significant one (Siddiqi, Credit Risk Scorecards, 2006).
package struct PopulationShift: Sendable, Hashable {
    package let index: Double
    /// What the index stays below by chance alone with probability 0.95.
    package let noise: Double

    /// - Returns: nil where one of both is empty or there is only one kind.
    package init?<Kind: Hashable & Comparable>(_ before: [Kind: Int], _ now: [Kind: Int]) {
        let kinds = Set(before.keys).union(now.keys).sorted()
        let (old, new) = (
            before.values.reduce(0, +), now.values.reduce(0, +)
        )
        guard kinds.count > 1, old > 0, new > 0 else { return nil }
        // Half a count in each cell, so that a kind that is absent has a share.
        let half = 0.5 * Double(kinds.count)
        index = kinds.reduce(0) { sum, kind in
            let p = (Double(before[kind] ?? 0) + 0.5) / (Double(old) + half)
            let q = (Double(now[kind] ?? 0) + 0.5) / (Double(new) + half)
            return sum + (q - p) * (FixedMath.log(q) - FixedMath.log(p))
        }
        noise =
            Self.chiSquared(kinds.count - 1) * (1 / Double(old) + 1 / Double(new))
    }

    /// Whether the index is above a limit, and above what chance alone would do: without a change it
    /// is distributed as χ²(kinds − 1) · (1/n + 1/m) (Yurdakul and Naranjo, Statistical properties of
    /// the population stability index, Journal of Risk Model Validation 14, 2020).
    package func isBeyond(_ limit: Double) -> Bool { index > max(limit, noise) }

    /// The 95 % quantile of χ² by Wilson and Hilferty (1931), within 1 % from 1 degree of freedom on.
    private static func chiSquared(_ degrees: Int) -> Double {
        let step = 2 / (9 * Double(degrees))
        let root = 1 - step + StandardNormal.quantile(0.95) * step.squareRoot()
        return Double(degrees) * root * root * root
    }
}
