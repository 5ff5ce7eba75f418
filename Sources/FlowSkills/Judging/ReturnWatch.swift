internal import Glibc

/// Watches whether an error that a skill had reduced is back: a cumulative sum of log-likelihood
/// ratios (Page 1954) between the rate before the skill and what was reached with it, but not less
/// than half.
///
/// While the error stays as rare as that, false alarms are at least `runLength` days apart on
/// average (Lorden 1971). One that came three times a day, was halved and is back is noticed after
/// about twelve days.
struct ReturnWatch: Sendable, Hashable {
    /// Days between false alarms.
    static let runLength = 1_000.0

    /// That the error is back.
    struct Alarm: Sendable, Hashable {
        /// The first day that speaks for it.
        let since: Int
        /// The day on which there was enough to say so.
        let noticed: Int
    }

    private static let threshold = log(runLength)

    /// A day, and the hits that would have come without the skill.
    typealias Day = (day: Int, hits: Int, expected: Double)

    /// The alarm that stands after the last day; nil where there is none or the error went away
    /// again. Costs O(n log n) days.
    /// - Parameter reached: The rate ratio when the skill was found to work.
    static func alarm(_ days: [Day], reached: Double, dispersion: Double) -> Alarm? {
        let reached = max(0.5, reached)
        guard reached < 1 else { return nil }
        var sum = 0.0
        var since: Int?
        var alarm: Alarm?
        for day in days.sorted(by: { $0.day < $1.day }) {
            let step = Double(day.hits) * log(1 / reached) - day.expected * (1 - reached)
            // Not beyond twice the threshold, so that an error that came back for long is believed
            // to be gone after as many quiet days as one that came back lately.
            sum = min(2 * threshold, max(0, sum + step / dispersion))
            if sum == 0 {
                since = nil
                alarm = nil
            } else if since == nil {
                since = day.day
            }
            if sum >= threshold, alarm == nil, let since {
                alarm = Alarm(since: since, noticed: day.day)
            }
        }
        return alarm
    }
}
