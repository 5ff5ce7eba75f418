internal import FlowStatistics

/// Hits and exposure of some days, and how much the days vary.
struct Period: Sendable, Hashable {
    var hits: Double
    var exposure: Double
    var dispersion: Dispersion

    init(_ days: [DayRate]) {
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

    /// - Parameter days: How many days after the first count.
    init(_ series: JudgedSeries, days: Int) {
        let end = series.firstDay + days
        let before = Period(series.before)
        let after = Period(series.after.filter { $0.day < end })
        let exposures = Change(
            ratio: before.exposure > 0 ? after.exposure / before.exposure : 0, logVariance: 0)
        let control = series.control.flatMap {
            Self.change(of: $0, until: end, hits: before.hits + after.hits)
        }
        self.before = before
        self.after = after
        change = control ?? exposures
    }

    /// The control's own change; nil where it has less than ten times the skill's hits, whose
    /// chance it would then only add to.
    private static func change(
        of control: JudgedSeries.Control, until end: Int, hits: Double
    ) -> Change? {
        let before = Period(control.before)
        let after = Period(control.after.filter { $0.day < end })
        guard before.hits + after.hits >= 10 * max(1, hits) else { return nil }
        let dispersion = max(1, (before.dispersion + after.dispersion).estimate ?? 1)
        return Change(
            ratio: (after.hits + 0.5) / (before.hits + 0.5),
            logVariance: dispersion * (1 / (after.hits + 0.5) + 1 / (before.hits + 0.5)))
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
}
