/// How much two sequences of steps are alike.
enum Sequences {
    /// The length of the longest common subsequence; O(m · n).
    static func commonSteps(_ one: [Int32], _ other: [Int32]) -> Int {
        var row = [Int](repeating: 0, count: other.count + 1)
        for symbol in one {
            var diagonal = 0
            for place in other.indices {
                let above = row[place + 1]
                row[place + 1] = symbol == other[place] ? diagonal + 1 : max(above, row[place])
                diagonal = above
            }
        }
        return row[other.count]
    }

    /// The edit distance, if it is at most `limit`, else nil. Only the diagonals within the limit are
    /// computed (Ukkonen, "Algorithms for Approximate String Matching", 1985): O(limit · min(m, n)).
    static func distance(_ one: ArraySlice<Int32>, _ other: ArraySlice<Int32>, limit: Int) -> Int? {
        let (short, long) = one.count <= other.count ? (one, other) : (other, one)
        guard limit >= 0, long.count - short.count <= limit else { return nil }
        let width = short.count
        let far = limit + 1
        var row = (0...width).map { min($0, far) }
        for (number, symbol) in long.enumerated() {
            let first = max(1, number + 1 - limit)
            let last = min(width, number + 1 + limit)
            guard first <= last else { return width == 0 && long.count <= limit ? long.count : nil }
            var diagonal = row[first - 1]
            row[first - 1] = first == 1 ? min(number + 1, far) : far
            var least = row[first - 1]
            for place in first...last {
                // what lies outside the band is far
                let above = place == number + 1 + limit ? far : row[place]
                let change = short[short.startIndex + place - 1] == symbol ? 0 : 1
                let best = min(diagonal + change, min(above, row[place - 1]) + 1, far)
                diagonal = row[place]
                row[place] = best
                least = min(least, best)
            }
            if least > limit { return nil }
        }
        return row[width] <= limit ? row[width] : nil
    }

    /// 1 less the edit distance over the longer one's length, as the seed has it: 0 where one is
    /// empty. nil: it is below `least`.
    static func similarity(
        _ one: ArraySlice<Int32>, _ other: ArraySlice<Int32>, least: Double
    ) -> Double? {
        guard !one.isEmpty, !other.isEmpty else { return least <= 0 ? 0 : nil }
        let longest = max(one.count, other.count)
        let limit = Int((1 - least) * Double(longest) + 1e-9)
        return distance(one, other, limit: limit).map { 1 - Double($0) / Double(longest) }
    }
}
