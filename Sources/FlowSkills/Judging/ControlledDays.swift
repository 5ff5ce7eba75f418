/// The days on which both a skill's errors and its control's were read. Others would count on one side
/// only.
struct ControlledDays: Sendable, Hashable {
    let before: Span
    let after: Span
    /// The control's own change.
    let change: RateComparison.Change
    /// The control's hits on its days before; above zero.
    let hitsBefore: Double
    private let byDay: [Int: Int]

    struct Span: Sendable, Hashable {
        let own: [DayRate]
        let control: [DayRate]

        init(_ own: [DayRate], _ control: [DayRate]) {
            let theirs = Set(control.map(\.day))
            let mine = Set(own.map(\.day))
            self.own = own.filter { theirs.contains($0.day) }
            self.control = control.filter { mine.contains($0.day) }
        }
    }

    /// nil where there is no control, and where it has less than ten times the skill's hits, whose
    /// chance it would then only add to.
    init?(_ series: JudgedSeries, after days: [DayRate]) {
        guard let control = series.control else { return nil }
        before = Span(series.before, control.before)
        after = Span(days, control.after)
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
        byDay = Dictionary(
            (control.before + control.after).map { ($0.day, $0.hits) }, uniquingKeysWith: +)
    }

    /// The skill's days before, with the control's hits as exposure, so that what moves both is no
    /// burst.
    var weighted: [DayRate] {
        before.own.map { day in
            DayRate(day: day.day, hits: day.hits, exposure: Double(byDay[day.day] ?? 0) + 0.5)
        }
    }

    /// The control's hits on a day, also after the last look; nil where it was not read.
    func hits(on day: Int) -> Int? { byDay[day] }
}
