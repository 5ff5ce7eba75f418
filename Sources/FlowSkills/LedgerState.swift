package import FlowSystem

/// What the ledger says, whatever the order in which its lines were written or read.
package struct LedgerState: Sendable, Hashable {
    /// By skill; a skill without evidence is absent.
    package private(set) var evidence: [String: EvidenceSeries] = [:]
    /// By skill, one for each round, in the order of the rounds.
    package private(set) var proposals: [String: [LedgerEntry.ProposedLine]] = [:]
    /// By skill and round, the strongest of each round.
    private var verdicts: [String: [Int: LedgerEntry.VerdictLine]] = [:]
    /// By skill, the newest.
    private var reopenings: [String: LedgerEntry.ReopenedLine] = [:]

    /// The fold of some lines: a day read twice keeps the reading that saw more, lines with one key
    /// the earliest, rounds with several verdicts the strongest. Costs O(lines × log lines).
    package init(_ entries: some Sequence<LedgerEntry> = []) {
        var days: [String: [DayEvidence]] = [:]
        for entry in entries {
            switch entry {
            case .evidence(let skill, let evidence, let count):
                for offset in 0..<count {
                    var day = evidence
                    day.day += offset
                    days[skill, default: []].append(day)
                }
            case .verdict(let line): add(line)
            case .proposed(let line): add(line)
            case .reopened(let line): add(line)
            }
        }
        evidence = days.mapValues(EvidenceSeries.init)
    }

    private mutating func add(_ line: LedgerEntry.VerdictLine) {
        guard let known = verdicts[line.skill]?[line.round] else {
            verdicts[line.skill, default: [:]][line.round] = line
            return
        }
        let isBetter =
            line.verdict != known.verdict
            ? line.verdict.strength > known.verdict.strength
            : (line.time, line.by, line.reason) < (known.time, known.by, known.reason)
        if isBetter { verdicts[line.skill]?[line.round] = line }
    }

    private mutating func add(_ line: LedgerEntry.ProposedLine) {
        var lines = proposals[line.skill] ?? []
        let place = lines.firstIndex { $0.round >= line.round } ?? lines.count
        if place < lines.count, lines[place].round == line.round {
            let known = lines[place]
            let isBetter =
                (line.time, line.hits30d, line.path, line.fingerprint)
                < (known.time, known.hits30d, known.path, known.fingerprint)
            if isBetter { lines[place] = line }
        } else {
            lines.insert(line, at: place)
        }
        proposals[line.skill] = lines
    }

    private mutating func add(_ line: LedgerEntry.ReopenedLine) {
        guard let known = reopenings[line.skill] else {
            reopenings[line.skill] = line
            return
        }
        // Of two lines with one key the earliest, as for the other kinds.
        let isBetter =
            line.round != known.round
            ? line.round > known.round : (line.time, line.by) < (known.time, known.by)
        if isBetter { reopenings[line.skill] = line }
    }

    /// The number of the newest proposal or reopening of a skill; 0 where it was never proposed.
    package func round(of skill: String) -> Int {
        max(
            proposals[skill]?.last?.round ?? 0, verdicts[skill]?.keys.max() ?? 0,
            reopenings[skill]?.round ?? 0)
    }

    /// The line that reopened a skill, as long as it was not proposed again since.
    package func reopening(of skill: String) -> LedgerEntry.ReopenedLine? {
        reopenings[skill].flatMap { $0.round == round(of: skill) ? $0 : nil }
    }

    /// When a person last reopened a skill, whatever became of it since.
    package func lastReopening(of skill: String) -> Timestamp? { reopenings[skill]?.time }

    /// The verdict on the newest proposal of a skill; nil while that one is open.
    package func verdict(of skill: String) -> LedgerEntry.VerdictLine? {
        verdicts[skill]?[round(of: skill)]
    }

    /// Every skill that a verdict or a proposal speaks of, sorted.
    package var reviewed: [String] { Set(proposals.keys).union(verdicts.keys).sorted() }

    /// Whether a line that is no evidence would add nothing: its round is noted, for a verdict with
    /// one as strong.
    func has(_ entry: LedgerEntry) -> Bool {
        switch entry {
        case .evidence: false
        case .proposed(let line):
            proposals[line.skill]?.contains { $0.round == line.round } ?? false
        case .verdict(let line):
            verdicts[line.skill]?[line.round].map { $0.verdict.strength >= line.verdict.strength }
                ?? false
        case .reopened(let line): reopenings[line.skill].map { $0.round >= line.round } ?? false
        }
    }
}

/// The days of one skill that were read; a day that is absent is unknown, never zero.
package struct EvidenceSeries: Sendable, Hashable {
    /// One for each day known, the earliest first.
    package let days: [DayEvidence]

    /// The series of some readings in any order.
    package init(_ readings: [DayEvidence]) {
        var days: [DayEvidence] = []
        for reading in readings.sorted(by: { $0.day < $1.day }) {
            if let last = days.last, last.day == reading.day {
                days[days.count - 1] = last.join(reading)
            } else {
                days.append(reading)
            }
        }
        self.days = days
    }

    /// What is known of one day; nil where nothing was read. Costs O(log days).
    package subscript(day: Int) -> DayEvidence? {
        let place = place(of: day)
        return place < days.count && days[place].day == day ? days[place] : nil
    }

    /// How many days of a range are known and how many hits they had.
    package func total(_ range: Range<Int>) -> (known: Int, hits: Int) {
        let slice = days[place(of: range.lowerBound)..<place(of: range.upperBound)]
        return (slice.count, slice.reduce(0) { $0 + $1.hits })
    }

    /// The first place whose day is not before `day`.
    private func place(of day: Int) -> Int {
        var low = 0
        var high = days.count
        while low < high {
            let middle = (low + high) / 2
            if days[middle].day < day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
