internal import FlowSkills
internal import FlowSystem

/// A skill's errors before and after its deployment as columns of a chart.
package struct EffectChart: Sendable {
    /// What the days of a column count for.
    package enum Use: String, Sendable { case before, after, watched, none }

    package struct Column: Sendable {
        /// Of its first day.
        package let date: String
        /// Errors a day, or in 1,000 records; nil: nothing was read.
        package let value: Double?
        package let use: Use
    }

    /// Oldest first.
    package let columns: [Column]
    package let daysPerColumn: Int
    /// Whether values are errors in 1,000 other records of the component and not errors a day.
    package let isRate: Bool
    /// The column of the day of deployment, which counts for neither side.
    package let deployed: Int?
    /// The last column before each look, by the days after deployment on which it comes.
    package let looks: [(days: Int, column: Int)]
    /// Means of the days that count, as the columns' values are; nil where there are none.
    package let before: Double?
    package let after: Double?

    /// - Parameter most: columns at most; where there are more days a column is the mean of several.
    init(_ course: SkillCourse, most: Int) {
        isRate = course.hasExposure
        before = Self.mean(course.days.filter { $0.use == .before }, course.hasExposure)
        after = Self.mean(course.days.filter { $0.use == .after }, course.hasExposure)
        let day = course.deployed
        guard let known = course.days.first?.day, let newest = course.days.last?.day else {
            (columns, daysPerColumn, deployed, looks) = ([], 1, nil, [])
            return
        }
        let (first, last) = (min(known, day ?? known), max(newest, day ?? newest))
        // Columns begin anew after the day of deployment, which has one of its own.
        let end = day ?? last + 1
        let length = Self.length(end - first, last - end, room: max(2, most - 1))
        let early = Self.columns(end - first, length)
        var spans = (0..<early).map { end - (early - $0) * length }.map { $0..<$0 + length }
        if let day {
            spans.append(day..<day + 1)
            let late = Self.columns(last - day, length)
            spans += (0..<late).map { day + 1 + $0 * length }.map { $0..<$0 + length }
        }
        var rest = course.days[...]
        columns = spans.map { span in
            let own = rest.prefix { $0.day < span.upperBound }
            rest = rest.dropFirst(own.count)
            let use = own.map(\.use).first { $0 != .none } ?? .none
            return Column(
                date: Timestamp(day: max(first, span.lowerBound)).date,
                value: Self.mean(Array(own), course.hasExposure), use: Use(use))
        }
        daysPerColumn = length
        deployed = day.map { _ in early }
        looks = course.looks.compactMap { look in
            let column = spans.firstIndex { $0.contains(look - 1) }
            return column.map { (look - (course.firstDay ?? look), $0) }
        }
    }

    /// Days of a column, so that those of both sides fit.
    private static func length(_ early: Int, _ late: Int, room: Int) -> Int {
        var length = 1
        while columns(early, length) + columns(late, length) > room { length += 1 }
        return length
    }

    private static func columns(_ days: Int, _ length: Int) -> Int {
        (max(0, days) + length - 1) / length
    }

    private static func mean(_ days: [SkillCourse.Day], _ isRate: Bool) -> Double? {
        let hits = Double(days.reduce(0) { $0 + $1.hits })
        guard isRate else { return days.isEmpty ? nil : hits / Double(days.count) }
        let records = days.reduce(0) { $0 + $1.exposure }
        return records > 0 ? hits / Double(records) * 1_000 : nil
    }
}

extension EffectChart.Use {
    fileprivate init(_ use: SkillCourse.Use) {
        switch use {
        case .before: self = .before
        case .after: self = .after
        case .watched: self = .watched
        case .none: self = .none
        }
    }
}
