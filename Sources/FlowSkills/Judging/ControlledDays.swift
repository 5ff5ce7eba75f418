/// The days on which both a skill's errors and its control's were read. Others would count on one side
/// only.
struct ControlledDays: Sendable, Hashable {
    let before: Span
    let after: Span
    /// The control's own change.
    let change: RateComparison.Change
    /// The control's hits on its days before; above zero.
    let hitsBefore: Double
    /// All of the control's days, also those that are not compared.
    private let all: JudgedSeries.Control

    struct Span: Sendable, Hashable {
        let own: [DayRate]
        let control: [DayRate]

        init(_ own: [DayRate], _ control: [DayRate]) {
            // The usual case: both were read on the same days.
            if own.count == control.count, zip(own, control).allSatisfy({ $0.day == $1.day }) {
                (self.own, self.control) = (own, control)
                return
            }
            let theirs = Set(control.map(\.day))
            let mine = Set(own.map(\.day))
            self.own = own.filter { theirs.contains($0.day) }
            self.control = control.filter { mine.contains($0.day) }
        }
    }

    /// - Parameter end: the day after the last one that counts.
    ///
    /// nil where there is no control, and where it has less than ten times the skill's hits, whose
    /// chance it would then only add to.
    init?(_ series: JudgedSeries, until end: Int) {
        guard let control = series.control else { return nil }
        before = Span(series.before, control.before)
        after = Span(
            series.after.filter { $0.day < end }, control.after.filter { $0.day < end })
        guard !before.own.isEmpty, !after.own.isEmpty else { return nil }
        let hits = (before.own + after.own).reduce(0) { $0 + $1.hits }
        let theirs = (before: Period(before.control), after: Period(after.control))
        guard theirs.before.hits > 0,
            theirs.before.hits + theirs.after.hits >= 10 * Double(max(1, hits))
        else { return nil }
        let dispersion = max(1, (theirs.before.dispersion + theirs.after.dispersion).estimate ?? 1)
        let (few, many) = (theirs.after.hits + 0.5, theirs.before.hits + 0.5)
        change = RateComparison.Change(
            ratio: few / many, logVariance: dispersion * (1 / few + 1 / many))
        hitsBefore = theirs.before.hits
        all = control
    }

    /// The skill's days before, with the control's hits as exposure, so that what moves both is no
    /// burst.
    var weighted: [DayRate] {
        let byDay = hitsByDay
        return before.own.map { day in
            DayRate(day: day.day, hits: day.hits, exposure: Double(byDay[day.day] ?? 0) + 0.5)
        }
    }

    /// The control's hits on each day that was read, also after the last look. Costs O(days).
    var hitsByDay: [Int: Int] {
        Dictionary((all.before + all.after).map { ($0.day, $0.hits) }, uniquingKeysWith: +)
    }
}
