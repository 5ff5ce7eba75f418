/// Executions that are alike, grouped so that the order in which they were read does not matter.
///
/// Equal executions are one variant. Variants are taken in an order of their own, the most frequent
/// first, then the longer, then by their steps: each joins the leader it is most like, if the
/// similarity is high enough, or leads a group itself. So every member is like its leader, which
/// chains of pairwise similar ones do not promise.
///
/// Leaders are found by pieces that must be equal where two sequences are alike (PassJoin: Li, Deng,
/// Wang and Feng, 2011), and compared within a band. Executions of more than 64 steps are held
/// against all leaders of like length whose steps can be alike at all.
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
    /// By length the leaders that have it.
    private var byLength: [Int: [Int]] = [:]
    /// By length, number and content of a piece.
    private var pieces: [UInt64: [Int32]] = [:]
    /// The last question for which a leader was looked at.
    private var asked: [Int] = []
    private var questions = 0
    private static let longest = 64

    init(_ least: Double) { self.least = least }

    /// How far two of these lengths may be apart.
    private func limit(_ one: Int, _ other: Int) -> Int {
        Int((1 - least) * Double(max(one, other)) + 1e-9)
    }

    /// Lengths that can be alike.
    private func lengths(like length: Int) -> ClosedRange<Int> {
        let low = max(1, Int((least * Double(length) - 1e-9).rounded(.up)))
        let high = least > 0 ? Double(length) / least + 1e-9 : 1e6
        return low...max(low, Int(min(high, 1e6)))
    }

    /// The pieces of a leader of this length, one more than it may be changed in places, so that one of
    /// them is left as it is; nil where it is too long, or may be changed everywhere.
    private func pieces(of length: Int) -> [Range<Int>]? {
        let count = limit(length, lengths(like: length).upperBound) + 1
        guard length <= Self.longest, count <= length else { return nil }
        return (0..<count).map { $0 * length / count..<($0 + 1) * length / count }
    }

    mutating func add(_ leader: [Int32]) {
        let number = leaders.count
        leaders.append(leader)
        asked.append(0)
        byLength[leader.count, default: []].append(number)
        guard let own = pieces(of: leader.count) else { return }
        let hashes = RollingHash(leader)
        for (place, piece) in own.enumerated() {
            let key = Self.key(leader.count, place, hashes.of(piece))
            pieces[key, default: []].append(Int32(number))
        }
    }

    /// The leader that is most like a sequence, of equals the earlier one.
    mutating func nearest(to one: [Int32]) -> (leader: Int, similarity: Double)? {
        questions += 1
        var best: (leader: Int, similarity: Double)?
        let hashes = RollingHash(one)
        for length in lengths(like: one.count) {
            guard let known = byLength[length] else {
                if byLength.isEmpty { return nil }
                continue
            }
            guard let own = pieces(of: length), known.count > 4 else {
                for leader in known { compare(one, leader, &best) }
                continue
            }
            // where a piece can have moved to (shift-based selection of substrings)
            let most = limit(one.count, length)
            let longer = one.count - length
            for (place, piece) in own.enumerated() {
                let first = max(0, piece.lowerBound - (most - longer) / 2)
                let last = min(one.count - piece.count, piece.lowerBound + (most + longer) / 2)
                guard first <= last else { continue }
                for start in first...last {
                    let key = Self.key(length, place, hashes.of(start..<(start + piece.count)))
                    for leader in pieces[key] ?? [] { compare(one, Int(leader), &best) }
                }
            }
        }
        return best
    }

    private mutating func compare(
        _ one: [Int32], _ leader: Int, _ best: inout (leader: Int, similarity: Double)?
    ) {
        if asked[leader] == questions { return }
        asked[leader] = questions
        let other = leaders[leader]
        if max(one.count, other.count) > Self.longest,
            !Self.mayBeAlike(one, other, limit(one.count, other.count))
        {
            return
        }
        guard
            let similarity = Sequences.similarity(
                one[...], other[...], least: max(least, best?.similarity ?? 0))
        else { return }
        if let known = best, (known.similarity, leader) >= (similarity, known.leader) { return }
        best = (leader, similarity)
    }

    /// Whether enough steps are the same, in whatever order: each change mends one step of each at most.
    private static func mayBeAlike(_ one: [Int32], _ other: [Int32], _ limit: Int) -> Bool {
        var counts: [Int32: Int] = [:]
        for step in one { counts[step, default: 0] += 1 }
        for step in other { counts[step, default: 0] -= 1 }
        let (more, less) = counts.values.reduce((0, 0)) { ($0.0 + max(0, $1), $0.1 + max(0, -$1)) }
        return max(more, less) <= limit
    }

    private static func key(_ length: Int, _ place: Int, _ hash: UInt64) -> UInt64 {
        (hash ^ UInt64(length) << 48 ^ UInt64(place) << 40) &* 0x9E37_79B9_7F4A_7C15
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
