/// What all skills together say of each: how errors vary, how often they come, what skills do.
package struct JudgingPrior: Sendable, Hashable {
    let credibility: Credibility
    let bursts: Double
    let rates: RatePrior
    let ratios: RatioPrior

    /// Below this many skills the prior rests on few, and is shown to.
    package static let many = 200

    /// How many skills the ratios were fitted on.
    package var skills: Int { ratios.skills }

    /// P(ratio ≤ ½) of a skill of which nothing is known.
    package var halved: Double { ratios.halved }

    /// Fitted on what every skill's days so far say; a skill before its first look adds its baseline
    /// only. Costs O(days) and some 15,000 steps a skill.
    package init(_ series: [JudgedSeries]) {
        let comparisons = series.map { RateComparison($0, days: Looks.end) }
        let credibility = Credibility(
            comparisons.map { ($0.dispersion, $0.before.hits + $0.after.hits) })
        let observations = comparisons.map { RateObservation($0, credibility: credibility) }
        self.credibility = credibility
        bursts = Bursts.factor(
            zip(series, comparisons).map { $1.control?.weighted ?? $0.before })
        rates = RatePrior(observations)
        let judged = series.indices.filter {
            !Looks.reached(series[$0].closedDays).isEmpty && comparisons[$0].isComparable
        }
        ratios = RatioPrior(judged.map { observations[$0] }, rates: rates)
    }

    /// What is assumed of a skill that is judged alone: its own dispersion, and nothing of others.
    init(alone series: JudgedSeries) {
        let comparison = RateComparison(series, days: Looks.end)
        credibility = Credibility([(comparison.dispersion, comparison.before.hits)])
        bursts = 1
        rates = .unknown
        ratios = .start
    }
}
