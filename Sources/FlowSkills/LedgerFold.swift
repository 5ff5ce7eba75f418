/// Takes in the lines of a ledger one by one; what comes of it does not depend on their order.
///
/// Names are looked up once a line and counts are packed, so that millions of lines stay cheap.
struct LedgerFold {
    private var skills = Places()
    private var components = Places()
    private var releases = Places()
    /// In the order of the lines, which go from skill to skill: one list for each skill would be
    /// another place in memory at every line.
    private var hits: [(skill: Int32, cell: DaySeries<Int>.Cell)] = []
    private var further: [Int: Set<String>] = [:]
    private var counts: [[DaySeries<ComponentCounts>.Cell]] = []
    private var reviewed = LedgerState(evidence: [:], components: [:], reviewed: nil)

    /// Numbers for names, from 0.
    private struct Places {
        private(set) var names: [String] = []
        private var known: [String: Int] = [:]

        func known(_ name: String) -> Int? { known[name] }

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
        add(place(of: skill), day: day, share: share, hits: count)
    }

    /// The number that stands for a skill here; a skill that none stands for yet gets the next.
    mutating func place(of skill: String) -> Int { skills.place(of: skill) }

    /// nil for a skill of which no line was taken in yet.
    func knownPlace(of skill: String) -> Int? { skills.known(skill) }

    mutating func add(_ place: Int, day: Int, share: DaySeries<Int>.Share, hits count: Int) {
        let release = share.place { releases.place(of: $0) }
        hits.append((Int32(place), .init(day: Int32(day), place: release, counts: count)))
    }

    mutating func add(_ component: String, day: Int, release: String?, counts: ComponentCounts) {
        let place = components.place(of: component)
        if place == self.counts.count { self.counts.append([]) }
        let release = release.map { Int32(releases.place(of: $0) + 1) } ?? 0
        self.counts[place].append(.init(day: Int32(day), place: release, counts: counts))
    }

    consuming func finished() -> LedgerState {
        var evidence: [String: EvidenceSeries] = [:]
        evidence.reserveCapacity(skills.names.count)
        let order = LineOrder(hits.lazy.map { Int($0.skill) }, places: skills.names.count)
        for (place, skill) in skills.names.enumerated() {
            let lines = order.lines(of: place)
            evidence[skill] = EvidenceSeries(
                DaySeries(lines.map { hits[Int($0)].cell }, names: releases.names),
                components: further[place] ?? [])
        }
        var series: [String: DaySeries<ComponentCounts>] = [:]
        for (place, component) in components.names.enumerated() {
            series[component] = DaySeries(counts[place], names: releases.names)
        }
        return LedgerState(evidence: evidence, components: series, reviewed: reviewed)
    }
}

/// Which lines each skill has, in their order (a counting sort).
private struct LineOrder {
    private let order: [Int32]
    /// Of each place, and behind the last.
    private let starts: [Int]

    init(_ owners: some Collection<Int>, places: Int) {
        var starts = [Int](repeating: 0, count: places + 1)
        for owner in owners { starts[owner + 1] += 1 }
        for place in 0..<places { starts[place + 1] += starts[place] }
        var next = starts
        var order = [Int32](repeating: 0, count: owners.count)
        for (line, owner) in owners.enumerated() {
            order[next[owner]] = Int32(line)
            next[owner] += 1
        }
        self.order = order
        self.starts = starts
    }

    func lines(of place: Int) -> ArraySlice<Int32> { order[starts[place]..<starts[place + 1]] }
}
