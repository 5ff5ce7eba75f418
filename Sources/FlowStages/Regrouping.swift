internal import FlowMining
internal import FlowSkills
internal import FlowText

/// What groups are called after a mining: where the messages of a group are in another now, its
/// fingerprint becomes the other's, so that skill, ledger, dataset and catalog go on.
///
/// Exact by what was remembered of the source's last minings; where nothing was (a fresh clone), by
/// examples that stand in the repository.
struct Regrouping {
    /// The repository's, with those that this mining has found.
    private(set) var aliases: Aliases
    /// Those that it has found, as they are to be written.
    private(set) var pairs: [AliasPair] = []
    /// What people should know of them.
    private(set) var notes: [String] = []

    /// Messages of a group that were written down in the repository.
    struct Evidence {
        let fingerprint: String
        /// nil: not written down.
        let component: String?
        /// With the type before it.
        let template: String
        let examples: [String]
    }

    /// - Parameter evidence: of what may not be proposed again.
    init(
        _ groups: MinedGroups, _ memory: GroupMemory, _ evidence: [Evidence], _ aliases: Aliases
    ) {
        self.aliases = aliases
        let here = groups.fingerprints
        // what people took out stays what it is, also while there is no such message
        let parts = Set(aliases.splits.map(\.part))
        let alive = Set(here.map(aliases.newest))
        var known = Set(evidence.map(\.fingerprint)).union(memory.fingerprints).union(parts)
        known.formUnion(aliases.renamed.map(aliases.newest))
        var heirs = groups.heirs(memory).filter { !parts.contains($0.key) }
        let covered = Set(evidence.map { aliases.newest($0.fingerprint) })
        for written in evidence
        where heirs[written.fingerprint] == nil && !here.contains(written.fingerprint)
            && !parts.contains(written.fingerprint)
            && !alive.contains(aliases.newest(written.fingerprint))
        {
            guard
                let found = groups.group(
                    of: written.examples, component: written.component,
                    template: written.template),
                !covered.contains(aliases.newest(found))
            else { continue }
            heirs[written.fingerprint] = MinedGroups.Heir(fingerprint: found)
        }
        // a group that others were merged into goes before those
        let order = heirs.keys.sorted {
            (aliases.isRenamed($0) ? 1 : 0, $0) < (aliases.isRenamed($1) ? 1 : 0, $1)
        }
        for old in order { if let heir = heirs[old] { follow(old, heir, alive, known) } }
    }

    private mutating func follow(
        _ old: String, _ heir: MinedGroups.Heir, _ alive: Set<String>, _ known: Set<String>
    ) {
        let (before, now) = (aliases.newest(old), aliases.newest(heir.fingerprint))
        if before == now { return }
        let pair: AliasPair
        if !alive.contains(before) {
            pair = AliasPair(old: before, new: now)
        } else if !known.contains(now) {
            // it was merged into a group that is still there; its heir is that too
            pair = AliasPair(old: now, new: before)
        } else {
            return
        }
        let (aliases, written) = aliases.adding([pair])
        self.aliases = aliases
        pairs += written
        if heir.groups > 1 {
            notes.append(
                "the messages of \(old) are in \(heir.groups) groups now; \(heir.fingerprint), which "
                    + "has most errors of them, goes on with its skill and history")
        }
    }
}

extension GroupMemory {
    /// The same without groups that are gone and whose new name the repository has.
    func settled(_ groups: MinedGroups, _ committed: Aliases) -> GroupMemory {
        var memory = self
        let heirs = groups.heirs(self)
        memory.forget(
            heirs.filter { committed.newest($0.key) == committed.newest($0.value.fingerprint) }
                .map(\.key))
        memory.remember(groups)
        return memory
    }
}

extension Aliases {
    /// What people took out of groups, as mining does it.
    var groupSplits: GroupSplits {
        let rules = splits.compactMap { split in
            (try? LinearRegex(split.matching)).map {
                GroupSplits.Rule(of: split.of, part: split.part, regex: $0)
            }
        }
        return GroupSplits(rules) { newest($0) }
    }
}
