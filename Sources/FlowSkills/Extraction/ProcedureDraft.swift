internal import FlowJSON
internal import FlowSystem

/// Writes down what a pattern and its evidence say.
struct ProcedureDraft {
    let log: ExecutionLog
    let pattern: StepPattern
    let evidence: PatternEvidence
    let strata: (of: [Int], count: Int)
    let mask: ValueMask
    /// So far back what came before is looked at.
    private static let lookBack = 200
    private static let mostRuns = 20

    func procedure() -> Procedure {
        let ids = stepIDs()
        let alignment = ArgumentAlignment(
            log, evidence.samples, pattern, ids: ids, mask: mask)
        let steps = pattern.steps.indices.map { step($0, ids[$0], alignment.arguments[$0]) }
        let names = ProcedureNames(steps)
        return Procedure(
            name: names.name, description: names.description(runs: evidence.following.count),
            version: SkillVersion.first.text,
            status: "experimental", category: names.category, tags: names.tags, steps: steps,
            parameters: alignment.parameters, preconditions: preconditions(),
            evidence: summary(ids))
    }

    private func symbol(_ slot: Int) -> ExecutionLog.Symbol {
        log.symbols[Int(pattern.steps[slot].symbol)]
    }

    private func stepIDs() -> [String] {
        var taken: Set<String> = []
        return pattern.steps.indices.map { slot in
            let symbol = symbol(slot)
            let short = Slug.make(
                symbol.name.isEmpty ? symbol.type : symbol.name, separator: "_", limit: 40)
            var id = short
            var number = 2
            while !taken.insert(id).inserted {
                id = "\(short)_\(number)"
                number += 1
            }
            return id
        }
    }

    private func step(_ slot: Int, _ id: String, _ arguments: [Procedure.Argument])
        -> Procedure.Step
    {
        let places = evidence.samples.lazy.map { Int($0[slot]) }.filter { $0 >= 0 }
        var agents: [String: Int] = [:]
        for place in places {
            if let agent = log.agent(of: place) { agents[agent, default: 0] += 1 }
        }
        let often = agents.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        let durations = places.compactMap { log.detail(of: $0)?.duration }
            .filter { !$0.isNaN }.map(Double.init)
        return Procedure.Step(
            id: id, type: symbol(slot).type, name: symbol(slot).name,
            agents: often.prefix(5).map(\.key), isOptional: pattern.steps[slot].isOptional,
            share: Double(places.count) / Double(max(1, evidence.samples.count)),
            arguments: arguments, duration: Procedure.Quantiles(Array(durations)))
    }

    private func summary(_ ids: [String]) -> Procedure.Evidence {
        let known = evidence.begun.filter { log.outcomes[Int($0)] != .unknown }
        let following = Set(evidence.following)
        let succeeded = known.count {
            log.outcomes[Int($0)] == .success && following.contains($0)
        }
        let times = evidence.samples.lazy.compactMap { places in
            places.first { $0 >= 0 }.map { log.times[Int($0)] }
        }.filter { $0 != ExecutionLog.noTime }
        return Procedure.Evidence(
            support: evidence.following.count, executions: evidence.executions,
            begun: evidence.begun.count,
            success: known.isEmpty
                ? nil
                : Procedure.SuccessRate(
                    runs: known.count, succeeded: succeeded,
                    interval: Chance.interval(succeeded, of: known.count)),
            lift: lift(), seconds: seconds(), cost: cost(),
            first: times.min().map(Timestamp.init(microseconds:)),
            last: times.max().map(Timestamp.init(microseconds:)),
            runs: evidence.following.prefix(Self.mostRuns).map { log.name(of: Int($0)) },
            transitions: transitions(ids))
    }

