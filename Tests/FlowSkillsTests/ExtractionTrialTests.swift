import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowSkills

/// A random log of one to six runs.
struct DrawnLog {
    /// The runs' steps; -1 is equal to no other.
    let runs: [[Int32]]
    let symbols: Int

    /// Few symbols and short runs have most repeats; now and then a run repeats an earlier one.
    init(_ draw: inout SeededGenerator, hasBreaks: Bool = true) {
        symbols = Int.random(in: 1...5, using: &draw)
        var runs: [[Int32]] = []
        for _ in 0..<Int.random(in: 1...6, using: &draw) {
            if let old = runs.randomElement(using: &draw), Int.random(in: 0..<4, using: &draw) == 0
            {
                runs.append(old)
                continue
            }
            let length = Int.random(in: 0...14, using: &draw)
            var run: [Int32] = []
            for _ in 0..<length {
                let isBreak = hasBreaks && Int.random(in: 0..<12, using: &draw) == 0
                run.append(isBreak ? -1 : Int32.random(in: 0..<Int32(symbols), using: &draw))
            }
            runs.append(run)
        }
        self.runs = runs
    }

    var steps: [Int32] { runs.flatMap { $0 } }
    var starts: [Int32] {
        runs.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int32($1.count)) }
    }
}

/// What is found in logs is what trying everything finds. `FLOW_SOAK` draws twenty thousand logs for
/// each promise.
@Suite("Extraction, against trying everything")
struct ExtractionTrialTests {
    private static let count = Environment["FLOW_SOAK"].map { max(20_000, Int($0) ?? 0) } ?? 10_000
    private static let seed: UInt64 = 20_261_130

    /// Every repeat by trying all: what occurs twice or more and is followed and preceded by
    /// different things.
    private func tried(_ log: DrawnLog, length: Int, support: Int) -> [[Int32]: [Int]] {
        var places: [[Int32]: [(run: Int, at: Int)]] = [:]
        for (number, run) in log.runs.enumerated() {
            for from in run.indices {
                for to in from..<run.count {
                    if run[to] < 0 { break }
                    places[Array(run[from...to]), default: []].append((number, from))
                }
            }
        }
        var result: [[Int32]: [Int]] = [:]
        for (word, all) in places where word.count >= length && all.count >= 2 {
            // what differs from everything has a number of its own
            var unique: Int32 = -10
            func around(_ run: [Int32], _ at: Int) -> Int32 {
                if run.indices.contains(at), run[at] >= 0 { return run[at] }
                unique -= 1
                return unique
            }
            let before = Set(all.map { around(log.runs[$0.run], $0.at - 1) })
            let after = Set(all.map { around(log.runs[$0.run], $0.at + word.count) })
            let runs = Set(all.map(\.run)).count
            if before.count > 1, after.count > 1, runs >= support {
                result[word] = [runs, all.count]
            }
        }
        return result
    }

