/// A probability from a decision: 1 / (1 + exp(slope * decision + offset)).
struct Sigmoid: Sendable, Hashable {
    let slope: Double
    let offset: Double

    func probability(_ decision: Double) -> Double {
        let exponent = slope * decision + offset
        if exponent > 0 {
            let e = FixedMath.exp(-exponent)
            return e / (1 + e)
        }
        return 1 / (1 + FixedMath.exp(exponent))
    }

    /// Platt's fit (1999) with his targets, by Newton's method with backtracking (Lin, Lin and Weng,
    /// "A note on Platt's probabilistic outputs", 2007). The loss is convex, so it is the optimum
    /// that scikit-learn's quasi-Newton finds. `weights`: as how many rows each counts.
    static func fit(_ decisions: [Double], positive: [Bool], weights: [Double]) -> Sigmoid {
        let positives = zip(positive, weights).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
        let negatives = weights.reduce(0, +) - positives
        let high = (positives + 1) / (positives + 2)
        let low = 1 / (negatives + 2)
        let targets = positive.map { $0 ? high : low }
        var best = Sigmoid(slope: 0, offset: FixedMath.log((negatives + 1) / (positives + 1)))
        var loss = best.loss(decisions, targets, weights)
        for _ in 0..<100 {
            let step = best.newtonStep(decisions, targets, weights)
            if max(abs(step.gradient.0), abs(step.gradient.1)) < 1e-10 { break }
            var size = 1.0
            while size > 1e-10 {
                let next = Sigmoid(
                    slope: best.slope + size * step.direction.0,
                    offset: best.offset + size * step.direction.1)
                let nextLoss = next.loss(decisions, targets, weights)
                if nextLoss < loss + 1e-4 * size * step.descent {
                    (best, loss) = (next, nextLoss)
                    break
                }
                size /= 2
            }
            if size <= 1e-10 { break }
        }
        return best
    }

    /// The cross-entropy, written so that no exponential overflows.
    private func loss(_ decisions: [Double], _ targets: [Double], _ weights: [Double]) -> Double {
        var sum = 0.0
        for place in decisions.indices {
            let z = slope * decisions[place] + offset
            let rest = FixedMath.log(1 + FixedMath.exp(-abs(z)))
            sum += weights[place] * ((z >= 0 ? targets[place] : targets[place] - 1) * z + rest)
        }
        return sum
    }

    private func newtonStep(_ decisions: [Double], _ targets: [Double], _ weights: [Double])
        -> (gradient: (Double, Double), direction: (Double, Double), descent: Double)
    {
        // A little on the diagonal keeps the matrix regular where all decisions are equal.
        var (h11, h22, h21) = (1e-12, 1e-12, 0.0)
        var (g1, g2) = (0.0, 0.0)
        for place in decisions.indices {
            let p = probability(decisions[place])
            let curvature = weights[place] * p * (1 - p)
            h11 += decisions[place] * decisions[place] * curvature
            h22 += curvature
            h21 += decisions[place] * curvature
            let difference = weights[place] * (targets[place] - p)
            g1 += decisions[place] * difference
            g2 += difference
        }
        let determinant = h11 * h22 - h21 * h21
        let direction = (
            -(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant
        )
        return ((g1, g2), direction, g1 * direction.0 + g2 * direction.1)
    }
}
