internal import Glibc

/// How often each symbol occurs in a log.
struct SymbolTotals: Sendable {
    let counts: [Int]
    let steps: Int
    /// The largest first.
    private let ranked: [Int]

    init(_ log: ExecutionLog) {
        var counts = [Int](repeating: 0, count: log.symbols.count)
        for step in log.steps { counts[Int(step)] += 1 }
        self.counts = counts
        steps = log.steps.count
        ranked = counts.sorted(by: >)
    }

    /// What a p-value may be, for 5 % over all symbols and so many gaps, when the gap tested has this
    /// share of all steps. Symbols that occur so seldom that even all their occurrences in it would tell
    /// nothing are not tested and do not count (Tarone 1990).
    func level(share: Double, gaps: Int) -> Double {
        var (low, high) = (1, max(1, counts.count))
        while low < high {
            let middle = (low + high) / 2
            let level = 0.05 / Double(middle * gaps)
            // the ranks of those that can reach it
            if middle < ranked.count, pow(share, Double(ranked[middle])) <= level {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return 0.05 / Double(low * gaps)
    }
}
