/// The errors of one UTC day that was read.
package struct DayRate: Sendable, Hashable {
    /// UTC days since 1970-01-01, or any count of days that keeps weekdays apart.
    package var day: Int
    /// Errors; not negative.
    package var hits: Int
    /// How often the error could have come: requests, log lines, or 1 where only days are known.
    /// Above zero.
    package var exposure: Double

    package init(day: Int, hits: Int, exposure: Double = 1) {
        self.day = day
        self.hits = hits
        self.exposure = exposure
    }
}

/// What is known of one skill's errors before and after it began to act. Days that were not read
/// are in neither list; the order of days does not matter.
package struct JudgedSeries: Sendable, Hashable {
    /// Errors that the skill does not touch and that what else happens (traffic, releases) moves
    /// alike, such as those of the same component without a skill.
    package struct Control: Sendable, Hashable {
        package var before: [DayRate]
        package var after: [DayRate]

        package init(before: [DayRate], after: [DayRate]) {
            self.before = before
            self.after = after
        }
    }

    package var id: String
    package var before: [DayRate]
    package var after: [DayRate]
    package var control: Control?
    /// The first whole day on which the skill acted.
    package var firstDay: Int
    /// Closed days from `firstDay` on, read or not.
    package var closedDays: Int

    package init(
        id: String, before: [DayRate], after: [DayRate], control: Control? = nil, firstDay: Int,
        closedDays: Int
    ) {
        self.id = id
        self.before = before
        self.after = after
        self.control = control
        self.firstDay = firstDay
        self.closedDays = closedDays
    }
}
