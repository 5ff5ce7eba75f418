/// Takes in the lines of a ledger one by one; what comes of it does not depend on their order.
///
/// Names are looked up once a line and counts are packed, so that millions of lines stay cheap.
struct LedgerFold {
    private var skills = Places()
    private var components = Places()
    private var releases = Places()
    private var hits: [[DaySeries<Int>.Cell]] = []
    private var further: [Int: Set<String>] = [:]
    private var counts: [[DaySeries<ComponentCounts>.Cell]] = []
    private var reviewed = LedgerState(evidence: [:], components: [:], reviewed: nil)

    /// Numbers for names, from 0.
    private struct Places {
        private(set) var names: [String] = []
        private var known: [String: Int] = [:]

        mutating func place(of name: String) -> Int {
            if let place = known[name] { return place }
            known[name] = names.count
            names.append(name)
            return names.count - 1
        }
    }

    mutating func add(_ entry: LedgerEntry) {
        switch entry {
        case .evidence(let skill, let evidence, let days):
            for day in evidence.repeated(days) {
                add(skill, day: day.day, share: day.share, hits: day.hits)
            }
            if !evidence.components.isEmpty {
                further[skills.place(of: skill), default: []].formUnion(evidence.components)
            }
        case .component(let line):
            add(line.component, day: line.day, release: line.release, counts: line.counts)
        default: reviewed.review(entry)
        }
    }

    mutating func add(_ skill: String, day: Int, share: DaySeries<Int>.Share, hits count: Int) {
        let place = skills.place(of: skill)
        if place == hits.count { hits.append([]) }
        let release = share.place { releases.place(of: $0) }
        hits[place].append(.init(day: Int32(day), place: release, counts: count))
    }

    mutating func add(_ component: String, day: Int, release: String?, counts: ComponentCounts) {
        let place = components.place(of: component)
        if place == self.counts.count { self.counts.append([]) }
        let release = release.map { Int32(releases.place(of: $0) + 1) } ?? 0
        self.counts[place].append(.init(day: Int32(day), place: release, counts: counts))
    }

    consuming func finished() -> LedgerState {
        var evidence: [String: EvidenceSeries] = [:]
        for (place, skill) in skills.names.enumerated() where place < hits.count {
            evidence[skill] = EvidenceSeries(
                DaySeries(hits[place], names: releases.names), components: further[place] ?? [])
            hits[place] = []
        }
        var series: [String: DaySeries<ComponentCounts>] = [:]
        for (place, component) in components.names.enumerated() {
            series[component] = DaySeries(counts[place], names: releases.names)
        }
        return LedgerState(evidence: evidence, components: series, reviewed: reviewed)
    }
}
