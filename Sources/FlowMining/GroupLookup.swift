internal import FlowText

/// The groups of a mining, asked which of them a message is in that was written down elsewhere.
///
/// Made once for many questions: each then costs what its own messages cost, and where one of them
/// was not counted a match with the patterns of the groups that it may be in.
package struct GroupLookup {
    private let miner: Miner
    private let keys: [Miner.Part: CountedKeys]
    private let fingerprints: [Miner.Part: [MessageKey: String]]
    private let groups: [Miner.Part: Set<String>]
    /// The longest types first.
    private let types: [(type: String, parts: [Miner.Part])]
    private let patterns: [String: String]
    /// Compiled when they are first asked.
    private var regexes: [String: LinearRegex?] = [:]
    private var lexer = MessageLexer(quotes: .masked)

    /// Costs a look at each different masked message.
    package init(_ mined: MinedGroups) {
        miner = mined.miner
        keys = Dictionary(
            uniqueKeysWithValues: miner.parts.map { part, entries in
                (part, CountedKeys(part, entries.keys, mined.miner.splits))
            })
        var fingerprints: [Miner.Part: [MessageKey: String]] = [:]
        for group in mined.groups {
            for key in group.keys {
                fingerprints[group.part, default: [:]][key] = group.fingerprint.text
            }
        }
        self.fingerprints = fingerprints
        groups = fingerprints.mapValues { Set($0.values) }
        types = Dictionary(grouping: miner.parts.keys, by: \.type)
            .sorted { ($1.key.utf8.count, $0.key) < ($0.key.utf8.count, $1.key) }
            .map { ($0.key, $0.value) }
        patterns = Dictionary(
            mined.signatures.map { ($0.fingerprint.text, $0.messageRegex) },
            uniquingKeysWith: { one, _ in one })
    }

    /// The group that counts a message; nil where none like it was counted.
    func fingerprint(of message: MessageKey, in part: Miner.Part) -> String? {
        keys[part]?.key(of: message).flatMap { fingerprints[part]?[$0] }
    }

    /// The one group that messages belong to which were written down elsewhere, as a skill does it.
    /// - Parameters:
    ///   - examples: with their type before them, private parts masked.
    ///   - component: nil: any.
    ///   - template: of the group that they were written down of, with its type before it.
    /// - Returns: nil where one of them was not counted and fits no group's pattern, or where they
    ///   belong to several groups.
    package mutating func group(of examples: [String], component: String?, template: String)
        -> String?
    {
        let candidates = candidates(component, template)
        var found: Set<String> = []
        for example in examples {
            var own = counting(example, candidates)
            if own.isEmpty { own = matching(example, candidates) }
            if own.isEmpty { return nil }
            found.formUnion(own)
        }
        return found.count == 1 ? found.first : nil
    }

    /// The parts of one type; where the template names a place, those of that.
    private func candidates(_ component: String?, _ template: String) -> [Miner.Part] {
        for (type, parts) in types
        where type.isEmpty || template == type || template.hasPrefix(type + ":") {
            let own = parts.filter { miner.coarseness.isComponent(component, of: $0) }
            if own.isEmpty { continue }
            let placed = own.filter { $0.isPlaced && template.hasSuffix("in \($0.frame)") }
            return placed.isEmpty ? own : placed
        }
        return []
    }

    private mutating func counting(_ example: String, _ candidates: [Miner.Part]) -> Set<String> {
        for message in miner.messages(in: example, type: candidates.first?.type ?? "") {
            let key = lexer.lex(message.text, isCut: message.isCut).key
            let own = candidates.compactMap { fingerprint(of: key, in: $0) }
            if !own.isEmpty { return Set(own) }
        }
        return []
    }

    private mutating func matching(_ example: String, _ candidates: [Miner.Part]) -> Set<String> {
        var own: Set<String> = []
        for part in candidates {
            for fingerprint in groups[part] ?? []
            where regex(fingerprint)?.matches(example) == true {
                own.insert(fingerprint)
            }
        }
        return own
    }

    private mutating func regex(_ fingerprint: String) -> LinearRegex? {
        if let known = regexes[fingerprint] { return known }
        let regex = patterns[fingerprint].flatMap { try? LinearRegex($0) }
        regexes[fingerprint] = .some(regex)
        return regex
    }
}
