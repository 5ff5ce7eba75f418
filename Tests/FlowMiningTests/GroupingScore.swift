import FlowText

@testable import FlowMining

/// How well a grouping agrees with the truth.
struct GroupingScore: CustomStringConvertible {
    /// Share of the items whose group holds exactly the items of their true group.
    let groupingAccuracy: Double
    /// F1 of groups; one is right when it equals a true one.
    let groupF1: Double

    init(truth: [String], groups: [String]) {
        let truth = Self.members(truth)
        let found = Self.members(groups)
        let exact = Set(truth.values.map(Set.init))
        let right = found.values.filter { exact.contains(Set($0)) }
        let count = max(1, groups.count)
        groupingAccuracy = Double(right.reduce(0) { $0 + $1.count }) / Double(count)
        groupF1 = 2 * Double(right.count) / Double(max(1, truth.count + found.count))
    }

    var description: String { "GA \(groupingAccuracy) FGA \(groupF1)" }

    private static func members(_ labels: [String]) -> [String: [Int]] {
        Dictionary(grouping: labels.indices) { labels[$0] }
    }
}

/// The labels beside the messages.
enum CSV {
    /// The rows by column name.
    static func rows(_ bytes: [UInt8]) throws -> [[String: String]] {
        var rows = CSVRows(bytes)
        guard let head = try rows.next() else { return [] }
        var result: [[String: String]] = []
        while let row = try rows.next() {
            result.append(Dictionary(uniqueKeysWithValues: zip(head, row)))
        }
        return result
    }
}
