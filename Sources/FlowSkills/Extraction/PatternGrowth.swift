/// Extends a repeat by the steps that occur with it although others stand between, and finds out which
/// of its steps are often left out.
struct PatternGrowth {
    private(set) var pattern: StepPattern
    let log: ExecutionLog
    /// The runs looked at.
    let runs: [Int32]
    let settings: ExtractionSettings
    let totals: SymbolTotals
    /// Steps that another pattern explains.
    let isExplained: [Bool]

    /// A step between others belongs to the pattern from one execution in five on.
    static let leastInside = 0.2
    /// One before the first or after the last belongs to it in half of the executions: fewer could be
    /// another habit that follows often.
    private static let leastOutside = 0.5
    private static let mostSteps = 64
    /// How many executions the pattern had at first that failing runs did not break off. What is added outside must be in half of them, or
    /// each step more would leave fewer runs, to which still more steps are common.
    private var executionsAtFirst = 0
    private let mayGrowOutside: Bool

    init(
        pattern: StepPattern, log: ExecutionLog, runs: [Int32], settings: ExtractionSettings,
        totals: SymbolTotals, isExplained: [Bool], mayGrowOutside: Bool
    ) {
        self.mayGrowOutside = mayGrowOutside
        self.pattern = pattern
        self.log = log
        self.runs = runs
        self.settings = settings
        self.totals = totals
        self.isExplained = isExplained
    }

    /// The pattern when nothing can be added any more; of no more than 64 steps, unless it had more.
    ///
    /// Marks decide what is seen as a part of the pattern, and that decides marks: where this goes round
    /// in a circle it ends.
    mutating func grown() -> StepPattern {
        var known: Set<StepPattern> = []
        while known.count < 2 * Self.mostSteps, known.insert(pattern).inserted {
            let seen = executions()
            guard !seen.isEmpty else { return pattern }
            // What failing runs did not come to is not left out, where others tell more.
            let lasting = seen.filter { !$0.isCutOff }
            let telling = lasting.isEmpty ? seen : lasting
            executionsAtFirst = max(executionsAtFirst, telling.count)
            if drop(telling) || reorder(seen) { continue }
            mark(telling)
            if pattern.count < Self.mostSteps, let (symbol, slot) = addition(seen) {
                pattern.steps.insert(StepPattern.Step(symbol: symbol), at: slot)
            }
        }
        return pattern
    }

    /// Those with two steps at least that no other pattern explains; of others the pattern would become
    /// a part of what is known.
    private func executions() -> [PatternExecution] {
        var finder = ExecutionFinder(pattern, log, settings)
        return runs.flatMap { finder.executions(in: $0, isExplained) }.filter { one in
            one.places.count { $0 >= 0 && !isExplained[Int($0)] } >= 2
        }
    }

    /// Takes out a step that most executions do without.
    private mutating func drop(_ seen: [PatternExecution]) -> Bool {
        guard pattern.count > settings.minLength else { return false }
        let counts = self.counts(seen)
        guard
            let slot = counts.indices.first(where: {
                Chance.isBelow(counts[$0], of: seen.count, share: Self.leastInside)
            })
        else { return false }
        pattern.steps.remove(at: slot)
        return true
    }

    /// Lets two neighbours change places where more executions have them the other way round.
    private mutating func reorder(_ seen: [PatternExecution]) -> Bool {
        let slot = pattern.steps.indices.dropFirst().first { slot in
            let symbols = (pattern.steps[slot - 1].symbol, pattern.steps[slot].symbol)
            let sum = seen.reduce(0) { sum, one in
                guard let first = one.place(of: slot - 1, symbols.0, in: log.steps),
                    let second = one.place(of: slot, symbols.1, in: log.steps)
                else { return sum }
                return sum + (first < second ? 1 : -1)
            }
            return sum < 0
        }
        guard let slot else { return false }
        pattern.steps.swapAt(slot - 1, slot)
        return true
    }

    private func counts(_ seen: [PatternExecution]) -> [Int] {
        pattern.steps.indices.map { slot in
            seen.count { $0.place(of: slot, pattern.steps[slot].symbol, in: log.steps) != nil }
        }
    }

    /// Marks the steps that are left out.
    private mutating func mark(_ seen: [PatternExecution]) {
        let shares = StepShares(counts: counts(seen), executions: seen.count)
        let optional = shares.optional(required: settings.minLength)
        for slot in pattern.steps.indices { pattern.steps[slot].isOptional = optional[slot] }
    }

    /// The step that occurs most often in one place where the pattern has none, and where it goes.
    private func addition(_ seen: [PatternExecution]) -> (symbol: Int32, slot: Int)? {
        var best: (count: Int, symbol: Int32, slot: Int)?
        func offer(_ tally: GapTally, _ slot: Int, of gaps: Int, _ isEnough: (Int) -> Bool) {
            let known = best?.count ?? 1
            guard
                let (symbol, count) = tally.best(
                    of: totals, gaps: gaps, { $0 > known && isEnough($0) })
            else { return }
            best = (count, symbol, slot)
        }
        for slot in 1..<max(1, pattern.count) {
            var tally = GapTally()
            for one in seen {
                // steps that an execution leaves out do not end a gap
                guard let from = one.places[..<slot].last(where: { $0 >= 0 }),
                    let to = one.places[slot...].first(where: { $0 >= 0 })
                else { continue }
                tally.add(log, Int(from + 1)..<Int(to), but: one.missing)
            }
            offer(tally, slot, of: pattern.count - 1) {
                !Chance.isBelow($0, of: seen.count, share: Self.leastInside)
            }
        }
        guard mayGrowOutside else { return best.map { ($0.symbol, $0.slot) } }
        var (before, after) = (GapTally(), GapTally())
        for one in seen {
            before.add(log, one.before, but: one.missing)
            after.add(log, one.after, but: one.missing)
        }
        for (tally, slot) in [(before, 0), (after, pattern.count)] {
            offer(tally, slot, of: 2) {
                Double($0) >= Self.leastOutside * Double(executionsAtFirst)
            }
        }
        return best.map { ($0.symbol, $0.slot) }
    }
}

/// What stands in one gap of many executions.
private struct GapTally {
    private var counts: [Int32: Int] = [:]
    private var steps = 0

    /// Counts each successful step of a gap once, those apart that were moved there.
    mutating func add(_ log: ExecutionLog, _ gap: Range<Int>, but moved: [Int32]) {
        steps += gap.count
        for place in gap {
            let symbol = log.steps[place]
            if log.symbols[Int(symbol)].hasFailed || moved.contains(symbol) { continue }
            if gap.lowerBound < place, log.steps[gap.lowerBound..<place].contains(symbol) {
                continue
            }
            counts[symbol, default: 0] += 1
        }
    }

    /// The step that stands there most often, where that is enough, and more than if its occurrences
    /// were spread over the log by chance: 5 % for all steps and so many gaps.
    func best(
        of totals: SymbolTotals, gaps: Int, _ isEnough: (Int) -> Bool
    ) -> (symbol: Int32, count: Int)? {
        let share = Double(steps) / Double(totals.steps)
        let level = totals.level(share: share, gaps: gaps)
        var best: (symbol: Int32, count: Int)?
        for (symbol, count) in counts where isEnough(count) {
            if let known = best, (known.count, -known.symbol) > (count, -symbol) { continue }
            let p = Chance.atLeast(count, of: totals.counts[Int(symbol)], chance: share)
            if p <= level { best = (symbol, count) }
        }
        return best
    }
}
