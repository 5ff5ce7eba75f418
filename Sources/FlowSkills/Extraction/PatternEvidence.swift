internal import FlowSystem

/// What all runs say of one pattern.
struct PatternEvidence {
    /// Runs that follow it, in their order.
    private(set) var following: [Int32] = []
    /// Runs that began it.
    private(set) var begun: [Int32] = []
    /// Runs that began it and had a step of it fail, whether or not they did it again.
    private(set) var failing: Set<Int32> = []
    private(set) var executions = 0
    /// Executions evenly spread over all, `mostSamples` at most.
    private(set) var samples: [PatternMatcher.Occurrence] = []
    private var stride = 1
    private static let mostSamples = 1000

    init(
        _ pattern: StepPattern, _ log: ExecutionLog, _ settings: ExtractionSettings,
        _ runs: RunsBySymbol
    ) {
        let required = pattern.required.map { pattern.steps[$0].symbol }
        var matcher = PatternMatcher(pattern, gap: settings.maxGap, symbols: log.symbols.count)
        let symbols = Set(required)
        for run in runs.runs(having: symbols.count, of: symbols.map { [$0] }) {
            let before = executions
            matcher.forEach(in: log.steps, log.steps(of: Int(run))) { note($0) }
            if executions > before { following.append(run) }
        }
        findBegun(required, log, settings, runs)
    }

    private mutating func findBegun(
        _ required: [Int32], _ log: ExecutionLog, _ settings: ExtractionSettings,
        _ runs: RunsBySymbol
    ) {
        let failed = FailedVariants(log)
        let own = Set(required.compactMap { failed[$0] })
        let beginning = FirstSteps(required, failed, gap: settings.maxGap)
        var all = Set(following)
        for run in runs.runs(having: beginning.groups.count, of: beginning.groups) {
            let steps = log.steps(of: Int(run))
            guard let start = beginning.start(in: log.steps, steps) else { continue }
            all.insert(run)
            if !own.isEmpty, log.steps[start..<steps.upperBound].contains(where: own.contains) {
                failing.insert(run)
            }
        }
        begun = all.sorted()
    }

    /// Keeps every so manieth execution; where there are too many, every second of those.
    private mutating func note(_ places: PatternMatcher.Occurrence) {
        if executions % stride == 0 { samples.append(places) }
        executions += 1
        if samples.count > Self.mostSamples {
            samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            stride *= 2
        }
    }
}

/// The failed variant of each symbol.
struct FailedVariants {
    private var variants: [Int32: Int32] = [:]

    init(_ log: ExecutionLog) {
        // equal names stand side by side, the failed one behind
        for place in 1..<max(1, log.symbols.count) where log.symbols[place].hasFailed {
            let (one, other) = (log.symbols[place - 1], log.symbols[place])
            if one.type == other.type, one.name == other.name {
                variants[Int32(place - 1)] = Int32(place)
            }
        }
    }

    subscript(symbol: Int32) -> Int32? { variants[symbol] }
}

/// Finds where a run has tried the first two steps, of which either may have failed.
private struct FirstSteps {
    /// Each step with its failed variant.
    let groups: [[Int32]]
    private let gap: Int

    init(_ required: [Int32], _ failed: FailedVariants, gap: Int) {
        groups = required.prefix(2).map { symbol in [symbol] + [failed[symbol]].compactMap { $0 } }
        self.gap = gap
    }

    /// The place of the first step.
    func start(in log: [Int32], _ steps: Range<Int>) -> Int? {
        guard let first = groups.first else { return nil }
        guard let second = groups.dropFirst().first else {
            return steps.first { first.contains(log[$0]) }
        }
        var last: Int?
        for place in steps {
            if let start = last, place - start <= gap + 1, second.contains(log[place]) {
                return start
            }
            if first.contains(log[place]) { last = place }
        }
        return nil
    }
}
