internal import FlowStatistics

/// What chance would do.
enum Chance {
    /// P(X ≥ count) for X binomial.
    static func atLeast(_ count: Int, of tries: Int, chance: Double) -> Double {
        if count <= 0 || chance >= 1 { return 1 }
        return BetaDistribution(Double(count), Double(tries - count) + 1).cumulative(chance)
    }

    /// Whether so many would come by chance in at most one case of twenty.
    static func isUnlikely(_ count: Int, of tries: Int, chance: Double) -> Bool {
        atLeast(count, of: tries, chance: chance) <= 0.05
    }

    /// Whether so few would come in at most one case of twenty if this were their share.
    static func isBelow(_ count: Int, of tries: Int, share: Double) -> Bool {
        1 - atLeast(count + 1, of: tries, chance: share) <= 0.05
    }

    /// The interval of a share that holds the true one in 95 % of cases at least, whatever it is
    /// (Clopper and Pearson, 1934).
    static func interval(_ count: Int, of tries: Int) -> ClosedRange<Double> {
        guard tries > 0 else { return 0...1 }
        let (k, n) = (Double(count), Double(tries))
        let low = count == 0 ? 0 : BetaDistribution(k, n - k + 1).quantile(0.025)
        let high = count == tries ? 1 : BetaDistribution(k + 1, n - k).quantile(0.975)
        return low...max(low, high)
    }
}
