internal import FlowText

/// The groups of all that a miner has counted, and what became of groups that there are no more.
package struct MinedGroups: Sendable {
    /// By impact and then fingerprint.
    package let signatures: [Signature]
    let miner: Miner
    private let groups: [Miner.Group]

    /// Costs one grouping of all different masked messages.
    package init(_ miner: Miner, _ window: Miner.Window, splits: GroupSplits = .none) {
        self.miner = miner.bounded
        groups = self.miner.groups(splits)
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
    package func heirs(_ memory: GroupMemory) -> [String: Heir] {
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
                if let place = places[message] {
                    errors[place.fingerprint, default: 0] += place.errors
                }
            }
            // of two with as many the one that sorts first
            let most = errors.max { ($0.value, $1.key) < ($1.value, $0.key) }
            heirs[fingerprint] = most.map { Heir(fingerprint: $0.key, groups: errors.count) }
        }
        return heirs
    }

    // MARK: By examples

    /// The one group that messages belong to which were written down elsewhere, as a skill does it.
    /// - Parameters:
    ///   - examples: with their type before them, private parts masked.
    ///   - component: nil: any.
    ///   - template: of the group that they were written down of, with its type before it.
    /// - Returns: nil where one of them was not counted and fits no group's pattern, or where they
    ///   belong to several groups.
    package func group(of examples: [String], component: String?, template: String) -> String? {
        var candidates = groups.filter { group in
            (component == nil || group.part.component == component)
                && Self.isType(group.part.type, of: template)
        }
        let longest = candidates.map(\.part.type.utf8.count).max()
        candidates.removeAll { $0.part.type.utf8.count != longest }
        // where the template names a place, that is it
        let placed = candidates.filter {
            $0.part.isPlaced && template.hasSuffix("in \($0.part.frame)")
        }
        if !placed.isEmpty { candidates = placed }
        var found: Set<String> = []
        for example in examples {
            var own = groups(counting: example, candidates)
            if own.isEmpty { own = matching(example, candidates) }
            if own.isEmpty { return nil }
            found.formUnion(own)
        }
        return found.count == 1 ? found.first : nil
    }

    private static func isType(_ type: String, of template: String) -> Bool {
        type.isEmpty || template == type || template.hasPrefix(type + ":")
    }

    private func groups(counting example: String, _ candidates: [Miner.Group]) -> Set<String> {
        var lexer = MessageLexer(quotes: .masked)
        let type = candidates.first?.part.type ?? ""
        for message in miner.messages(in: example, type: type) {
            let key = lexer.lex(message).key
            let own = candidates.filter { group in
                group.keys.contains { $0 == key || $0.isCoarse && $0.covers(key) }
            }
            if !own.isEmpty { return Set(own.map(\.fingerprint.text)) }
        }
        return []
    }

    private func matching(_ example: String, _ candidates: [Miner.Group]) -> Set<String> {
        let fingerprints = Set(candidates.map(\.fingerprint))
        let own = signatures.filter { signature in
            fingerprints.contains(signature.fingerprint)
                && (try? LinearRegex(signature.messageRegex))?.matches(example) == true
        }
        return Set(own.map(\.fingerprint.text))
    }
}

extension Miner.Entry {
    /// How many, of any day or none.
    var errors: Int { days.byDay.values.reduce(undated) { $0 + $1.count } }
}
