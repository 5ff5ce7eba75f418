internal import FlowStatistics

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
        let few = Self.upperTail(of: last7, in: last30, chance: counts.share)
        let many = 1 - Self.upperTail(of: last7 + 1, in: last30, chance: counts.share)
        self = few <= 0.025 ? .increasing : many <= 0.025 ? .decreasing : .stable
    }

    /// P(X ≥ k) of n trials: the regularised incomplete beta function I_p(k, n − k + 1)
    /// (NIST DLMF 8.17.5).
    private static func upperTail(of k: Int, in n: Int, chance p: Double) -> Double {
        BetaDistribution(Double(k), Double(n - k + 1)).cumulative(p)
    }
}
