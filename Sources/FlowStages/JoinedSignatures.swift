internal import FlowMining
internal import FlowSkills

extension Aliases {
    /// The signatures with those that are one as one, under the newest fingerprint; the same however
    /// they are ordered.
    func joined(_ signatures: [Signature]) -> [Signature] {
        Dictionary(grouping: signatures) { newest($0.fingerprint.text) }
            .map { fingerprint, members in
                let sorted = members.sorted {
                    ($0.fingerprint.text != fingerprint ? 1 : 0, $0.fingerprint.text, $0.template)
                        < (
                            $1.fingerprint.text != fingerprint ? 1 : 0, $1.fingerprint.text,
                            $1.template
                        )
                }
                var joined = sorted[0]
                var components: Set = [joined.component]
                for other in sorted.dropFirst() {
                    joined.add(other, isKnown: !components.insert(other.component).inserted)
                }
                joined.alsoIn = components.subtracting([joined.component]).sorted()
                joined.messageRegex = Signature.pattern(of: sorted.map(\.messageRegex))
                joined.fingerprint = Fingerprint(text: fingerprint)
                return joined
            }.sorted {
                $0.impact == $1.impact ? $0.fingerprint < $1.fingerprint : $0.impact > $1.impact
            }
    }
}

extension Signature {
    /// Counts another group's errors too. Type, component and template stay.
    /// - Parameter isKnown: whether the exposure of its component is counted already.
    fileprivate mutating func add(_ other: Signature, isKnown: Bool) {
        if !isKnown { exposure = Self.sum(exposure, other.exposure) }
        hits7d += other.hits7d
        hits30d += other.hits30d
        hitsToday += other.hitsToday
        undated += other.undated
        daily = Self.sum(daily, other.daily)
        releases = Release.joined(releases + other.releases)
        firstSeen = [firstSeen, other.firstSeen].compactMap { $0 }.min()
        lastSeen = [lastSeen, other.lastSeen].compactMap { $0 }.max()
        examples = Array(Set(examples + other.examples).sorted().prefix(5))
    }

    /// One pattern that matches what any of these does.
    fileprivate static func pattern(of patterns: [String]) -> String {
        let lines = "(?m)"
        let bare = Set(
            patterns.map { $0.hasPrefix(lines) ? String($0.dropFirst(lines.count)) : $0 })
        guard bare.count > 1 else { return patterns.max() ?? "" }
        // A flag stands at the beginning of the whole.
        let flag = patterns.contains { $0.hasPrefix(lines) } ? lines : ""
        return flag + bare.sorted().map { "(?:\($0))" }.joined(separator: "|")
    }

    private static func sum(_ one: [DayCount], _ other: [DayCount]) -> [DayCount] {
        Dictionary(grouping: one + other, by: \.day).values.map { counts -> DayCount in
            let releases = counts.map(\.releases).reduce(into: [:]) {
                $0.merge($1, uniquingKeysWith: +)
            }
            let count = counts.map(\.count).reduce(0, +)
            return DayCount(day: counts[0].day, count: count, releases: releases)
        }.sorted { $0.day < $1.day }
    }
}
