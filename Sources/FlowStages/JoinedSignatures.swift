internal import FlowMining
internal import FlowSkills

extension Aliases {
    /// The signatures with those that people have merged as one, under the newest fingerprint; the
    /// same however they are ordered.
    func joined(_ signatures: [Signature]) -> [Signature] {
        Dictionary(grouping: signatures) { newest($0.fingerprint.text) }
            .map { fingerprint, members in
                let sorted = members.sorted {
                    ($0.fingerprint.text != fingerprint ? 1 : 0, $0.fingerprint.text)
                        < ($1.fingerprint.text != fingerprint ? 1 : 0, $1.fingerprint.text)
                }
                var joined = sorted[0]
                for other in sorted.dropFirst() { joined.add(other) }
                joined.fingerprint = Fingerprint(text: fingerprint)
                return joined
            }.sorted {
                $0.impact == $1.impact ? $0.fingerprint < $1.fingerprint : $0.impact > $1.impact
            }
    }
}

extension Signature {
    /// Counts another group's errors too. Type, component and template stay.
    fileprivate mutating func add(_ other: Signature) {
        // Exposure is the component's: that of one is not counted twice.
        if component != other.component { exposure = Self.sum(exposure, other.exposure) }
        let patterns = [messageRegex, other.messageRegex].sorted()
        if patterns[0] != patterns[1] {
            messageRegex = patterns.map { "(?:\($0))" }.joined(separator: "|")
        }
        hits7d += other.hits7d
        hits30d += other.hits30d
        hitsToday += other.hitsToday
        undated += other.undated
        daily = Self.sum(daily, other.daily)
        firstSeen = [firstSeen, other.firstSeen].compactMap { $0 }.min()
        lastSeen = [lastSeen, other.lastSeen].compactMap { $0 }.max()
        examples = Array(Set(examples + other.examples).sorted().prefix(5))
    }

    private static func sum(_ one: [DayCount], _ other: [DayCount]) -> [DayCount] {
        var days: [Int: Int] = [:]
        for count in one + other { days[count.day, default: 0] += count.count }
        return days.sorted { $0.key < $1.key }.map { DayCount(day: $0.key, count: $0.value) }
    }
}
