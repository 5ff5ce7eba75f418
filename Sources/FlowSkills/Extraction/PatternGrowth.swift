/// Extends a repeat by the steps that occur with it although others stand between, and finds out which
/// of its steps are often left out.
struct PatternGrowth {
    private(set) var pattern: StepPattern
    let log: ExecutionLog
    /// The runs looked at.
    let runs: [Int32]
    let settings: ExtractionSettings
    /// The share of each symbol among all steps.
    let background: [Double]
    /// Steps that another pattern explains.
    let isExplained: [Bool]

    /// A step is optional where it is missing from more than one execution in five; where noise takes
    /// out more of all steps, from twice as many as the quarter of the steps that is there most.
    private static let mostMissing = 0.2
    /// A step between others belongs to the pattern from one execution in five on.
    private static let leastInside = 0.2
    /// One before the first or after the last belongs to it in half of the executions: fewer could be
    /// another habit that follows often.
    private static let leastOutside = 0.5
    private static let mostSteps = 64
    /// How many executions the pattern had at first. What is added outside must be in half of them, or
    /// each step more would leave fewer runs, to which still more steps are common.
    private var executionsAtFirst = 0
    private let mayGrowOutside: Bool

    init(
        pattern: StepPattern, log: ExecutionLog, runs: [Int32], settings: ExtractionSettings,
        background: [Double], isExplained: [Bool], mayGrowOutside: Bool
    ) {
        self.mayGrowOutside = mayGrowOutside
        self.pattern = pattern
        self.log = log
        self.runs = runs
        self.settings = settings
        self.background = background
        self.isExplained = isExplained
    }

    /// The pattern when nothing can be added any more; of no more than 64 steps, unless it had more.
    mutating func grown() -> StepPattern {
        for _ in 0..<2 * Self.mostSteps {
            let seen = executions()
            guard !seen.isEmpty else { return pattern }
            executionsAtFirst = max(executionsAtFirst, seen.count)
            if drop(seen) { continue }
            let isChanged = mark(seen)
            if pattern.count < Self.mostSteps, let (symbol, slot) = addition(seen) {
                pattern.steps.insert(StepPattern.Step(symbol: symbol), at: slot)
            } else if !isChanged {
                return pattern
            }
        }
        return pattern
    }

    private struct Execution {
        let places: PatternMatcher.Occurrence
        /// The places that are free before and after it: not another's, not of another execution.
        var before: Range<Int>
        var after: Range<Int>
    }

    private func executions() -> [Execution] {
        var matcher = PatternMatcher(pattern, gap: settings.maxGap, symbols: log.symbols.count)
        var all: [Execution] = []
        for run in runs {
            let steps = log.steps(of: Int(run))
            var own: [PatternMatcher.Occurrence] = []
            matcher.forEachPart(in: log.steps, steps) { places, _ in own.append(places) }
            let spans = own.map { places in
                let there = places.lazy.filter { $0 >= 0 }.map(Int.init)
                return (there.min() ?? 0)..<((there.max() ?? 0) + 1)
            }.enumerated().sorted { $0.element.lowerBound < $1.element.lowerBound }
            for (number, span) in spans.enumerated() {
                let last = number > 0 ? spans[number - 1].element.upperBound : steps.lowerBound
                let next =
                    number + 1 < spans.count
                    ? spans[number + 1].element.lowerBound : steps.upperBound
                all.append(
                    Execution(
                        places: own[span.offset],
                        before: free(before: span.element.lowerBound, from: last),
                        after: free(after: span.element.upperBound, to: next)))
            }
        }
        return all
    }

    private func free(before end: Int, from start: Int) -> Range<Int> {
        var first = end
        while first > start, end - first <= settings.maxGap, !isExplained[first - 1] { first -= 1 }
        return first..<end
    }

    private func free(after start: Int, to end: Int) -> Range<Int> {
        var last = start
        while last < end, last - start <= settings.maxGap, !isExplained[last] { last += 1 }
        return start..<last
    }

