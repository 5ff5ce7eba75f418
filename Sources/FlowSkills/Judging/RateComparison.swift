internal import FlowStatistics

/// Hits and exposure of some days, and how much the days vary.
struct Period: Sendable, Hashable {
    var hits: Double
    var exposure: Double
    var dispersion: Dispersion

    init(_ days: some Collection<DayRate>) {
        hits = Double(days.reduce(0) { $0 + $1.hits })
        exposure = days.reduce(0) { $0 + $1.exposure }
        dispersion = Dispersion(of: days)
    }
}

/// A skill's errors before and after it began to act, as far as one look sees them.
struct RateComparison: Sendable, Hashable {
    /// How the number of errors would have changed without the skill.
    struct Change: Sendable, Hashable {
        /// Exposure after, as a multiple of that before.
        var ratio: Double
        /// The variance of the ratio's logarithm; 0 where exposures are known exactly.
        var logVariance: Double
    }

    let before: Period
    let after: Period
    let change: Change
    /// The control that stands for exposure, on the days that are compared; nil where there is none,
    /// or one with too few errors.
    let control: ControlledDays?

    /// - Parameter days: How many days after the first count.
    init(_ series: JudgedSeries, days: Int) {
        let end = series.firstDay + days
        if let control = ControlledDays(series, until: end) {
            before = Period(control.before.own)
            after = Period(control.after.own)
            change = control.change
            self.control = control
        } else {
            before = Period(series.before)
            after = Period(series.after.filter { $0.day < end })
            let ratio = before.exposure > 0 ? after.exposure / before.exposure : 0
            change = Change(ratio: ratio, logVariance: 0)
            control = nil
        }
    }

    /// Whether there is something on either side to compare.
    var isComparable: Bool { before.exposure > 0 && after.exposure > 0 && change.ratio > 0 }

    /// The variation of days in both periods.
    var dispersion: Dispersion { before.dispersion + after.dispersion }

    /// Errors that would have come after without the skill.
    var expected: Double { before.hits * change.ratio }

    /// (hits after / exposure after) / (hits before / exposure before); nil where both are none.
    var rateRatio: Double? {
        if expected > 0 { return after.hits / expected }
        return after.hits > 0 ? .infinity : nil
    }

    /// Days with the errors that would have come without the skill; without those of which that
    /// cannot be told.
    func expecting(_ days: some Sequence<DayRate>) -> [ReturnWatch.Day] {
        guard let control else {
            return days.map { ($0.day, $0.hits, before.hits * $0.exposure / before.exposure) }
        }
        let theirs = control.hitsByDay
        return days.compactMap { day in
            theirs[day.day].map {
                (day.day, day.hits, before.hits * Double($0) / control.hitsBefore)
            }
        }
    }
}
