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
}
