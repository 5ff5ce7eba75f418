package import FlowSystem

/// A skill's errors day by day, from the beginning of its baseline to now, as a chart shows them.
package struct SkillCourse: Sendable, Hashable {
    /// What a day counts for.
    package enum Use: String, Sendable, Hashable {
        case before, after
        /// After the last look: only whether the error comes back.
        case watched
        /// Not: the error was chosen for it, no release of it contains the skill, or it is too early.
        case none
    }

    package struct Day: Sendable, Hashable {
        /// UTC days since 1970-01-01.
        package let day: Int
        package let hits: Int
        /// Records of its components that are no errors; 0 where unknown.
        package let exposure: Int
        package let use: Use
    }

    /// The known days, the earliest first; others are unknown, never zero.
    package let days: [Day]
    /// The day of the deployment; nil where there was none.
    package let deployed: Int?
    /// The first day that counts as after; nil where there is none to judge by.
    package let firstDay: Int?
    /// The day of the next and of all earlier looks: on it the days before it have passed.
    package let looks: [Int]
    /// Whether exposure is known on every day that counts, so that rates are compared and not counts.
    package let hasExposure: Bool

    /// Days before deployment with which it begins where there is no baseline.
    private static let context = 35

    package init(of skill: Skill, _ ledger: LedgerState, now: Timestamp) {
        let periods = try? SkillPeriods(of: skill, ledger, now: now)
        let deployed = skill.metadata.deployedAt?.day
        let start = periods?.before.first?.day ?? (deployed ?? now.day) - Self.context
        let all = SkillSeries(of: skill, ledger, in: start..<max(start, now.day)).days
        let before = Set((periods?.before ?? []).map(\.day))
        // Of the days after, only the records of releases that contain the skill.
        let after = Dictionary(
            (periods?.after ?? []).map { ($0.day, $0) }, uniquingKeysWith: { first, _ in first })
        let end = periods.map { $0.firstDay + Looks.end } ?? .max
        days = all.map { day in
            let counted = after[day.day] ?? day
            let isAfter = after[day.day] != nil
            return Day(
                day: day.day, hits: counted.hits, exposure: counted.exposure,
                use: before.contains(day.day)
                    ? .before : isAfter ? (day.day < end ? .after : .watched) : .none)
        }
        self.deployed = deployed
        firstDay = periods?.firstDay
        hasExposure = periods?.hasExposure ?? false
        guard skill.isActing, let periods else {
            looks = []
            return
        }
        let passed = Looks.reached(periods.closedDays).count
        looks = Looks.all.prefix(passed + 1).map { periods.firstDay + $0.days }
    }
}
