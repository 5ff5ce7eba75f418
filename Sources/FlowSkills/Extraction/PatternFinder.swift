/// Finds the patterns that explain a log best, each habit once.
///
/// Candidates are the maximal repeats. The one that explains most steps that no pattern explains yet
/// is taken, extended by what occurs with it although other steps stand between, and all that
/// follows it, or nearly does, is explained by it; then the next. So fragments of a pattern, and the
/// patterns with chance steps around it, are never offered beside it. This is the greedy cover by
/// which patterns are chosen that compress a log (Smets and Vreeken, "SLIM", 2012), with what a
/// pattern gains computed again only when it stands first (gains only fall: Minoux 1978).
///
/// Costs: the suffix array, then for each pattern a pass over the runs that have its rarer steps, so
/// O(limit · n) at worst; extending looks at a sample of bounded size. Failed steps end repeats and are
/// passed over like other steps between two steps.
struct PatternFinder {
    let log: ExecutionLog
    let settings: ExtractionSettings
    private let index: RepeatIndex
    private let runs: RunsBySymbol
    private let totals: SymbolTotals
    /// Whether a step is explained.
    private var isExplained: [Bool]
    private var found: [StepPattern] = []

    /// Candidates, at most: those that could explain most.
    private static let mostCandidates = 20_000
    /// A longer repeat is looked at in parts.
    private static let longestPart = 256
    /// A gain is estimated by so many places, evenly spread.
    private static let mostPlaces = 4096

    init(_ log: ExecutionLog, _ settings: ExtractionSettings) {
        self.log = log
        self.settings = settings
        let hasFailed = log.symbols.map(\.hasFailed)
        index = RepeatIndex(
            steps: log.steps.map { hasFailed[Int($0)] ? -1 : $0 }, starts: log.starts,
            symbols: log.symbols.count)
        runs = RunsBySymbol(log)
        totals = SymbolTotals(log)
        isExplained = Array(repeating: false, count: log.steps.count)
    }

    /// A repeat, or a part of a long one.
    private struct Candidate {
        let whole: RepeatIndex.Repeat
        let offset: Int
        let length: Int

        /// What it could explain at most: its steps but one, in every place.
        var bound: Int { Int(whole.occurrences) * (length - 1) }

        static func isBefore(_ one: Candidate, _ other: Candidate) -> Bool {
            one.bound != other.bound
                ? one.bound > other.bound
                : (one.whole.first, one.whole.length, one.offset)
                    < (other.whole.first, other.whole.length, other.offset)
        }
    }

    /// The patterns in the order in which they were found: what explains most comes first.
    consuming func patterns() -> [StepPattern] {
        let candidates = candidates()
        var queue = GainQueue(candidates.enumerated().map { ($1.bound, $0) })
        while found.count < settings.limit, let (gain, place) = queue.pop() {
            let candidate = candidates[place]
            let now = self.gain(of: candidate)
            if now.runs < settings.minNodes || now.gain <= 0 { continue }
            if now.gain < gain {
                queue.push(now.gain, place)
                continue
            }
            let root = StepPattern(word(candidate)).root
            guard root.count >= settings.minLength, !isKnown(root.symbols),
                isTogether(root.symbols, tries: candidates.count)
            else { continue }
            accept(root)
        }
        return found
    }

    private func candidates() -> [Candidate] {
        var all: [Candidate] = []
        index.forEachRepeat(length: settings.minLength, support: settings.minFrequency) { one in
            if isLoop(one) { return }
            for offset in stride(from: 0, to: Int(one.length), by: Self.longestPart) {
                let length = min(Self.longestPart, Int(one.length) - offset)
                if length >= settings.minLength {
                    all.append(Candidate(whole: one, offset: offset, length: length))
                }
            }
            // what is left over must not grow without end
            if all.count >= 64 * Self.mostCandidates { Self.keepBest(&all) }
        }
        Self.keepBest(&all)
        return all
    }

    private static func keepBest(_ all: inout [Candidate]) {
        all.sort(by: Candidate.isBefore)
        if all.count > mostCandidates { all.removeSubrange(mostCandidates...) }
    }

