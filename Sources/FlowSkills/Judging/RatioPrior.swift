internal import Glibc

/// Which rate ratios skills have: some end their errors, some do nothing, and the others lie
/// anywhere between 1/67 and 4.6.
struct RatioPrior: Sendable, Hashable {
    /// 0, 1, and then 2^x for x from −6.0625 to 2.1875 in steps of 0.125; a half lies between two.
    static let ratios: [Double] = [0, 1] + (0..<67).map { exp2(-6.0625 + 0.125 * Double($0)) }

    /// One for each ratio; they add up to 1.
    private(set) var weights: [Double]
    /// How many skills they were fitted on.
    let skills: Int

    /// What is assumed before any skill was judged.
    static let start = RatioPrior(
        weights: [0.05, 0.45] + [Double](repeating: 0.5 / 67, count: 67), skills: 0)

    /// How many skills the start weights count for.
    private static let startSkills = 5.0
    private static let rounds = 150

    private init(weights: [Double], skills: Int) {
        self.weights = weights
        self.skills = skills
    }

    /// Nonparametric empirical Bayes by expectation maximisation, smoothed after each round so that
    /// the slab does not fall apart into spikes (Silverman et al. 1990).
    ///
    /// Costs 150 × 69 multiplications a skill.
    init(_ observations: [RateObservation], rates: RatePrior) {
        var fitted = RatioPrior(weights: Self.start.weights, skills: observations.count)
        let rows = observations.map { Self.likelihoods($0, rates) }
        if !rows.isEmpty {
            for _ in 0..<Self.rounds { fitted.improve(rows) }
        }
        self = fitted
    }

    /// The likelihood of each ratio, the largest being 1.
    private static func likelihoods(_ one: RateObservation, _ rates: RatePrior) -> [Double] {
        let logs = ratios.map { one.logLikelihood($0, rates) }
        let largest = logs.max() ?? 0
        return logs.map { exp($0 - largest) }
    }

    private mutating func improve(_ rows: [[Double]]) {
        var sums = Self.start.weights.map { $0 * Self.startSkills }
        for row in rows {
            var total = 0.0
            for (weight, likelihood) in zip(weights, row) { total += weight * likelihood }
            for at in sums.indices { sums[at] += weights[at] * row[at] / total }
        }
        let count = Double(rows.count) + Self.startSkills
        weights = sums.map { $0 / count }
        for _ in 0..<4 { smooth() }
    }

    /// Each weight of the slab with a quarter of either neighbour's; at the ends with its own.
    private mutating func smooth() {
        let slab = weights[2...]
        for at in slab.indices {
            let left = at > slab.startIndex ? slab[at - 1] : slab[at]
            let right = at + 1 < slab.endIndex ? slab[at + 1] : slab[at]
            weights[at] = slab[at] / 2 + (left + right) / 4
        }
    }

    /// P(ratio ≤ ½) after an observation: the probability that the skill at least halves its error.
    func halved(_ observation: RateObservation, rates: RatePrior) -> Double {
        let row = Self.likelihoods(observation, rates)
        var all = 0.0
        var halved = 0.0
        for (at, ratio) in Self.ratios.enumerated() {
            let weight = weights[at] * row[at]
            all += weight
            if ratio <= 0.5 { halved += weight }
        }
        return halved / all
    }

    /// P(ratio ≤ ½) before any.
    var halved: Double {
        zip(weights, Self.ratios).reduce(0) { $1.1 <= 0.5 ? $0 + $1.0 : $0 }
    }
}
