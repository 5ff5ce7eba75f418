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
    /// Groups that were merged into one and are part of another now.
    private var parted: [String] = []

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
        // what was taken out of a group, be it all that is counted here, is not what became of it
        func isHeir(_ old: String, _ heir: String) -> Bool { !aliases.isTaken(heir, outOf: old) }
        var heirs = groups.heirs(memory, where: isHeir).filter { !parts.contains($0.key) }
        lazy var lookup = GroupLookup(groups)
        let covered = Set(evidence.map { aliases.newest($0.fingerprint) })
        for written in evidence
        where heirs[written.fingerprint] == nil && !here.contains(written.fingerprint)
            && !parts.contains(written.fingerprint)
            && !alive.contains(aliases.newest(written.fingerprint))
        {
            guard
                let found = lookup.group(
                    of: written.examples, component: written.component,
                    template: written.template), isHeir(written.fingerprint, found),
                !covered.contains(aliases.newest(found))
            else { continue }
            heirs[written.fingerprint] = MinedGroups.Heir(fingerprint: found)
        }
        // a group that others were merged into goes before those
        let order = heirs.keys.sorted {
            (aliases.isRenamed($0) ? 1 : 0, $0) < (aliases.isRenamed($1) ? 1 : 0, $1)
        }
        for old in order { if let heir = heirs[old] { follow(old, heir, alive, &known) } }
    }

    private mutating func follow(
        _ old: String, _ heir: MinedGroups.Heir, _ alive: Set<String>, _ known: inout Set<String>
    ) {
        let (before, now) = (aliases.newest(old), aliases.newest(heir.fingerprint))
        if before == now { return }
        if !alive.contains(before) {
            add(AliasPair(old: before, new: now))
            known.insert(now)
        } else if !known.contains(now) {
            // it was merged into a group that is still there; its heir, new and nobody else's, is too
            add(AliasPair(old: now, new: before))
        } else {
            parted.append(old)
            notes.append(
                "the messages of \(old), which was merged into \(before), are in \(now) now, with "
                    + "those of others; flow errors merge makes the two one")
            return
        }
        if heir.groups > 1 {
            notes.append(
                "the messages of \(old) are in \(heir.groups) groups now; \(heir.fingerprint), which "
                    + "has most errors of them, goes on with its skill and history")
        }
    }

    private mutating func add(_ pair: AliasPair) {
        let (aliases, written) = aliases.adding([pair])
        self.aliases = aliases
        pairs += written
    }

    /// What to remember for the next mining: nothing of groups that are gone and whose new name the
    /// repository has, or that go their own way.
    func remembered(_ memory: GroupMemory, _ groups: MinedGroups, _ committed: Aliases)
        -> GroupMemory
    {
        var memory = memory
        let settled = groups.heirs(memory).filter {
            committed.newest($0.key) == committed.newest($0.value.fingerprint)
        }
        memory.forget(settled.keys)
        memory.forget(parted)
        // what is merged for what it was before is new until the repository says so
        memory.remember(groups, except: Set(pairs.map(\.old)))
        return memory
    }
}

extension Aliases {
    /// Whether a group was taken out of what another has become, or of what was taken out of that.
    fileprivate func isTaken(_ fingerprint: String, outOf whole: String) -> Bool {
        var at = fingerprint
        // no more steps than there are, where they lead in a circle
        for _ in splits {
            guard let split = splits.first(where: { $0.part == at }) else { return false }
            at = split.of
            if newest(at) == newest(whole) { return true }
        }
        return false
    }

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
