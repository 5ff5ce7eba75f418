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

/// Comma-separated values with quotes (RFC 4180).
enum CSV {
    /// The rows by column name.
    static func rows(_ bytes: [UInt8]) -> [[String: String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var quoted = false
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if quoted {
                if byte != UInt8(ascii: "\"") {
                    field.append(byte)
                } else if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                    field.append(byte)
                    at += 1
                } else {
                    quoted = false
                }
            } else if byte == UInt8(ascii: "\"") {
                quoted = true
            } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") {
                if field.last == UInt8(ascii: "\r") { field.removeLast() }
                row.append(String(decoding: field, as: UTF8.self))
                field = []
                if byte == UInt8(ascii: "\n") {
                    rows.append(row)
                    row = []
                }
            } else {
                field.append(byte)
            }
        }
        guard let head = rows.first else { return [] }
        return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(head, $0)) }
    }
}
