/// Puts events in order, whatever the order they came in.
///
/// A run whose events all have a number is ordered by the numbers; another by time, where all have
/// one; else it stays as written. Of two events of one run with one number the first that came is
/// kept.
struct EventLogBuilder: Sendable {
    /// One event that is a step, or that says how something ended.
    struct Event {
        var run: Int32
        var symbol: Int32
        var node: Int32 = -1
        var agent: Int32 = -1
        var number = EventLogBuilder.noNumber
        var time = ExecutionLog.noTime
        var detail: ExecutionLog.Detail?
    }

    static let noNumber = Int64.min

    var names = ByteInterner()
    var runs = ByteInterner()
    var agents = ByteInterner()
    var arena = ByteArena()
    var notes = EventNotes()
    private(set) var symbols: [ExecutionLog.Symbol] = []
    private var symbolNumbers: [UInt64: Int32] = [:]
    private var run: [Int32] = []
    private var symbol: [Int32] = []
    private var node: [Int32] = []
    private var agent: [Int32] = []
    private var number: [Int64] = []
    private var time: [Int64] = []
    private var detail: [Int32] = []
    private var details: [ExecutionLog.Detail] = []
    /// By run: what `run.finished` said, and what the last attempt said.
    private var finished: [Int32: ExecutionLog.Outcome] = [:]
    private var attempted: [Int32: (number: Int64, time: Int64, outcome: ExecutionLog.Outcome)] =
        [:]

    /// The type of an event that is a step only where its node wrote none of its own.
    static let attempt = "attempt.finished"

    /// - Parameter name: -1: the event has none.
    mutating func symbol(type: Int32, name: Int32, hasFailed: Bool) -> Int32 {
        let parts = (UInt64(UInt32(bitPattern: type)), UInt64(UInt32(bitPattern: name)))
        let key = parts.0 << 33 | parts.1 << 1 | (hasFailed ? 1 : 0)
        if let known = symbolNumbers[key] { return known }
        let fresh = Int32(symbols.count)
        symbols.append(
            ExecutionLog.Symbol(
                type: names.text(type), name: name < 0 ? "" : names.text(name), hasFailed: hasFailed
            ))
        symbolNumbers[key] = fresh
        return fresh
    }

    mutating func add(_ event: Event) {
        run.append(event.run)
        symbol.append(event.symbol)
        node.append(event.node)
        agent.append(event.agent)
        number.append(event.number)
        time.append(event.time)
        if let more = event.detail {
            detail.append(Int32(details.count))
            details.append(more)
        } else {
            detail.append(-1)
        }
    }

    /// Notes how a run ended; of two that contradict each other failure holds, so that the order in
    /// which they came does not matter.
    mutating func finish(_ run: Int32, _ outcome: ExecutionLog.Outcome) {
        if finished[run] != .failure { finished[run] = outcome }
    }

    /// Notes how an attempt ended; the last one's stands for a run that does not say how it ended.
    mutating func attempt(_ event: Event, _ outcome: ExecutionLog.Outcome) {
        let known = attempted[event.run]
        if let known, (known.number, known.time) > (event.number, event.time) { return }
        attempted[event.run] = (event.number, event.time, outcome)
    }

    /// The log, and what was wrong with it.
    consuming func finish() -> (log: ExecutionLog, notes: EventNotes) {
        var order = ordered()
        dropAttempts(&order)
        let (starts, runNumbers) = sortRuns(&order)
        let renamed = canonicalSymbols()
        let outcomes = runNumbers.map { finished[$0] ?? attempted[$0]?.outcome ?? .unknown }
        let endless = outcomes.count { $0 == .unknown }
        if endless > 0, endless < outcomes.count {
            notes.note(
                "\(endless) of \(outcomes.count) runs have no end: whether they succeeded is not known"
            )
        }
        notes.close()
        let log = ExecutionLog(
            symbols: renamed.symbols, steps: order.map { renamed.numbers[Int(symbol[Int($0)])] },
            starts: starts, outcomes: outcomes, times: order.map { time[Int($0)] },
            agents: order.map { agent[Int($0)] }, nodes: order.map { node[Int($0)] },
            details: order.map { detail[Int($0)] },
            detailTable: details, arena: arena, runNames: runs, runNumbers: runNumbers,
            agentNames: agents, nodeNames: names)
        return (log, notes)
    }