    /// Takes out a step that most executions do without.
    private mutating func drop(_ seen: [Execution]) -> Bool {
        guard pattern.count > settings.minLength else { return false }
        let shares = self.shares(seen)
        guard let slot = shares.indices.first(where: { shares[$0] < Self.leastInside }) else {
            return false
        }
        pattern.steps.remove(at: slot)
        return true
    }

    private func shares(_ seen: [Execution]) -> [Double] {
        pattern.steps.indices.map { slot in
            Double(seen.count { $0.places[slot] >= 0 }) / Double(seen.count)
        }
    }

    /// Marks the steps that are left out often, the most often first, as long as enough others say
    /// what the pattern is; gives whether a mark has changed.
    private mutating func mark(_ seen: [Execution]) -> Bool {
        let shares = self.shares(seen)
        let before = pattern
        for slot in pattern.steps.indices { pattern.steps[slot].isOptional = false }
        var required = pattern.count
        let usual = shares.sorted(by: >)[(shares.count - 1) / 4]
        let least = 1 - max(Self.mostMissing, 2 * (1 - usual))
        for slot in shares.indices.sorted(by: { (shares[$0], $0) < (shares[$1], $1) })
        where shares[slot] < least && required > settings.minLength {
            pattern.steps[slot].isOptional = true
            required -= 1
        }
        return pattern != before
    }

    /// The step that occurs most often in one place where the pattern has none, and where it goes.
    private func addition(_ seen: [Execution]) -> (symbol: Int32, slot: Int)? {
        var best: (share: Double, symbol: Int32, slot: Int)?
        func offer(_ tally: GapTally, _ slot: Int, least: Double) {
            guard let (symbol, share) = tally.best(background, least: least) else { return }
            if let known = best, (known.share, -known.slot) >= (share, -slot) { return }
            best = (share, symbol, slot)
        }
        for slot in 1..<max(1, pattern.count) {
            var tally = GapTally()
            for one in seen {
                let (from, to) = (Int(one.places[slot - 1]), Int(one.places[slot]))
                if from >= 0, to >= 0 { tally.add(log, (from + 1)..<to) }
            }
            offer(tally, slot, least: Self.leastInside)
        }
        guard mayGrowOutside else { return best.map { ($0.symbol, $0.slot) } }
        var (before, after) = (GapTally(), GapTally())
        for one in seen {
            if one.places[0] >= 0 { before.add(log, one.before) }
            if one.places[pattern.count - 1] >= 0 { after.add(log, one.after) }
        }
        for (tally, slot) in [(before, 0), (after, pattern.count)] where tally.gaps > 0 {
            let share = Double(executionsAtFirst) / Double(tally.gaps)
            offer(tally, slot, least: Self.leastOutside * max(1, share))
        }
        return best.map { ($0.symbol, $0.slot) }
    }
}

/// What stands in one gap of many executions.
private struct GapTally {
    private var counts: [Int32: Int] = [:]
    private(set) var gaps = 0
    private var steps = 0

    /// Counts each successful step of a gap once.
    mutating func add(_ log: ExecutionLog, _ gap: Range<Int>) {
        gaps += 1
        steps += gap.count
        for place in gap {
            let symbol = log.steps[place]
            if log.symbols[Int(symbol)].hasFailed { continue }
            if gap.lowerBound < place, log.steps[gap.lowerBound..<place].contains(symbol) {
                continue
            }
            counts[symbol, default: 0] += 1
        }
    }

    /// The step that most gaps have, where at least the share `least` has it, and clearly more than
    /// would by chance: three standard deviations.
    func best(_ background: [Double], least: Double) -> (symbol: Int32, share: Double)? {
        guard gaps >= 2 else { return nil }
        let total = Double(gaps)
        let mean = Double(steps) / total
        var best: (symbol: Int32, count: Int)?
        for (symbol, count) in counts {
            let chance = min(1, mean * background[Int(symbol)])
            let most = total * chance + 3 * (total * chance * (1 - chance)).squareRoot()
            guard Double(count) >= least * total, Double(count) > most, count >= 2 else { continue }
            if let known = best, (known.count, -known.symbol) > (count, -symbol) { continue }
            best = (symbol, count)
        }
        return best.map { ($0.symbol, Double($0.count) / total) }
    }
}
