internal import FlowText

/// The groups of all that a miner has counted, and what became of groups that there are no more.
package struct MinedGroups: Sendable {
    /// By impact and then fingerprint.
    package let signatures: [Signature]
    /// Bounded.
    let miner: Miner
    let groups: [Miner.Group]

    /// Costs one grouping of all different masked messages.
    package init(_ miner: Miner, _ window: Miner.Window) {
        self.miner = miner.bounded
        groups = self.miner.groups()
        signatures = self.miner.signatures(of: groups, window)
    }

    /// Those of all groups, also of those that have no error within the window.
    package var fingerprints: Set<String> { Set(groups.map(\.fingerprint.text)) }

    /// The hashes of each group's messages, by fingerprint.
    var messages: [String: [UInt64]] {
        var result: [String: [UInt64]] = [:]
        for group in groups {
            result[group.fingerprint.text, default: []] += group.keys.map {
                GroupMemory.hash(group.part, $0)
            }
        }
        return result
    }

    // MARK: By what was remembered

    /// Where the messages of a group are now.
    package struct Heir: Sendable, Hashable {
        package let fingerprint: String
        /// Groups that have some of the messages; of several the heir has most errors of them.
        package let groups: Int

        package init(fingerprint: String, groups: Int = 1) {
            self.fingerprint = fingerprint
            self.groups = groups
        }
    }

    /// Where the messages are of remembered groups that there are no more; those of which no message is
    /// known any more are left out. Costs one hash a message where there is such a group.
    /// - Parameter isHeir: whether the second group may be the heir of the first.
    package func heirs(
        _ memory: GroupMemory, where isHeir: (String, String) -> Bool = { _, _ in true }
    ) -> [String: Heir] {
        let gone = memory.fingerprints.subtracting(fingerprints)
        if gone.isEmpty { return [:] }
        var places: [UInt64: (fingerprint: String, errors: Int)] = [:]
        for group in groups {
            for key in group.keys {
                places[GroupMemory.hash(group.part, key)] = (
                    group.fingerprint.text, miner.parts[group.part]?[key]?.errors ?? 0
                )
            }
        }
        var heirs: [String: Heir] = [:]
        for fingerprint in gone {
            var errors: [String: Int] = [:]
            for message in memory.messages(of: fingerprint) {
                if let place = places[message], isHeir(fingerprint, place.fingerprint) {
                    errors[place.fingerprint, default: 0] += place.errors
                }
            }
            // of two with as many the one that sorts first
            let most = errors.max { ($0.value, $1.key) < ($1.value, $0.key) }
            heirs[fingerprint] =
                most.map { Heir(fingerprint: $0.key, groups: errors.count) }
                ?? coarseHeir(fingerprint)
        }
        return heirs
    }

    // MARK: By what was taken out

    /// The one group of what is counted coarsely that has all messages which people took out of a
    /// group: what is left of that is there too.
    private func coarseHeir(_ fingerprint: String) -> Heir? {
        let holders = Set(miner.splits.about(fingerprint).flatMap(holders))
        return holders.count == 1 ? holders.first.map { Heir(fingerprint: $0) } : nil
    }

    /// Groups of what is counted coarsely in which a rule finds messages, where it takes none out.
    private func holders(_ rule: GroupSplits.Rule) -> Set<String> {
        if groups.contains(where: { $0.rule?.part == rule.part }) { return [] }
        let own = groups.filter { group in
            miner.coarseness.isCoarse(group.part)
                && group.keys.contains {
                    miner.splits.found($0, group.text(of: $0)).contains(rule.mark)
                }
        }
        return Set(own.map(\.fingerprint.text))
    }

    /// What people should know of what they took out of groups that are counted with others now, since
    /// there are too many different messages.
    package var coarsenings: [String] {
        let alive = Set(fingerprints.map(miner.splits.newest))
        return miner.splits.rules.compactMap { rule in
            if alive.contains(miner.splits.newest(rule.of)) { return nil }
            let holders = holders(rule).sorted()
            if holders.isEmpty { return nil }
            return "\(rule.part), which flow errors split took out of \(rule.of) with "
                + "\(rule.regex.pattern), is counted in "
                + (holders.count == 1 ? holders[0] : "\(holders.count) other groups")
                + ": there are too many different messages to tell that group from others"
        }
    }
}

extension Miner.Entry {
    /// How many, of any day or none.
    var errors: Int { days.byDay.values.reduce(undated) { $0 + $1.count } }
}
