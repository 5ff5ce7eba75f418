package import FlowText

/// What people have taken out of groups that the grouping made: a pattern, and the group that its
/// messages are instead.
///
/// Decided on what is kept of a message (`MessageKey`), so that it is the same for every message that
/// was counted alike, and needs no message again.
package struct GroupSplits: Sendable {
    /// Messages of the group `of` that match are the group `part`.
    package struct Rule: Sendable {
        package let of: String
        package let part: String
        package let regex: LinearRegex
        /// What stands for it in keys whose texts it does not match, but those that they stand for.
        let mark: UInt64

        package init(of: String, part: String, regex: LinearRegex) {
            self.of = of
            self.part = part
            self.regex = regex
            mark = FNV.hash(part)
        }
    }

    package let rules: [Rule]
    let newest: @Sendable (String) -> String

    /// - Parameters:
    ///   - rules: of several that fit a message the first counts.
    ///   - newest: the fingerprint that a group has now, where it was renamed or merged: a rule holds
    ///     for all that its group has become.
    package init(_ rules: [Rule], newest: @escaping @Sendable (String) -> String = { $0 }) {
        self.rules = rules
        self.newest = newest
    }

    /// No group is split.
    package static let none = GroupSplits([])

    /// The rules about what a group has become.
    func about(_ fingerprint: String) -> [Rule] { applying(to: fingerprint, []).map { rules[$0] } }

    /// The rules that find a message, by their marks, whatever group it is in.
    /// - Parameter text: of the key.
    func found(_ key: MessageKey, _ text: @autoclosure () -> String) -> Set<UInt64> {
        var found = key.marks
        if rules.isEmpty { return found }
        let text = text()
        for rule in rules where !found.contains(rule.mark) && rule.regex.matches(text) {
            found.insert(rule.mark)
        }
        return found
    }

    /// The groups that one group is cut into: itself where no rule is about it.
    func pieces(_ group: Miner.Group) -> [Miner.Group] {
        guard !applying(to: group.fingerprint.text, []).isEmpty else { return [group] }
        var rest: [MessageKey] = []
        var parts: [Int: [MessageKey]] = [:]
        for key in group.keys {
            if let rule = rule(for: key, group.text(of: key), in: group.fingerprint.text) {
                parts[rule, default: []].append(key)
            } else {
                rest.append(key)
            }
        }
        let pieces = parts.sorted { $0.key < $1.key }.map { place, keys in
            group.part(keys, by: rules[place])
        }
        return rest.isEmpty ? pieces : [group.keeping(rest)] + pieces
    }

    /// The rule that a message ends at: what a rule has taken out another may take out of that.
    private func rule(for key: MessageKey, _ text: String, in fingerprint: String) -> Int? {
        let marks = key.marks
        var last: Int?
        var used: Set<Int> = []
        var at = fingerprint
        while let next = applying(to: at, used).first(where: {
            marks.contains(rules[$0].mark) || rules[$0].regex.matches(text)
        }) {
            used.insert(next)
            last = next
            at = rules[next].part
        }
        return last
    }

    private func applying(to fingerprint: String, _ used: Set<Int>) -> [Int] {
        if rules.isEmpty { return [] }
        let name = newest(fingerprint)
        return rules.indices.filter { !used.contains($0) && newest(rules[$0].of) == name }
    }
}
