internal import FlowStatistics

/// Two models on the same rows: how often only one of them is right.
package struct ModelComparison: Sendable, Hashable {
    package let rows: Int
    /// Rows that only the new model answers rightly.
    package let better: Int
    /// Rows that only the old one does.
    package let worse: Int

    package init(rows: Int, better: Int, worse: Int) {
        self.rows = rows
        self.better = better
        self.worse = worse
    }

    /// - Parameters: the answers of both models to the same rows, in one order.
    package init(_ new: [Evaluation.Answer], against old: [Evaluation.Answer]) {
        let pairs = zip(new, old)
        rows = min(new.count, old.count)
        better = pairs.count { $0.isRight && !$1.isRight }
        worse = pairs.count { !$0.isRight && $1.isRight }
    }

    /// McNemar's test, exact and two-sided: how probable a difference as large as this one is where
    /// both models are equally often right (McNemar 1947; twice the smaller tail of the binomial
    /// distribution with 1/2 over the rows on which they differ).
    package var p: Double {
        let differing = better + worse
        let fewer = Double(min(better, worse))
        // P(X ≤ k) of Binomial(n, 1/2) is the incomplete beta function I_1/2(n - k, k + 1).
        let tail = BetaDistribution(Double(differing) - fewer, fewer + 1).cumulative(0.5)
        return differing == 0 ? 1 : min(1, 2 * tail)
    }
}
