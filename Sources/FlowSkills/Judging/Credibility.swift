/// What is known of dispersion from all skills together, for the interval and posterior of one.
struct Credibility: Sendable, Hashable {
    /// The dispersion of all, and how many degrees of freedom of one skill's own it counts for.
    let common: Double
    let freedom: Double

    /// Below this many skills with enough hits their differences are taken for chance.
    private static let minimumSkills = 30

    /// - Parameter dispersions: With the hits of each.
    init(_ dispersions: [(dispersion: Dispersion, hits: Double)]) {
        let all = dispersions.reduce(Dispersion()) { $0 + $1.dispersion }
        common = max(1, all.estimate ?? 1)
        freedom = 2 / Self.squaredVariation(dispersions, around: all.estimate ?? 1)
    }

    /// The squared coefficient of variation of the true dispersions: what is left of the estimates'
    /// when that of chance, 2/df, is taken off.
    private static func squaredVariation(
        _ dispersions: [(dispersion: Dispersion, hits: Double)], around common: Double
    ) -> Double {
        let least = 0.001
        let telling = dispersions.filter { $0.hits >= 10 && $0.dispersion.degreesOfFreedom >= 6 }
        guard telling.count >= minimumSkills else { return least }
        var sum = 0.0
        var weights = 0.0
        for (dispersion, _) in telling {
            let freedom = dispersion.degreesOfFreedom
            let difference = (dispersion.estimate ?? 1) / common - 1
            sum += freedom * (difference * difference - 2 / freedom)
            weights += freedom
        }
        return max(least, sum / weights)
    }

    /// One skill's dispersion, and its degrees of freedom.
    func blended(_ own: Dispersion) -> (dispersion: Double, freedom: Double) {
        let known = own.degreesOfFreedom
        let sum = freedom * common + known * (own.estimate ?? 0)
        return (max(1, sum / (freedom + known)), freedom + known)
    }
}
