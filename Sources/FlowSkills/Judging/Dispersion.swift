/// How much more the days of a period vary than independent errors (Poisson) would.
///
/// Days are compared with those of the same weekday, so that a weekly cycle is no variation:
/// X² = Σ (hits − expected)² / expected with n − 1 degrees of freedom in each weekday, where
/// expected is the weekday's hits shared out by exposure. Periods add up.
struct Dispersion: Sendable, Hashable {
    /// Σ t·X², Σ t·df and Σ t²·df over the weekdays, with t their hits a day.
    ///
    /// Weekdays with few hits say little and, having large X² seldom, would pull a plain mean of
    /// X²/df towards 1; weighted by hits, they do not.
    private var squares = 0.0
    private var weights = 0.0
    private var squaredWeights = 0.0

    init() {}

    /// Costs O(days) and no lookup: it is computed several times for each skill of a run.
    init(of days: some Collection<DayRate>) {
        self.init(days, strata: 7) { day in
            let weekday = day.day % 7
            return weekday < 0 ? weekday + 7 : weekday
        }
    }

    /// Days of one stratum are compared with each other.
    /// - Parameter stratum: From 0 to below `strata`.
    init(_ days: some Collection<DayRate>, strata count: Int, by stratum: (DayRate) -> Int) {
        var strata = [Stratum](repeating: Stratum(), count: count)
        for day in days { strata[stratum(day)].count(day) }
        for day in days { strata[stratum(day)].compare(day) }
        for stratum in strata { add(stratum) }
    }

    /// What the days of one weekday have together.
    private struct Stratum {
        var days = 0
        var hits = 0
        var exposure = 0.0
        var square = 0.0

        mutating func count(_ day: DayRate) {
            days += 1
            hits += day.hits
            exposure += day.exposure
        }

        /// Once all are counted.
        mutating func compare(_ day: DayRate) {
            let expected = Double(hits) * day.exposure / exposure
            let difference = Double(day.hits) - expected
            square += difference * difference / expected
        }
    }

    private mutating func add(_ stratum: Stratum) {
        guard stratum.hits > 0, stratum.days > 1 else { return }
        let daily = Double(stratum.hits) / Double(stratum.days)
        let freedom = Double(stratum.days - 1)
        squares += daily * stratum.square
        weights += daily * freedom
        squaredWeights += daily * daily * freedom
    }

    /// The variance as a multiple of the mean: about 1 for independent errors; nil where no weekday
    /// has hits and two days.
    var estimate: Double? { weights > 0 ? squares / weights : nil }

    /// The estimate's degrees of freedom (Satterthwaite); 0 where there is none.
    var degreesOfFreedom: Double { squaredWeights > 0 ? weights * weights / squaredWeights : 0 }

    static func + (left: Dispersion, right: Dispersion) -> Dispersion {
        var sum = left
        sum.squares += right.squares
        sum.weights += right.weights
        sum.squaredWeights += right.squaredWeights
        return sum
    }
}
