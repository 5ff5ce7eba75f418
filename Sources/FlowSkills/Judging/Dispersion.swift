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

    init(of days: some Collection<DayRate>) {
        self.init(days, stratum: { $0.day % 7 })
    }

    /// Days of one stratum are compared with each other.
    init(_ days: some Collection<DayRate>, stratum: (DayRate) -> Int) {
        for members in Dictionary(grouping: days, by: stratum).sorted(by: { $0.key < $1.key }) {
            add(members.value)
        }
    }

    private mutating func add(_ days: [DayRate]) {
        let hits = Double(days.reduce(0) { $0 + $1.hits })
        let exposure = days.reduce(0) { $0 + $1.exposure }
        guard hits > 0, days.count > 1 else { return }
        let square = days.reduce(0) { sum, day in
            let expected = hits * day.exposure / exposure
            let difference = Double(day.hits) - expected
            return sum + difference * difference / expected
        }
        let daily = hits / Double(days.count)
        let freedom = Double(days.count - 1)
        squares += daily * square
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
