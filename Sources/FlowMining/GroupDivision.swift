package import FlowText

/// What a pattern would take out of a group, and what would stay.
package struct GroupDivision: Sendable {
    package struct Side: Sendable {
        /// All that are counted, of any day or none.
        package fileprivate(set) var errors = 0
        /// Different messages once masked.
        package fileprivate(set) var different = 0
        /// A few of them, as the pattern sees them.
        package fileprivate(set) var messages: [String] = []
        /// Messages as they were, private parts masked.
        package fileprivate(set) var examples: [String] = []
    }

    package let matching: Side
    package let rest: Side
}

extension Miner {
    /// What a pattern takes out of the groups that go by a fingerprint.
    /// - Parameter name: the fingerprint that a group goes by.
    /// - Returns: nil where no error of them was counted.
    package func division(
        of fingerprint: String, _ regex: LinearRegex, named name: (String) -> String
    ) -> GroupDivision? {
        let bounded = bounded
        let groups = bounded.groups().filter { name($0.fingerprint.text) == fingerprint }
        if groups.isEmpty { return nil }
        let messages = groups.flatMap { group in
            group.keys.map { (group, $0, group.text(of: $0)) }
        }.sorted { ($0.0.part, $0.1) < ($1.0.part, $1.1) }
        func side(_ wanted: Bool) -> GroupDivision.Side {
            var side = GroupDivision.Side()
            var examples = Examples()
            for (group, key, text) in messages where regex.matches(text) == wanted {
                guard let entry = bounded.parts[group.part]?[key] else { continue }
                side.errors += entry.errors
                side.different += 1
                side.messages.append(text)
                examples.merge(entry.examples)
            }
            side.messages = Array(side.messages.prefix(GroupDivision.shown))
            side.examples = Array(examples.texts.prefix(GroupDivision.shown))
            return side
        }
        return GroupDivision(matching: side(true), rest: side(false))
    }

    /// The groups that the grouping and the splits make.
    package var fingerprints: Set<String> { Set(bounded.groups().map(\.fingerprint.text)) }
}

extension GroupDivision {
    /// Messages that a side shows.
    fileprivate static let shown = 2
}
