/// The days of one skill of which something was read, as the ledger has them.
package struct SkillSeries: Sendable, Hashable {
    /// What is known of one UTC day.
    package struct Day: Sendable, Hashable {
        /// Since 1970-01-01.
        package let day: Int
        package var hits = 0
        /// Records of its components that are no errors; 0 where unknown.
        package var exposure = 0
        /// Errors of its components for which no skill was ever approved.
        package var untouched = 0
        /// What a line of an earlier flow says of all its releases together.
        fileprivate var whole = 0
    }

    /// The earliest first; a day that is absent is unknown, never zero.
    package let days: [Day]

    /// - Parameters:
    ///   - range: the days asked for.
    ///   - releases: counts only records that name one of these; nil: all records.
    ///
    /// Costs O(days + log lines) and the lines of those days.
    init(
        of skill: Skill, _ ledger: LedgerState, in range: Range<Int>,
        releases: Set<String>? = nil
    ) {
        guard let evidence = ledger.evidence[skill.id], let first = evidence.firstDay else {
            days = []
            return
        }
        let range = max(range.lowerBound, first)..<max(range.lowerBound, first, range.upperBound)
        var found = [Day?](repeating: nil, count: range.count)
        for cell in evidence.hits.cells(of: range, releases: releases) {
            let place = Int(cell.day) - range.lowerBound
            var day = found[place] ?? Day(day: Int(cell.day))
            if cell.place < 0 { day.whole = cell.counts } else { day.hits += cell.counts }
            found[place] = day
        }
        for component in evidence.components.union([skill.match.component]) {
            guard let series = ledger.components[component] else { continue }
            for cell in series.cells(of: range, releases: releases) {
                let place = Int(cell.day) - range.lowerBound
                var day = found[place] ?? Day(day: Int(cell.day))
                day.exposure += cell.counts.records - cell.counts.errors
                day.untouched += cell.counts.untouched
                found[place] = day
            }
        }
        days = Self.known(found)
    }

    private static func known(_ found: [Day?]) -> [Day] {
        var days: [Day] = []
        days.reserveCapacity(found.count)
        for case var day? in found {
            day.hits = max(day.hits, day.whole)
            days.append(day)
        }
        return days
    }

    /// How many days of a range are known, and how many hits they had. Costs O(days).
    package func total(_ range: Range<Int>) -> (known: Int, hits: Int) {
        days.reduce(into: (0, 0)) { total, day in
            guard range.contains(day.day) else { return }
            total.0 += 1
            total.1 += day.hits
        }
    }
}
