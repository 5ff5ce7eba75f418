internal import FlowStatistics
internal import Glibc

/// How often errors come before a skill acts, over all skills: rates are Gamma(shape, scale).
struct RatePrior: Sendable, Hashable {
    /// Of a rate per unit of exposure; `exposure` counts like exposure that was seen.
    let shape: Double
    let exposure: Double

    /// Jeffreys' prior of a rate, where nothing is known of others.
    static let unknown = RatePrior(shape: 0.5, exposure: 0)

    /// Bounds of the shape. Above 2 the prior would say that all errors come about equally often;
    /// where a rare one was then judged by frequent ones, it would seem to have been halved.
    private static let shapes = 0.02...2.0

    /// Below this many baselines nothing is fitted.
    private static let minimumBaselines = 10

    private init(shape: Double, exposure: Double) {
        self.shape = shape
        self.exposure = exposure
    }

    /// Maximum likelihood of the negative binomial that hits follow where rates are Gamma.
    ///
    /// Costs about 2,500 steps a baseline.
    init(_ baselines: [RateObservation]) {
        let baselines = baselines.filter { $0.exposureBefore > 0 }
        let hits = baselines.reduce(0) { $0 + $1.before }
        guard baselines.count >= Self.minimumBaselines, hits > 0 else {
            self = .unknown
            return
        }
        func fitted(_ logShape: Double) -> RatePrior {
            let shape = exp(logShape)
            return RatePrior(shape: shape, exposure: Self.exposure(shape, baselines))
        }
        let best = Self.maximum(
            of: { fitted($0).logLikelihood(baselines) }, log(Self.shapes.lowerBound),
            log(Self.shapes.upperBound))
        self = fitted(best)
    }

    private func logLikelihood(_ baselines: [RateObservation]) -> Double {
        let constant = shape * log(exposure) - Gamma.logarithm(shape)
        return baselines.reduce(0) { sum, one in
            sum + constant + Gamma.logarithm(shape + one.before)
                - (shape + one.before) * log(exposure + one.exposureBefore)
        }
    }

    /// The best `exposure` for a shape: the root of a falling function, by bisection of the
    /// logarithm.
    private static func exposure(_ shape: Double, _ baselines: [RateObservation]) -> Double {
        let total = baselines.reduce(0) { $0 + $1.exposureBefore }
        var low = log(total) - 40
        var high = log(total) + 40
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let guess = exp(middle)
            let slope = baselines.reduce(0) { sum, one in
                sum + shape - (shape + one.before) * guess / (guess + one.exposureBefore)
            }
            if slope > 0 { low = middle } else { high = middle }
        }
        return exp((low + high) / 2)
    }

    /// The place of the largest value between two bounds, to 0.001, by the golden section.
    private static func maximum(
        of f: (Double) -> Double, _ low: Double, _ high: Double
    ) -> Double {
        let section = (5.0.squareRoot() - 1) / 2
        var (low, high) = (low, high)
        var (left, right) = (high - section * (high - low), low + section * (high - low))
        var (atLeft, atRight) = (f(left), f(right))
        while high - low > 0.001 {
            if atLeft > atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - section * (high - low)
                atLeft = f(left)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + section * (high - low)
                atRight = f(right)
            }
        }
        return (low + high) / 2
    }
}
