/// The tokens of two templates put side by side with as few differences as there can be (Wagner and
/// Fischer, The String-to-String Correction Problem, 1974). Costs the product of their numbers.
struct TokenAlignment {
    private let one: [String]
    private let other: [String]
    /// `costs[i][j]`: differences of the first `i` tokens and the first `j`.
    private let costs: [[Int]]

    init(_ one: [String], _ other: [String]) {
        self.one = one
        self.other = other
        var costs = [Array(0...other.count)]
        for (row, text) in one.enumerated() {
            var line = [row + 1]
            for (column, against) in other.enumerated() {
                line.append(
                    min(
                        costs[row][column] + (text == against ? 0 : 1), costs[row][column + 1] + 1,
                        line[column] + 1))
            }
            costs.append(line)
        }
        self.costs = costs
    }

    /// How many tokens differ or have nothing beside them.
    var cost: Int { costs[one.count][other.count] }

    /// Those tokens, in order; empty for nothing.
    var differences: [(this: String, other: String)] {
        var (row, column) = (one.count, other.count)
        var differences: [(this: String, other: String)] = []
        while row > 0 || column > 0 {
            let cost = costs[row][column]
            if row > 0, column > 0, one[row - 1] == other[column - 1],
                costs[row - 1][column - 1] == cost
            {
                (row, column) = (row - 1, column - 1)
            } else if row > 0, column > 0, costs[row - 1][column - 1] + 1 == cost {
                differences.append((one[row - 1], other[column - 1]))
                (row, column) = (row - 1, column - 1)
            } else if row > 0, costs[row - 1][column] + 1 == cost {
                differences.append((one[row - 1], ""))
                row -= 1
            } else {
                differences.append(("", other[column - 1]))
                column -= 1
            }
        }
        return differences.reversed()
    }
}
