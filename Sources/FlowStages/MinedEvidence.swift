internal import FlowMining
internal import FlowSkills
internal import FlowSystem

/// What the latest mining counted, as lines of the ledger.
///
/// A day counts as read where a component's records of it were. Only closed days within mining's window
/// are there, so a day of which nothing is known any more never looks like one without errors.
struct MinedEvidence {
    private let byFingerprint: [String: [Signature]]
    private let components: [String: ComponentDays]
    /// Untouched errors by component and day.
    private let untouched: [String: [Int: [String?: Int]]]
    private let aliases: Aliases
    private let ledger: LedgerState
    private let now: Timestamp

    /// - Parameter touched: the present fingerprints of errors for which a skill was ever approved.
    init(
        _ memory: SignatureMemory, _ ledger: LedgerState, _ aliases: Aliases,
        touched: Set<String>, now: Timestamp
    ) {
        byFingerprint = Dictionary(grouping: memory.signatures) {
            aliases.newest($0.fingerprint.text)
        }
        components = Dictionary(memory.components.map { ($0.component, $0) }) { first, _ in first }
        var untouched: [String: [Int: [String?: Int]]] = [:]
        for (fingerprint, signatures) in byFingerprint where !touched.contains(fingerprint) {
            for signature in signatures {
                for day in signature.daily {
                    untouched[signature.component, default: [:]][day.day, default: [:]]
                        .merge(day.shares, uniquingKeysWith: +)
                }
            }
        }
        self.untouched = untouched
        self.aliases = aliases
        self.ledger = ledger
        self.now = now
    }

    private func signatures(_ skill: Skill) -> [Signature] {
        byFingerprint[aliases.newest(skill.match.fingerprint)] ?? []
    }

    /// The newest error's time, by skill.
    func lastSeen(_ skills: [Skill]) -> [String: Timestamp] {
        skills.reduce(into: [:]) { $0[$1.id] = signatures($1).compactMap(\.lastSeen).max() }
    }

    /// Whether an error of the skill was ever read: one that was not may have a fingerprint that is none.
    func knows(_ skill: Skill) -> Bool {
        ledger.evidence[skill.id] != nil || !signatures(skill).isEmpty
    }

    /// The lines for skills that act or wait for a verdict, from as many days before deployment as
    /// judging looks at.
    func entries(_ skills: [Skill]) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        var since: [String: Int] = [:]
        for skill in skills where knows(skill) {
            let from = min(skill.metadata.deployedAt ?? now, now).day - SkillPeriods.Rule.reach
            let places = places(skill)
            for component in places { since[component] = min(since[component] ?? from, from) }
            entries += evidence(skill, places, from: from)
        }
        for (component, from) in since {
            guard let days = components[component] else { continue }
            entries += lines(days, from: from)
        }
        return entries
    }

    /// The components in which a skill's errors are.
    private func places(_ skill: Skill) -> Set<String> {
        var places = Set(signatures(skill).flatMap { [$0.component] + $0.alsoIn })
        places.formUnion(ledger.evidence[skill.id]?.components ?? [])
        return places.isEmpty ? [skill.match.component] : places
    }

    /// Lines for the days that had an error. The first day has one whatever it had: from it on a day
    /// on which the component was read, and that has none, had no error.
    private func evidence(_ skill: Skill, _ places: Set<String>, from: Int) -> [LedgerEntry] {
        var shares: [Int: [String?: Int]] = [:]
        for signature in signatures(skill) {
            for day in signature.daily {
                shares[day.day, default: [:]].merge(day.shares, uniquingKeysWith: +)
            }
        }
        let read = Set(places.flatMap { components[$0]?.records.map(\.day) ?? [] })
        let start = start(places, read, from: from)
        let known = ledger.evidence[skill.id]?.firstDay ?? .max
        let first = min(start, known)
        let named = places == [skill.match.component] ? [] : places.sorted()
        func line(_ day: Int, _ hits: Int, _ release: String?) -> LedgerEntry {
            let evidence = DayEvidence(
                day: day, hits: hits, share: .init(release: release), components: named)
            return .evidence(skill: skill.id, evidence: evidence, days: 1)
        }
        var lines: [LedgerEntry] = []
        for (day, counts) in shares where day >= first && day < now.day {
            for (release, hits) in counts where hits > 0 { lines.append(line(day, hits, release)) }
        }
        if let day = read.filter({ $0 >= first }).min(), day < known, shares[day] == nil {
            lines.append(line(day, 0, nil))
        }
        return lines
    }

    /// The day from which on all days that the ledger knows of these components are known here too: of
    /// others it cannot be told what errors a skill had that was not counted then.
    private func start(_ places: Set<String>, _ read: Set<Int>, from: Int) -> Int {
        let unread = places.compactMap { component in
            ledger.components[component]?.lastDay(where: { $0 >= from && !read.contains($0) })
        }
        return max(from, (unread.max() ?? from - 1) + 1)
    }

    private func lines(_ days: ComponentDays, from: Int) -> [LedgerEntry] {
        let errors = Dictionary(uniqueKeysWithValues: days.errors.map { ($0.day, $0.shares) })
        let untouched = untouched[days.component] ?? [:]
        return days.records.filter { $0.day >= from && $0.day < now.day }.flatMap { day in
            let records = day.shares
            let errors = Self.shares(errors[day.day] ?? [:], of: records)
            let untouched = Self.shares(untouched[day.day] ?? [:], of: errors)
            return records.map { release, count in
                LedgerEntry.component(
                    LedgerEntry.ComponentLine(
                        component: days.component, day: day.day, release: release,
                        counts: ComponentCounts(
                            records: count, errors: errors[release] ?? 0,
                            untouched: untouched[release] ?? 0)))
            }
        }
    }

    /// Counts by the releases that a whole names, none larger than there; of a day with very many
    /// releases mining keeps not the same ones everywhere.
    private static func shares(_ part: [String?: Int], of whole: [String?: Int]) -> [String?: Int] {
        var shares: [String?: Int] = [:]
        for (release, count) in part {
            shares[whole[release] == nil ? nil : release, default: 0] += count
        }
        return shares.reduce(into: [:]) { $0[$1.key] = min($1.value, whole[$1.key] ?? 0) }
    }
}
