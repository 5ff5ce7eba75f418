/// One time that a run went through a pattern or most of it, with what stands around.
struct PatternExecution {
    /// The place in the log of each step; -1: it is not there.
    let places: PatternMatcher.Occurrence
    /// The places that are free before and after it: not another's, not of another execution.
    let before: Range<Int>
    let after: Range<Int>
    /// Steps of the pattern that are not in their place.
    let missing: [Int32]
    /// Where they stand instead: they were moved, neither left out nor added.
    let moved: [Int]
    /// Whether a run that failed ended with it, so that nobody knows what would have come.
    let isCutOff: Bool

    init(
        _ places: PatternMatcher.Occurrence, of pattern: StepPattern, before: Range<Int>,
        after: Range<Int>, isCutOff: Bool, in log: [Int32]
    ) {
        self.isCutOff = isCutOff
        self.places = places
        self.before = before
        self.after = after
        let missing = pattern.steps.indices.filter { places[$0] < 0 }
            .map { pattern.steps[$0].symbol }
        self.missing = missing
        moved =
            missing.isEmpty
            ? []
            : (before.lowerBound..<after.upperBound).filter {
                missing.contains(log[$0]) && !places.contains(Int32($0))
            }
    }

    /// Where a step of the pattern was done, in its place or in another; nil: nowhere.
    func place(of slot: Int, _ symbol: Int32, in log: [Int32]) -> Int? {
        places[slot] >= 0 ? Int(places[slot]) : moved.first { log[$0] == symbol }
    }
}

/// Finds the executions of a pattern run by run.
struct ExecutionFinder {
    private let pattern: StepPattern
    private let log: ExecutionLog
    private let gap: Int
    private var matcher: PatternMatcher

    init(_ pattern: StepPattern, _ log: ExecutionLog, _ settings: ExtractionSettings) {
        self.pattern = pattern
        self.log = log
        gap = settings.maxGap
        matcher = PatternMatcher(pattern, gap: settings.maxGap, symbols: log.symbols.count)
    }

    /// The executions in one run, in their order; what is explained is not free.
    mutating func executions(in run: Int32, _ isExplained: [Bool]) -> [PatternExecution] {
        let steps = log.steps(of: Int(run))
        var found: [(places: PatternMatcher.Occurrence, span: Range<Int>)] = []
        matcher.forEachPart(in: log.steps, steps) { places, _ in
            let there = places.lazy.filter { $0 >= 0 }
            guard let first = there.first, let last = there.last else { return }
            found.append((places, Int(first)..<Int(last) + 1))
        }
        found.sort { $0.span.lowerBound < $1.span.lowerBound }
        let last =
            log.outcomes[Int(run)] == .failure
            ? steps.last { !log.symbols[Int(log.steps[$0])].hasFailed } : nil
        return found.indices.map { number in
            let (places, span) = found[number]
            var start = span.lowerBound
            let least = number > 0 ? found[number - 1].span.upperBound : steps.lowerBound
            while start > max(least, span.lowerBound - gap - 1), !isExplained[start - 1] {
                start -= 1
            }
            var end = span.upperBound
            let most =
                number + 1 < found.count ? found[number + 1].span.lowerBound : steps.upperBound
            while end < min(most, span.upperBound + gap + 1), !isExplained[end] { end += 1 }
            return PatternExecution(
                places, of: pattern, before: start..<span.lowerBound,
                after: span.upperBound..<end, isCutOff: last.map { $0 < span.upperBound } ?? false,
                in: log.steps)
        }
    }
}
