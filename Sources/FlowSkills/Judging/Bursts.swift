/// How many times as much weeks vary as their days tell: bursts that last longer than a day.
enum Bursts {
    /// Below this many signatures with 10 hits nothing is said.
    private static let minimumSignatures = 30

    /// 1 where days are independent of each other. Costs O(days).
    static func factor(_ baselines: [[DayRate]]) -> Double {
        var weekly = (squares: 0.0, weights: 0.0)
        var daily = (squares: 0.0, weights: 0.0)
        var signatures = 0
        for days in baselines {
            let hits = Double(days.reduce(0) { $0 + $1.hits })
            guard hits >= 10, let weeks = weeks(of: days) else { continue }
            let perWeek = Dispersion(weeks, strata: 1, by: { _ in 0 })
            let perDay = Dispersion(of: days)
            guard let week = perWeek.estimate, let day = perDay.estimate else { continue }
            signatures += 1
            weekly.squares += hits * week * perWeek.degreesOfFreedom
            weekly.weights += hits * perWeek.degreesOfFreedom
            daily.squares += hits * day * perDay.degreesOfFreedom
            daily.weights += hits * perDay.degreesOfFreedom
        }
        guard signatures >= minimumSignatures, daily.squares > 0 else { return 1 }
        return max(1, weekly.squares / weekly.weights / (daily.squares / daily.weights))
    }

    /// The sums of whole weeks; nil where there are fewer than two.
    private static func weeks(of days: [DayRate]) -> [DayRate]? {
        guard let first = days.map(\.day).min() else { return nil }
        let weeks = Dictionary(grouping: days) { ($0.day - first) / 7 }
            .filter { $0.value.count == 7 }
        guard weeks.count >= 2 else { return nil }
        return weeks.sorted { $0.key < $1.key }.map { week in
            DayRate(
                day: week.key, hits: week.value.reduce(0) { $0 + $1.hits },
                exposure: week.value.reduce(0) { $0 + $1.exposure })
        }
    }
}