    /// Each step with those that came next in some execution, and the time in between.
    private func transitions(_ ids: [String]) -> [Procedure.Transition] {
        var counts: [[Int]: Int] = [:]
        var times: [[Int]: [Double]] = [:]
        for places in evidence.samples {
            let slots = places.indices.filter { places[$0] >= 0 }
            for (from, to) in zip(slots, slots.dropFirst()) {
                counts[[from, to], default: 0] += 1
                let (begin, end) = (log.times[Int(places[from])], log.times[Int(places[to])])
                if begin != ExecutionLog.noTime, end != ExecutionLog.noTime, end >= begin {
                    times[[from, to], default: []].append(Double(end - begin) / 1e6)
                }
            }
        }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { pair, count in
            Procedure.Transition(
                from: ids[pair[0]], to: ids[pair[1]],
                share: Double(count) / Double(evidence.samples.count),
                seconds: Procedure.Quantiles(times[pair] ?? []))
        }
    }

    private func lift() -> SuccessLift {
        var isFollowing = [Bool](repeating: false, count: log.runCount)
        var hasBegun = isFollowing
        for run in evidence.begun { hasBegun[Int(run)] = true }
        for run in evidence.following { isFollowing[Int(run)] = true }
        for run in evidence.failing { isFollowing[Int(run)] = true }
        let ended = (0..<log.runCount).lazy.filter { log.outcomes[$0] != .unknown }.map { run in
            SuccessLift.Run(
                isFollowing: isFollowing[run], hasBegun: hasBegun[run],
                hasSucceeded: log.outcomes[run] == .success, stratum: strata.of[run])
        }
        return SuccessLift(ended, strata: strata.count)
    }

    /// From the beginning of the first step to the end of the one that ends last, which may be a span
    /// around others.
    private func seconds() -> Procedure.Quantiles? {
        Procedure.Quantiles(
            evidence.samples.compactMap { places in
                let steps = places.filter { $0 >= 0 }.map(Int.init)
                guard let first = steps.first, let last = steps.last,
                    log.times[first] != ExecutionLog.noTime, log.times[last] != ExecutionLog.noTime,
                    log.times[last] >= log.times[first]
                else { return nil }
                let ends = steps.filter { log.times[$0] != ExecutionLog.noTime }.map {
                    Double(log.times[$0] - log.times[first]) / 1e6 + log.seconds(around: $0).after
                }
                return log.seconds(around: first).before + (ends.max() ?? 0)
            })
    }

    private func cost() -> Procedure.Quantiles? {
        Procedure.Quantiles(
            evidence.samples.compactMap { places in
                let costs = places.filter { $0 >= 0 }.compactMap { log.detail(of: Int($0))?.cost }
                    .filter { !$0.isNaN }
                return costs.isEmpty ? nil : costs.reduce(0) { $0 + Double($1) }
            })
    }

    /// Steps that nearly every execution (95 %) had had before it in its run, and that are none of its
    /// own; five at most.
    private func preconditions() -> [Procedure.Precondition] {
        let own = Set(pattern.symbols)
        var counts: [Int32: Int] = [:]
        var starts: [Int32] = log.starts
        starts.removeLast()
        for places in evidence.samples {
            guard let first = places.first(where: { $0 >= 0 }) else { continue }
            let run = Self.run(of: first, starts)
            let from = max(Int(log.starts[run]), Int(first) - Self.lookBack)
            for symbol in Set(log.steps[from..<Int(first)]) where !own.contains(symbol) {
                counts[symbol, default: 0] += 1
            }
        }
        let total = Double(max(1, evidence.samples.count))
        return counts.filter {
            Double($0.value) >= 0.95 * total && !log.symbols[Int($0.key)].hasFailed
        }
        .sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(5)
        .map { symbol, count in
            let symbol = log.symbols[Int(symbol)]
            return Procedure.Precondition(
                type: symbol.type, name: symbol.name, share: Double(count) / total)
        }
    }

    /// The run that a step is in.
    private static func run(of place: Int32, _ starts: [Int32]) -> Int {
        var (low, high) = (0, starts.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= place { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