    @Test("are those that trying everything finds, with their support and occurrences")
    func brute() {
        print("seed \(Self.seed), \(Self.count) logs")
        var draw = SeededGenerator(seed: Self.seed)
        var total = 0
        for number in 0..<Self.count {
            let log = DrawnLog(&draw)
            let (length, support) = (
                Int.random(in: 1...4, using: &draw), Int.random(in: 1...3, using: &draw)
            )
            let index = RepeatIndex(steps: log.steps, starts: log.starts, symbols: log.symbols)
            var found: [[Int32]: [Int]] = [:]
            index.forEachRepeat(length: length, support: support) { one in
                let word = Array(index.text[Int(one.place)..<Int(one.place + one.length)])
                #expect(found[word] == nil, "log \(number) gives \(word) twice")
                found[word] = [Int(one.support), Int(one.occurrences)]
                #expect(index.count(of: word[...]) == Int(one.occurrences))
                for place in index.places(of: one) {
                    let step = index.step(at: place)
                    #expect(Array(log.steps[step..<(step + word.count)]) == word)
                }
            }
            total += found.count
            #expect(
                found == tried(log, length: length, support: support),
                "log \(number): \(log.runs), length \(length), support \(support)")
        }
        #expect(total > Self.count)
    }

    @Test("suffixes are in their order, and neighbours share what is said")
    func order() {
        print("seed \(Self.seed)")
        var draw = SeededGenerator(seed: Self.seed)
        for _ in 0..<Self.count {
            let largest = Int.random(in: 0...4, using: &draw)
            let text = (0..<Int.random(in: 0...40, using: &draw)).map { _ in
                Int32.random(in: 0...Int32(largest), using: &draw)
            }
            let order = SuffixArray.make(text, largest: largest)
            let sorted = text.indices.sorted {
                text[$0...].lexicographicallyPrecedes(text[$1...])
            }
            #expect(order.map(Int.init) == sorted, "\(text)")
            let common = SuffixArray.commonPrefixes(text, order)
            for place in sorted.indices.dropFirst() {
                let (one, other) = (text[sorted[place - 1]...], text[sorted[place]...])
                #expect(Int(common[place]) == zip(one, other).prefix { $0 == $1 }.count)
            }
        }
    }

    /// Whether steps from `slot` on can follow what was done at `last`, by trying everything.
    private func follows(
        _ run: [Int32], _ pattern: StepPattern, gap: Int, slot: Int, last: Int?
    ) -> Bool {
        if pattern.steps[slot...].allSatisfy(\.isOptional), last != nil { return true }
        for next in slot..<pattern.count {
            let reach = last.map { ($0 + 1)..<min(run.count, $0 + gap + 2) } ?? 0..<run.count
            for place in reach where run[place] == pattern.steps[next].symbol {
                if follows(run, pattern, gap: gap, slot: next + 1, last: place) { return true }
            }
            if !pattern.steps[next].isOptional { return false }
        }
        return false
    }

    private func drawnPattern(_ symbols: Int, _ draw: inout SeededGenerator) -> StepPattern {
        var pattern = StepPattern(
            (0..<Int.random(in: 1...5, using: &draw)).map { _ in
                Int32.random(in: 0..<Int32(symbols), using: &draw)
            })
        for slot in pattern.steps.indices {
            pattern.steps[slot].isOptional = Int.random(in: 0..<4, using: &draw) == 0
        }
        if pattern.required.isEmpty { pattern.steps[0].isOptional = false }
        return pattern
    }

    @Test("support is what trying everything finds, and occurrences keep the rules")
    func support() {
        print("seed \(Self.seed), \(Self.count) logs")
        var draw = SeededGenerator(seed: Self.seed)
        var followed = 0
        for number in 0..<Self.count {
            let log = DrawnLog(&draw, hasBreaks: false)
            let gap = Int.random(in: 0...3, using: &draw)
            let pattern = drawnPattern(log.symbols, &draw)
            var matcher = PatternMatcher(pattern, gap: gap, symbols: log.symbols)
            for (run, steps) in log.runs.enumerated() {
                let range = Int(log.starts[run])..<Int(log.starts[run + 1])
                var found: [PatternMatcher.Occurrence] = []
                matcher.forEach(in: log.steps, range) { found.append($0) }
                #expect(
                    !found.isEmpty == follows(steps, pattern, gap: gap, slot: 0, last: nil),
                    "log \(number): \(steps), \(pattern), gap \(gap)")
                check(found, pattern, gap, log.steps, range)
                followed += found.isEmpty ? 0 : 1
            }
        }
        #expect(followed > Self.count / 4)
    }

    private func check(
        _ found: [PatternMatcher.Occurrence], _ pattern: StepPattern, _ gap: Int, _ log: [Int32],
        _ run: Range<Int>
    ) {
        var end = run.lowerBound - 1
        for places in found {
            var last: Int?
            for (slot, place) in places.enumerated() {
                guard place >= 0 else {
                    #expect(pattern.steps[slot].isOptional)
                    continue
                }
                #expect(log[Int(place)] == pattern.steps[slot].symbol)
                #expect(run.contains(Int(place)) && Int(place) > end)
                if let last { #expect(Int(place) > last && Int(place) - last <= gap + 1) }
                last = Int(place)
            }
            end = last ?? end
        }
    }

    @Test("parts of a pattern do not overlap each other or the whole ones")
    func parts() {
        print("seed \(Self.seed)")
        var draw = SeededGenerator(seed: Self.seed)
        for _ in 0..<Self.count {
            let log = DrawnLog(&draw, hasBreaks: false)
            let pattern = drawnPattern(log.symbols, &draw)
            var matcher = PatternMatcher(pattern, gap: 1, symbols: log.symbols)
            var taken: Set<Int32> = []
            for run in log.runs.indices {
                let range = Int(log.starts[run])..<Int(log.starts[run + 1])
                matcher.forEachPart(in: log.steps, range) { places, isWhole in
                    let there = places.filter { $0 >= 0 }
                    #expect(there == there.sorted())
                    #expect(isWhole || there.count >= 3)
                    for place in there { #expect(taken.insert(place).inserted) }
                }
            }
        }
    }

    @Test(
        "within its limit the distance is that of the whole matrix, and of one to many as to each")
    func distance() {
        print("seed \(Self.seed)")
        var draw = SeededGenerator(seed: Self.seed)
        for number in 0..<Self.count {
            let symbols = Int32.random(in: 1...4, using: &draw)
            // one in thirty fills more than a word of 64 steps, or two
            let longest = number % 30 == 0 ? 140 : 12
            func word() -> [Int32] {
                (0..<Int.random(in: 0...longest, using: &draw)).map { _ in
                    Int32.random(in: 0..<symbols, using: &draw)
                }
            }
            let one = word()
            var distances = EditDistances(to: one)
            for _ in 0..<3 {
                let other = word()
                let limit = Int.random(in: 0...(longest + 1), using: &draw)
                let whole = Self.distance(one, other)
                #expect(
                    distances.distance(to: other, limit: limit) == (whole <= limit ? whole : nil),
                    "\(one), \(other), \(limit)")
            }
        }
    }

    /// The whole matrix, as the seed fills it.
    private static func distance(_ one: [Int32], _ other: [Int32]) -> Int {
        var rows = [Array(0...other.count)]
        for (number, symbol) in one.enumerated() {
            var row = [number + 1]
            for place in other.indices {
                row.append(
                    symbol == other[place]
                        ? rows[number][place]
                        : 1 + min(rows[number][place + 1], row[place], rows[number][place]))
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }

    @Test("groups are those of holding every execution against every leader")
    func groups() {
        print("seed \(Self.seed)")
        var draw = SeededGenerator(seed: Self.seed)
        for number in 0..<Self.count / 3 {
            var runs: [[Int32]] = []
            for _ in 0..<Int.random(in: 1...25, using: &draw) {
                var run =
                    Int.random(in: 0..<3, using: &draw) == 0
                    ? [] : runs.randomElement(using: &draw) ?? []
                for _ in 0..<Int.random(in: run.isEmpty ? 1...30 : 0...4, using: &draw) {
                    let place = Int.random(in: 0...run.count, using: &draw)
                    let symbol = Int32.random(in: 0..<4, using: &draw)
                    if place < run.count, Bool.random(using: &draw) {
                        run[place] = symbol
                    } else {
                        run.insert(symbol, at: place)
                    }
                }
                runs.append(run)
            }
            let shares: [Double] = [0, 0.5, 0.7, 0.8, 0.9, 1]
            let least = shares.randomElement(using: &draw) ?? 0.8
            #expect(
                Set(Self.found(runs, least).groups.map(\.runs)) == Self.groups(runs, least),
                "log \(number), \(least)")
        }
    }

    private static func found(_ runs: [[Int32]], _ least: Double) -> ExecutionGroups {
        let starts = runs.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        return ExecutionGroups(
            steps: runs.flatMap { $0 }, runs: runs.indices.map { starts[$0]..<starts[$0 + 1] },
            minSimilarity: least)
    }

    @Test("groups do not depend on the order in which executions come, also long ones")
    func groupOrder() {
        print("seed \(Self.seed)")
        var draw = SeededGenerator(seed: Self.seed)
        for number in 0..<20 {
            let length = number % 2 == 0 ? 12 : 90
            let families = (0..<4).map { _ in
                (0..<length).map { _ in Int32.random(in: 0..<9, using: &draw) }
            }
            let runs = (0..<60).map { _ in
                (families.randomElement(using: &draw) ?? []).map { symbol in
                    Int.random(in: 0..<8, using: &draw) == 0
                        ? Int32.random(in: 0..<9, using: &draw) : symbol
                }
            }
            let once = Set(Self.found(runs, 0.8).groups.map { Set($0.runs) })
            for _ in 0..<5 {
                let order = runs.indices.shuffled(using: &draw)
                let again = Self.found(order.map { runs[$0] }, 0.8).groups
                #expect(Set(again.map { Set($0.runs.map { order[$0] }) }) == once, "\(number)")
                #expect(
                    again.map { [$0.leader] + $0.runs }.allSatisfy {
                        $0.dropFirst().contains($0[0])
                    })
            }
        }
    }

    private static func groups(_ runs: [[Int32]], _ least: Double) -> Set<[Int]> {
        let variants = Dictionary(grouping: runs.indices) { runs[$0] }.sorted { one, other in
            if one.value.count != other.value.count { return one.value.count > other.value.count }
            if one.key.count != other.key.count { return one.key.count > other.key.count }
            return one.key.lexicographicallyPrecedes(other.key)
        }
        var leaders: [(steps: [Int32], runs: [Int])] = []
        for (variant, own) in variants {
            let similar = leaders.indices.map { place in
                1 - Double(distance(variant, leaders[place].steps))
                    / Double(max(variant.count, leaders[place].steps.count))
            }
            let best = similar.indices.max { (similar[$0], $1) < (similar[$1], $0) }
            if let best, similar[best] >= least - 1e-9 {
                leaders[best].runs += own
            } else {
                leaders.append((variant, own))
            }
        }
        return Set(leaders.map { $0.runs.sorted() })
    }
}
