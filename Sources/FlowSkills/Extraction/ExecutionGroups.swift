/// Executions that are alike, grouped so that the order in which they were read does not matter.
///
/// Equal executions are one variant. Variants are taken in an order of their own, the most frequent
/// first, then the longer, then by their steps: each joins the leader it is most like, if the
/// similarity is high enough, or leads a group itself. So every member is like its leader, which
/// chains of pairwise similar ones do not promise.
///
/// Leaders are found by pieces that must be equal where two sequences are alike (PassJoin: Li, Deng,
/// Wang and Feng, 2011), and compared with 64 steps of one at a time (Myers, 1999). Each variant costs its
/// leaders' pieces that it has, near where it has them; without any of them it costs its length.
package struct ExecutionGroups: Sendable {
    package struct Group: Sendable, Hashable {
        /// The first run of the leading variant.
        package let leader: Int
        /// All runs, in the order of the log.
        package let runs: [Int]
        /// The least similarity of a run to its leader.
        package let similarity: Double
    }

    /// The largest first; of equal ones the one with the earlier leader.
    package let groups: [Group]

    /// Groups the runs of a log by the similarity of their steps.
    package init(_ log: ExecutionLog, minSimilarity: Double) {
        self.init(
            steps: log.steps, runs: (0..<log.runCount).map { log.steps(of: $0) },
            minSimilarity: minSimilarity)
    }

    init(steps: [Int32], runs: [Range<Int>], minSimilarity: Double) {
        var variants: [[Int32]: [Int]] = [:]
        for (number, run) in runs.enumerated() {
            variants[Array(steps[run]), default: []].append(number)
        }
        let ordered = variants.sorted { one, other in
            if one.value.count != other.value.count { return one.value.count > other.value.count }
            if one.key.count != other.key.count { return one.key.count > other.key.count }
            return one.key.lexicographicallyPrecedes(other.key)
        }
        var index = LeaderIndex(minSimilarity)
        var members: [(runs: [Int], similarity: Double)] = []
        for (variant, own) in ordered {
            if let (leader, similarity) = index.nearest(to: variant) {
                members[leader].runs += own
                members[leader].similarity = min(members[leader].similarity, similarity)
            } else {
                index.add(variant)
                members.append((own, 1))
            }
        }
        groups = members.map { runs, similarity in
            Group(leader: runs[0], runs: runs.sorted(), similarity: similarity)
        }.sorted {
            $0.runs.count != $1.runs.count
                ? $0.runs.count > $1.runs.count : $0.leader < $1.leader
        }
    }
}

/// The leaders of groups, to be found by what is like them.
private struct LeaderIndex {
    private let least: Double
    private var leaders: [[Int32]] = []
    /// Where a piece with this content stands in leaders: their numbers and its first steps.
    private var pieces: [UInt64: [(leader: Int32, start: Int32)]] = [:]
    /// The lengths that pieces have.
    private var pieceLengths: Set<Int> = []
    /// Leaders of which no piece need be equal in what is like them: their number, by length.
    private var whole: [Int: [Int]] = [:]
    /// The last question for which a leader was looked at.
    private var asked: [Int] = []
    private var questions = 0

    init(_ least: Double) { self.least = least }

    /// Edits between two of these lengths that are alike, at most.
    private func limit(_ one: Int, _ other: Int) -> Int {
        Int((1 - least) * Double(max(one, other)) + 1e-9)
    }

    /// The longest that what is like a sequence can be.
    private func longest(like length: Int) -> Int {
        least > 0 ? Int(min(Double(length) / least + 1e-9, 1e9)) : Int(1e9)
    }

    /// The pieces of a leader of this length, one more than it may be changed in places, so that one of
    /// them is left as it is; nil where it may be changed everywhere.
    private func pieces(of length: Int) -> [Range<Int>]? {
        let count = limit(length, longest(like: length)) + 1
        guard count <= length else { return nil }
        return (0..<count).map { $0 * length / count..<($0 + 1) * length / count }
    }

    mutating func add(_ leader: [Int32]) {
        let number = leaders.count
        leaders.append(leader)
        asked.append(0)
        guard let own = pieces(of: leader.count) else {
            whole[leader.count, default: []].append(number)
            return
        }
        let hashes = RollingHash(leader)
        for piece in own {
            pieceLengths.insert(piece.count)
            pieces[hashes.of(piece), default: []].append((Int32(number), Int32(piece.lowerBound)))
        }
    }

    /// The leader that is most like a sequence, of equals the earlier one.
    mutating func nearest(to one: [Int32]) -> (leader: Int, similarity: Double)? {
        questions += 1
        var best: (leader: Int, similarity: Double)?
        var distances = EditDistances(to: one)
        for (length, numbers) in whole where isLike(length, one.count) {
            for leader in numbers { compare(leader, &distances, &best) }
        }
        let hashes = RollingHash(one)
        for length in pieceLengths where length <= one.count {
            for start in 0...(one.count - length) {
                for piece in pieces[hashes.of(start..<(start + length))] ?? [] {
                    let leader = Int(piece.leader)
                    let other = leaders[leader].count
                    // what is before a piece that is left as it is differs in length by edits
                    guard asked[leader] != questions, isLike(other, one.count),
                        abs(start - Int(piece.start)) <= limit(one.count, other)
                    else { continue }
                    compare(leader, &distances, &best)
                }
            }
        }
        return best
    }

    private func isLike(_ one: Int, _ other: Int) -> Bool { abs(one - other) <= limit(one, other) }

    private mutating func compare(
        _ leader: Int, _ distances: inout EditDistances,
        _ best: inout (leader: Int, similarity: Double)?
    ) {
        asked[leader] = questions
        let least = max(least, best?.similarity ?? 0)
        guard let similarity = distances.similarity(to: leaders[leader], least: least)
        else { return }
        if let known = best,
            known.similarity > similarity || known.similarity == similarity && known.leader < leader
        {
            return
        }
        best = (leader, similarity)
    }
}

/// Hashes of all parts of a sequence (Karp and Rabin, modulo 2^64); equal parts have equal hashes.
private struct RollingHash {
    private var heads: [UInt64] = [0]
    private var powers: [UInt64] = [1]
    private static let base: UInt64 = 0x2545_F491_4F6C_DD1D

    init(_ steps: [Int32]) {
        heads.reserveCapacity(steps.count + 1)
        powers.reserveCapacity(steps.count + 1)
        for (place, step) in steps.enumerated() {
            heads.append(heads[place] &* Self.base &+ UInt64(UInt32(bitPattern: step)) &+ 1)
            powers.append(powers[place] &* Self.base)
        }
    }

    func of(_ part: Range<Int>) -> UInt64 {
        heads[part.upperBound] &- heads[part.lowerBound] &* powers[part.count]
    }
}