    /// Whether a repeat, or the first part of a long one, is two rounds of a loop or more. One round is a
    /// repeat as well, so that it is not missed; of a loop gone round n times all n would be tried else.
    private func isLoop(_ one: RepeatIndex.Repeat) -> Bool {
        let length = min(Self.longestPart, Int(one.length))
        let part = index.text[Int(one.place)..<(Int(one.place) + length)]
        return StepPattern.period(of: part) * 2 <= length
    }

    private func word(_ one: Candidate) -> ArraySlice<Int32> {
        let start = Int(one.whole.place) + one.offset
        return index.text[start..<(start + one.length)]
    }

    /// The steps that a candidate would explain now, less one a place, and in how many runs (counted to
    /// `minNodes`); a place counts from two steps on.
    private func gain(of one: Candidate) -> (gain: Int, runs: Int) {
        let places = index.places(of: one.whole)
        let stride = (places.count + Self.mostPlaces - 1) / Self.mostPlaces
        var sum = 0
        var owners: Set<Int32> = []
        var at = places.startIndex
        while at < places.endIndex {
            let start = index.step(at: places[at]) + one.offset
            var fresh = 0
            for step in start..<(start + one.length) where !isExplained[step] { fresh += 1 }
            if fresh >= 2 {
                sum += fresh - 1
                if owners.count < settings.minNodes { owners.insert(index.owners[Int(places[at])]) }
            }
            at += stride
        }
        return (sum * stride, owners.count)
    }

    /// Whether a pattern found before is this one, has it as a part, or differs by one step or by
    /// less than similar ones may.
    private func isKnown(_ symbols: [Int32]) -> Bool {
        let most = max(1, Int((1 - settings.minSimilarity) * Double(symbols.count) + 1e-9))
        return found.contains { known in
            let own = Set(known.symbols)
            return symbols.count { !own.contains($0) } <= most
                && symbols.count - Sequences.commonSteps(symbols, known.symbols) <= most
        }
    }

    /// Whether the first step and the rest, and the last step and the rest, come together more often
    /// than by chance, for so many candidates tried (Bonferroni, 5 %): a step that happens to stand
    /// beside a habit is none of it.
    private func isTogether(_ symbols: [Int32], tries: Int) -> Bool {
        let together = index.count(of: symbols[...])
        func isLinked(_ single: Int, _ rest: Int) -> Bool {
            let share = Double(max(single, rest)) / Double(log.steps.count)
            let p = Chance.atLeast(together, of: max(min(single, rest), together), chance: share)
            return p * Double(max(1, tries)) <= 0.05
        }
        return isLinked(totals.counts[Int(symbols[0])], index.count(of: symbols.dropFirst()))
            && isLinked(
                totals.counts[Int(symbols[symbols.count - 1])], index.count(of: symbols.dropLast()))
    }

    private mutating func accept(_ seed: StepPattern) {
        let pattern = grown(seed)
        let isNew = !isKnown(pattern.symbols)
        if isNew { found.append(pattern) }
        // what follows a pattern that was not taken is explained too, or it would be tried for ever
        let kept = isNew ? pattern : seed
        var finder = ExecutionFinder(kept, log, settings)
        for run in runs.runs(havingPartOf: kept) {
            for one in finder.executions(in: run, isExplained) {
                for place in one.places where place >= 0 { isExplained[Int(place)] = true }
                for place in one.moved { isExplained[place] = true }
            }
        }
    }

    /// The seed extended; itself where hardly any run follows what it would become.
    ///
    /// What was looked at are runs that have most of the seed, which are not all that have most of the
    /// extended pattern, so those are looked at then.
    private func grown(_ seed: StepPattern) -> StepPattern {
        var pattern = seed
        for round in 0..<3 {
            var growth = PatternGrowth(
                pattern: pattern, log: log, runs: runs.sample(of: pattern), settings: settings,
                totals: totals, isExplained: isExplained, mayGrowOutside: round == 0)
            let next = growth.grown()
            if next == pattern { break }
            pattern = next
        }
        return following(pattern) * 4 >= following(seed) ? pattern : seed
    }

    /// In how many runs a pattern or most of it is followed.
    private func following(_ pattern: StepPattern) -> Int {
        var matcher = PatternMatcher(pattern, gap: settings.maxGap, symbols: log.symbols.count)
        return runs.runs(havingPartOf: pattern).count { run in
            var isFollowing = false
            matcher.forEachPart(in: log.steps, log.steps(of: Int(run))) { _, _ in isFollowing = true
            }
            return isFollowing
        }
    }
}