    /// Places of the events, by run, in each run in order and without doubles.
    private mutating func ordered() -> [Int32] {
        var starts = [Int](repeating: 0, count: runs.count + 1)
        for number in run { starts[Int(number) + 1] += 1 }
        for place in 1..<starts.count { starts[place] += starts[place - 1] }
        var next = starts
        var order = [Int32](repeating: 0, count: run.count)
        for place in 0..<run.count {
            order[next[Int(run[place])]] = Int32(place)
            next[Int(run[place])] += 1
        }
        var end = 0
        var backwards = 0
        for owner in 0..<runs.count {
            let part = starts[owner]..<starts[owner + 1]
            if !isAscending(order[part]) { sort(&order, part) }
            if hasClockGoingBack(order[part]) { backwards += 1 }
            end = keep(&order, part, from: end, of: Int32(owner))
        }
        order.removeSubrange(end...)
        if backwards > 0 {
            notes.note(
                "in \(backwards) runs clocks go back: their events are in the order of their numbers, "
                    + "and times between them are not believed")
        }
        return order
    }

    /// Whether numbers rise, or without numbers times do not fall.
    private func isAscending(_ part: ArraySlice<Int32>) -> Bool {
        var last = Int64.min
        let hasNumbers = part.allSatisfy { number[Int($0)] != Self.noNumber }
        let hasTimes = hasNumbers || part.allSatisfy { time[Int($0)] != ExecutionLog.noTime }
        guard hasTimes else { return true }
        for place in part {
            let key = hasNumbers ? number[Int(place)] : time[Int(place)]
            if key < last { return false }
            last = key
        }
        return true
    }

    private func sort(_ order: inout [Int32], _ part: Range<Int>) {
        let hasNumbers = order[part].allSatisfy { number[Int($0)] != Self.noNumber }
        let key = hasNumbers ? number : time
        order[part].sort { (key[Int($0)], $0) < (key[Int($1)], $1) }
    }

    private func hasClockGoingBack(_ part: ArraySlice<Int32>) -> Bool {
        var last = Int64.min
        for place in part where time[Int(place)] != ExecutionLog.noTime {
            if time[Int(place)] < last { return true }
            last = time[Int(place)]
        }
        return false
    }

    /// Moves a run's events down to `end`, without those whose number the one before has.
    private mutating func keep(
        _ order: inout [Int32], _ part: Range<Int>, from end: Int, of owner: Int32
    ) -> Int {
        var end = end
        var last = Self.noNumber
        for place in part {
            let own = number[Int(order[place])]
            if own != Self.noNumber, own == last {
                notes.problem(
                    "events with a number that their run has twice",
                    "run \(runs.text(owner)) has number \(own) twice: the first event is kept",
                    skipping: 1)
                continue
            }
            last = own
            order[end] = order[place]
            end += 1
        }
        return end
    }

    /// Takes out the attempts of nodes that wrote events of their own: those say more.
    private func dropAttempts(_ order: inout [Int32]) {
        let isAttempt = symbols.map { $0.type == Self.attempt }
        guard isAttempt.contains(true) else { return }
        func key(_ place: Int32) -> UInt64 {
            UInt64(UInt32(bitPattern: run[Int(place)])) << 32
                | UInt64(UInt32(bitPattern: node[Int(place)]))
        }
        var speaking: Set<UInt64> = []
        for place in order where !isAttempt[Int(symbol[Int(place)])] && node[Int(place)] >= 0 {
            speaking.insert(key(place))
        }
        order.removeAll { isAttempt[Int(symbol[Int($0)])] && speaking.contains(key($0)) }
    }

    /// Orders runs by their first times, then their names.
    private func sortRuns(_ order: inout [Int32]) -> (starts: [Int32], runs: [Int32]) {
        var parts: [(run: Int32, part: Range<Int>, time: Int64)] = []
        var start = 0
        while start < order.count {
            let owner = run[Int(order[start])]
            var end = start
            var first = ExecutionLog.noTime
            while end < order.count, run[Int(order[end])] == owner {
                if first == ExecutionLog.noTime { first = time[Int(order[end])] }
                end += 1
            }
            parts.append((owner, start..<end, first))
            start = end
        }
        parts.sort {
            $0.time != $1.time
                ? $0.time < $1.time : runs[$0.run].lexicographicallyPrecedes(runs[$1.run])
        }
        var starts: [Int32] = [0]
        var sorted: [Int32] = []
        sorted.reserveCapacity(order.count)
        for part in parts {
            sorted += order[part.part]
            starts.append(Int32(sorted.count))
        }
        order = sorted
        return (starts, parts.map(\.run))
    }

    /// Symbols in the order of type, name and failure, and the new number of each.
    private func canonicalSymbols() -> (symbols: [ExecutionLog.Symbol], numbers: [Int32]) {
        let places = symbols.indices.sorted { one, other in
            let (a, b) = (symbols[one], symbols[other])
            if a.type != b.type { return a.type < b.type }
            if a.name != b.name { return a.name < b.name }
            return !a.hasFailed && b.hasFailed
        }
        var numbers = [Int32](repeating: 0, count: symbols.count)
        for (place, old) in places.enumerated() { numbers[old] = Int32(place) }
        return (places.map { symbols[$0] }, numbers)
    }
}
