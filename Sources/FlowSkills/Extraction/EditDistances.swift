/// Edit distances of one sequence to many others.
///
/// A column of the table of distances is kept as the differences of its neighbours, 64 in a word, and the
/// next comes of it in a few operations (Myers, "A Fast Bit-Vector Algorithm for Approximate String
/// Matching", 1999; in blocks as by Hyyrö, 2003): O(n · m / 64).
struct EditDistances {
    private let length: Int
    /// For each symbol of the sequence its row in `places`.
    private var rows: [Int32: Int] = [:]
    /// By row and word, the places that have the symbol.
    private var places: [UInt64] = []
    private let words: Int
    private var up: [UInt64]
    private var down: [UInt64]

    init(to one: [Int32]) {
        length = one.count
        words = (one.count + 63) / 64
        up = Array(repeating: 0, count: words)
        down = up
        for (place, symbol) in one.enumerated() {
            let row = rows[symbol] ?? rows.count
            if row == rows.count {
                rows[symbol] = row
                places += Array(repeating: 0, count: words)
            }
            places[row * words + place / 64] |= 1 << UInt64(place % 64)
        }
    }

    /// The distance, if it is at most `limit`, else nil.
    mutating func distance(to other: [Int32], limit: Int) -> Int? {
        guard length > 0 else { return other.count <= limit ? other.count : nil }
        for word in 0..<words {
            up[word] = .max
            down[word] = 0
        }
        var score = length
        for (place, symbol) in other.enumerated() {
            score += column(rows[symbol])
            // each step that is left can bring it down by one
            if score - (other.count - place - 1) > limit { return nil }
        }
        return score <= limit ? score : nil
    }

    /// 1 less the distance over the longer one's length, as the seed has it: 0 where one is empty. nil:
    /// it is below `least`.
    mutating func similarity(to other: [Int32], least: Double) -> Double? {
        guard length > 0, !other.isEmpty else { return least <= 0 ? 0 : nil }
        let longest = Double(max(length, other.count))
        let limit = Int((1 - least) * longest + 1e-9)
        return distance(to: other, limit: limit).map { 1 - Double($0) / longest }
    }

    /// Goes one step of the other sequence on.
    /// - Returns: how the distance to all of this one changes.
    private mutating func column(_ row: Int?) -> Int {
        // the distance to nothing grows with each step
        var carry = 1
        for word in 0..<words {
            var equal = row.map { places[$0 * words + word] } ?? 0
            let vertical = equal | down[word]
            if carry < 0 { equal |= 1 }
            let horizontal = (((equal & up[word]) &+ up[word]) ^ up[word]) | equal
            var rising = down[word] | ~(horizontal | up[word])
            var falling = up[word] & horizontal
            let last: UInt64 = 1 << UInt64(word == words - 1 ? (length - 1) % 64 : 63)
            let next = rising & last != 0 ? 1 : falling & last != 0 ? -1 : 0
            rising <<= 1
            falling <<= 1
            if carry < 0 { falling |= 1 } else if carry > 0 { rising |= 1 }
            up[word] = falling | ~(vertical | rising)
            down[word] = rising & vertical
            carry = next
        }
        return carry
    }
}
