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
        var here = best.expansion(decisions, targets, weights)
        for _ in 0..<100 {
            if max(abs(here.gradient.0), abs(here.gradient.1)) < 1e-10 { break }
            let step = here.newtonStep
            var size = 1.0
            while size > 1e-10 {
                let next = Sigmoid(
                    slope: best.slope + size * step.direction.0,
                    offset: best.offset + size * step.direction.1)
                let there = next.expansion(decisions, targets, weights)
                if there.loss < here.loss + 1e-4 * size * step.descent {
                    (best, here) = (next, there)
                    break
                }
                size /= 2
            }
            if size <= 1e-10 { break }
        }
        return best
    }

    /// The cross-entropy of the rows with its first and second derivatives by slope and offset.
    private struct Expansion {
        var loss = 0.0
        var gradient = (0.0, 0.0)
        // A little on the diagonal keeps the matrix regular where all decisions are equal.
        var (h11, h22, h21) = (1e-12, 1e-12, 0.0)

        var newtonStep: (direction: (Double, Double), descent: Double) {
            let determinant = h11 * h22 - h21 * h21
            let direction = (
                -(h22 * gradient.0 - h21 * gradient.1) / determinant,
                -(h11 * gradient.1 - h21 * gradient.0) / determinant
            )
            return (direction, gradient.0 * direction.0 + gradient.1 * direction.1)
        }
    }

    /// One exponential and one logarithm a row, written so that no exponential overflows.
    private func expansion(_ decisions: [Double], _ targets: [Double], _ weights: [Double])
        -> Expansion
    {
        var sum = Expansion()
        for place in decisions.indices {
            let (decision, target, weight) = (decisions[place], targets[place], weights[place])
            let z = slope * decision + offset
            let e = FixedMath.exp(-abs(z))
            let p = (z > 0 ? e : 1) / (1 + e)
            sum.loss += weight * ((z >= 0 ? target : target - 1) * z + FixedMath.log(1 + e))
            let curvature = weight * p * (1 - p)
            sum.h11 += decision * decision * curvature
            sum.h22 += curvature
            sum.h21 += decision * curvature
            let difference = weight * (target - p)
            sum.gradient.0 += decision * difference
            sum.gradient.1 += difference
        }
        return sum
    }
}