/// What candidates gain, the largest first; of equal gains the earlier candidate.
struct GainQueue {
    private var heap: [(gain: Int, place: Int)]

    init(_ elements: [(gain: Int, place: Int)]) {
        heap = elements.sorted { Self.isBefore($0, $1) }
    }

    private static func isBefore(_ a: (gain: Int, place: Int), _ b: (gain: Int, place: Int)) -> Bool
    {
        a.gain != b.gain ? a.gain > b.gain : a.place < b.place
    }

    mutating func push(_ gain: Int, _ place: Int) {
        heap.append((gain, place))
        var at = heap.count - 1
        while at > 0, Self.isBefore(heap[at], heap[(at - 1) / 2]) {
            heap.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    mutating func pop() -> (gain: Int, place: Int)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return first }
        heap[0] = last
        var at = 0
        while true {
            var least = at
            for child in [2 * at + 1, 2 * at + 2]
            where child < heap.count && Self.isBefore(heap[child], heap[least]) {
                least = child
            }
            if least == at { return first }
            heap.swapAt(at, least)
            at = least
        }
    }
}

/// For each symbol the runs that have it.
struct RunsBySymbol: Sendable {
    private let starts: [Int]
    private let list: [Int32]
    private let lengths: [Int32]
    /// A sample has about so many steps.
    private static let sampleSteps = 60_000

    init(_ log: ExecutionLog) {
        var last = [Int32](repeating: -1, count: log.symbols.count)
        var starts = [Int](repeating: 0, count: log.symbols.count + 1)
        for run in 0..<log.runCount {
            for place in log.steps(of: run) where last[Int(log.steps[place])] != Int32(run) {
                last[Int(log.steps[place])] = Int32(run)
                starts[Int(log.steps[place]) + 1] += 1
            }
        }
        for symbol in 1..<starts.count { starts[symbol] += starts[symbol - 1] }
        var next = starts
        var list = [Int32](repeating: 0, count: starts[starts.count - 1])
        last = Array(repeating: -1, count: log.symbols.count)
        for run in 0..<log.runCount {
            for place in log.steps(of: run) where last[Int(log.steps[place])] != Int32(run) {
                let symbol = Int(log.steps[place])
                last[symbol] = Int32(run)
                list[next[symbol]] = Int32(run)
                next[symbol] += 1
            }
        }
        self.starts = starts
        self.list = list
        lengths = (0..<log.runCount).map { Int32(log.steps(of: $0).count) }
    }

    func runs(of symbol: Int32) -> ArraySlice<Int32> {
        list[starts[Int(symbol)]..<starts[Int(symbol) + 1]]
    }

    /// Runs that can have a part of a pattern: those with enough of its symbols.
    func runs(havingPartOf pattern: StepPattern) -> [Int32] {
        let symbols = Set(pattern.symbols)
        let least = PatternMatcher.leastPart(of: pattern) - (pattern.count - symbols.count)
        return runs(having: max(1, least), of: symbols.map { [$0] })
    }

    /// Runs with one symbol at least of so many of the groups, in their order; costs the lists of the
    /// symbols and a byte a run.
    func runs(having least: Int, of groups: [[Int32]]) -> [Int32] {
        var counts = [UInt8](repeating: 0, count: lengths.count)
        let most = UInt8(clamping: least)
        for group in groups {
            for run in group.count == 1 ? runs(of: group[0]) : union(group)[...]
            where counts[Int(run)] < most { counts[Int(run)] += 1 }
        }
        return counts.indices.lazy.filter { counts[$0] >= most }.map(Int32.init)
    }

    private func union(_ symbols: [Int32]) -> [Int32] {
        Set(symbols.flatMap { runs(of: $0) }).sorted()
    }

    /// Every so manieth of those runs, so that there are not too many steps in them.
    func sample(of pattern: StepPattern) -> [Int32] {
        let all = runs(havingPartOf: pattern)
        let steps = all.reduce(0) { $0 + Int(lengths[Int($1)]) }
        let stride = max(1, steps / Self.sampleSteps)
        return Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
    }
}
