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
        func change(_ day: Int32, _ change: (inout Day) -> Void) {
            let place = Int(day) - range.lowerBound
            var known = found[place] ?? Day(day: Int(day))
            change(&known)
            found[place] = known
        }
        evidence.hits.visit(range, releases: releases) { cell in
            change(cell.day) {
                if cell.place < 0 { $0.whole = cell.counts } else { $0.hits += cell.counts }
            }
        }
        for component in evidence.components.union([skill.match.component]) {
            ledger.components[component]?.visit(range, releases: releases) { cell in
                change(cell.day) {
                    $0.exposure += cell.counts.records - cell.counts.errors
                    $0.untouched += cell.counts.untouched
                }
            }
        }
        days = found.compactMap { day in
            guard var day else { return nil }
            day.hits = max(day.hits, day.whole)
            return day
        }
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
