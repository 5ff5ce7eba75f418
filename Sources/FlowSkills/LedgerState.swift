package import FlowSystem

/// What the ledger says, whatever the order in which its lines were written or read.
package struct LedgerState: Sendable, Hashable {
    /// By skill; one of which no day was ever read is absent.
    package private(set) var evidence: [String: EvidenceSeries] = [:]
    /// By component.
    package private(set) var components: [String: DaySeries<ComponentCounts>] = [:]
    /// By skill, one for each round, in the order of the rounds.
    package private(set) var proposals: [String: [LedgerEntry.ProposedLine]] = [:]
    /// By skill and round, the strongest of each round.
    private var verdicts: [String: [Int: LedgerEntry.VerdictLine]] = [:]
    /// By skill, the newest.
    private var reopenings: [String: LedgerEntry.ReopenedLine] = [:]
    /// By key.
    private var corrected: [String: LedgerEntry.CorrectionLine] = [:]
    /// By skill and key.
    private var tries: [String: [String: LedgerEntry.AttemptLine]] = [:]

    /// The fold of some lines: a day read twice keeps the reading that saw more, lines with one key
    /// the earliest, rounds with several verdicts the strongest. Costs O(lines × log lines).
    package init(_ entries: some Sequence<LedgerEntry> = []) {
        var fold = LedgerFold()
        for entry in entries { fold.add(entry) }
        self = fold.finished()
    }

    /// - Parameter reviewed: the lines without days.
    init(
        evidence: [String: EvidenceSeries], components: [String: DaySeries<ComponentCounts>],
        reviewed: LedgerState?
    ) {
        if let reviewed { self = reviewed }
        self.evidence = evidence
        self.components = components
    }

    /// This state with further lines, at the cost of those and of the series that they add to.
    package func adding(_ entries: [LedgerEntry]) -> LedgerState {
        var state = self
        var hits: [String: [DayEvidence]] = [:]
        var counts: [String: [DaySeries<ComponentCounts>.Reading]] = [:]
        for entry in entries {
            switch entry {
            case .evidence(let skill, let evidence, let days):
                hits[skill, default: []] += evidence.repeated(days)
            case .component(let line):
                counts[line.component, default: []].append(
                    .init(
                        day: line.day, share: .init(release: line.release), counts: line.counts))
            default: state.review(entry)
            }
        }
        for (skill, days) in hits {
            state.evidence[skill] = (evidence[skill] ?? EvidenceSeries()).adding(days)
        }
        for (component, days) in counts {
            state.components[component] = (components[component] ?? DaySeries()).adding(days)
        }
        return state
    }

    /// Takes in a line that has no counts of days.
    mutating func review(_ entry: LedgerEntry) {
        switch entry {
        case .evidence, .component: break
        case .attempt(let line): add(line)
        case .verdict(let line): add(line)
        case .proposed(let line): add(line)
        case .reopened(let line): add(line)
        case .correction(let line): add(line)
        }
    }

    private mutating func add(_ line: LedgerEntry.CorrectionLine) {
        if let known = corrected[line.key] {
            // Of two lines with one key the same counts in whatever order they come.
            guard (line.label, line.by, line.note) < (known.label, known.by, known.note) else {
                return
            }
        }
        corrected[line.key] = line
    }

    private mutating func add(_ line: LedgerEntry.AttemptLine) {
        if let known = tries[line.skill]?[line.key] {
            // A failure outweighs a success that claims the same moment.
            let isBetter =
                (line.success ? 1 : 0, line.by, line.note)
                < (known.success ? 1 : 0, known.by, known.note)
            guard isBetter else { return }
        }
        tries[line.skill, default: [:]][line.key] = line
    }

    private mutating func add(_ line: LedgerEntry.VerdictLine) {
        guard let known = verdicts[line.skill]?[line.round] else {
            verdicts[line.skill, default: [:]][line.round] = line
            return
        }
        let isBetter =
            line.verdict != known.verdict
            ? line.verdict.strength > known.verdict.strength
            : (line.time, line.by, line.reason, line.fingerprint ?? "")
                < (known.time, known.by, known.reason, known.fingerprint ?? "")
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

    /// The newest rejection of a version of a procedure, by its fingerprint, whatever version its
    /// proposal was named for; nil where there is none that nobody has reopened.
    ///
    /// A proposal that waits is brought up to what is found, so what was rejected may not be what was
    /// opened. Costs O(proposals).
    package func rejection(
        ofVersion fingerprint: String, of skill: String
    ) -> LedgerEntry.VerdictLine? {
        let ids = verdicts.keys.filter { id in
            if case .update(skill, _) = ProposalSubject(id) { true } else { false }
        }
        let rejections = ids.flatMap { id in
            (verdicts[id] ?? [:]).values.filter { line in
                guard line.verdict == .rejected, line.round > reopenings[id]?.round ?? 0 else {
                    return false
                }
                let opened = proposals[id]?.first { $0.round == line.round }?.fingerprint
                return line.fingerprint ?? opened == fingerprint
            }
        }
        return rejections.max { ($0.time, $0.key) < ($1.time, $1.key) }
    }

    /// Whether a skill was approved in any round.
    package func wasApproved(_ skill: String) -> Bool {
        verdicts[skill]?.values.contains { $0.verdict == .approved } ?? false
    }

    /// Every skill that a verdict or a proposal speaks of, sorted.
    package var reviewed: [String] { Set(proposals.keys).union(verdicts.keys).sorted() }

    /// The tries of a skill's fix, the oldest first.
    package func attempts(of skill: String) -> [LedgerEntry.AttemptLine] {
        (tries[skill] ?? [:]).values.sorted { $0.time < $1.time }
    }

    /// What people said of errors that a model had labelled, the oldest first.
    package var corrections: [LedgerEntry.CorrectionLine] {
        corrected.values.sorted { ($0.time, $0.fingerprint) < ($1.time, $1.fingerprint) }
    }

    /// Whether a line would add nothing: its day was read as well or better, its key is noted, its
    /// round too, for a verdict with one as strong.
    func has(_ entry: LedgerEntry) -> Bool {
        switch entry {
        case .evidence(let skill, let evidence, let days):
            evidence.repeated(days).allSatisfy { self.evidence[skill]?.has($0) ?? false }
        case .component(let line):
            components[line.component]?.counts(line.day, .init(release: line.release))
                .map { $0.join(line.counts) == $0 } ?? false
        case .attempt(let line): tries[line.skill]?[line.key] != nil
        case .proposed(let line):
            proposals[line.skill]?.contains { $0.round == line.round } ?? false
        case .verdict(let line):
            verdicts[line.skill]?[line.round].map { $0.verdict.strength >= line.verdict.strength }
                ?? false
        case .reopened(let line): reopenings[line.skill].map { $0.round >= line.round } ?? false
        case .correction(let line): corrected[line.key] != nil
        }
    }
}

extension DayEvidence {
    /// The same for so many days from its own on.
    func repeated(_ days: Int) -> [DayEvidence] {
        (0..<days).map { offset in
            var day = self
            day.day += offset
            return day
        }
    }
}

/// The errors of one skill by UTC day and release, as its own lines state them.
///
/// The first day on it is the one since which the skill was counted: on later days of which its
/// component was read it had no error unless a line says so. A day before it, and one on which
/// neither was read, is unknown and never zero.
package struct EvidenceSeries: Sendable, Hashable {
    private(set) var hits: DaySeries<Int>
    /// Where it was counted beside the component that its document names.
    package private(set) var components: Set<String>

    init(_ hits: DaySeries<Int> = DaySeries(), components: Set<String> = []) {
        self.hits = hits
        self.components = components
    }

    func adding(_ days: [DayEvidence]) -> EvidenceSeries {
        EvidenceSeries(
            hits.adding(days.map { .init(day: $0.day, share: $0.share, counts: $0.hits) }),
            components: days.reduce(into: components) { $0.formUnion($1.components) })
    }

    /// Since when the skill was counted.
    package var firstDay: Int? { hits.cells.first.map { Int($0.day) } }

    /// The hits that lines state for one day, of whatever release; nil where there is none.
    package subscript(day: Int) -> Int? {
        var (whole, sum, isKnown) = (0, 0, false)
        for cell in hits.cells[hits.first(day)...].prefix(while: { $0.day == day }) {
            isKnown = true
            if cell.place < 0 { whole = cell.counts } else { sum += cell.counts }
        }
        return isKnown ? max(whole, sum) : nil
    }

    /// Whether a reading tells nothing new. A line of an earlier flow speaks for its whole day.
    func has(_ day: DayEvidence) -> Bool {
        guard components.isSuperset(of: day.components) else { return false }
        if let known = hits.counts(day.day, day.share), known >= day.hits { return true }
        guard day.share == .unnamed, let whole = hits.counts(day.day, .whole) else { return false }
        return whole >= day.hits
    }
}
