/// Whether messages suit being grouped: five signs that they do not, after those that Elastic's
/// categorisation warns of (elastic/kibana 59005).
package struct MiningCheck: Sendable {
    /// One group: its messages, and the words of its template.
    struct Group {
        let count: Int
        let words: [Substring]
    }

    /// Below so many messages a sign may be chance, and nothing is checked.
    package static let least = 1_000

    /// What does not suit, in sentences; empty where all is well.
    package let signs: [String]

    /// - Parameter signatures: all of what was mined. Costs about O(signatures).
    package init(_ signatures: [Signature]) {
        self.init(
            signatures.map { signature in
                Group(
                    count: signature.daily.reduce(0) { $0 + $1.count } + signature.hitsToday
                        + signature.undated,
                    words: (signature.component + " " + signature.template).split(separator: " "))
            })
    }

    init(_ groups: [Group]) {
        let total = groups.reduce(0) { $0 + $1.count }
        guard total >= Self.least else {
            signs = []
            return
        }
        var signs: [String] = []
        let largest = groups.map(\.count).max() ?? 0
        let rare = groups.count { $0.count == 1 }
        if groups.count == 1 {
            signs.append("all \(total) messages are in one group")
        } else if 2 * largest > total {
            signs.append("one group has \(largest) of \(total) messages, more than half")
        }
        if 10 * rare > 9 * groups.count {
            signs.append(
                "\(rare) of \(groups.count) groups have one message, more than nine in ten")
        }
        if 100 * largest < total {
            signs.append("no group has a hundredth of the \(total) messages")
        }
        let dead = Self.dead(groups)
        if 2 * dead > groups.count {
            signs.append(
                "\(dead) of \(groups.count) groups are covered by the template of another, more than "
                    + "half")
        }
        self.signs = signs
    }

    /// Groups that no message will come to any more, since another's template fits all of theirs.
    static func dead(_ groups: [Group]) -> Int {
        let covers = TemplateCovers(groups.map(\.words))
        return groups.count { covers.isCovered($0.words) }
    }
}
