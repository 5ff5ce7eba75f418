internal import FlowJSON
internal import FlowSystem

/// The append-only record of evidence, proposals and verdicts, one file a month.
///
/// Which lines may count (flow's own commit or an approver brought them) is for the caller to say:
/// it gives only the files, or the parts of them, that do.
package struct Ledger: Sendable {
    package static let folder = "skills/ledger"
    /// What the readable lines say.
    package let state: LedgerState
    /// The lines that could not be read, file by file; the others count all the same.
    package let problems: [Mistake]
    private let files: [String: [UInt8]]

    /// Reads some files. Costs one pass over the bytes.
    package init(_ files: [SkillFile]) {
        var entries: [LedgerEntry] = []
        var problems: [Mistake] = []
        for file in files.sorted(by: { $0.path < $1.path }) {
            Self.read(file, into: &entries, problems: &problems)
        }
        self.state = LedgerState(entries)
        self.problems = problems
        self.files = Dictionary(files.map { ($0.path, $0.bytes) }) { _, last in last }
    }

    private static func read(
        _ file: SkillFile, into entries: inout [LedgerEntry], problems: inout [Mistake]
    ) {
        for (number, line) in JSONLines.lines(of: file.bytes) {
            do throws(JSONError) {
                let json = try JSON.read(Array(line), depth: 8)
                switch LedgerEntry.read(json) {
                case .success(let entry): entries.append(entry)
                case .failure(let problem):
                    problems.append(
                        Mistake(path: file.path, line: number, message: problem.message))
                }
            } catch {
                problems.append(
                    Mistake(
                        path: file.path, line: number, column: error.column,
                        message: "not a JSON object: \(error.message)"))
            }
        }
    }

    /// `skills/ledger/2026-11.jsonl` for a UTC day counted from 1970-01-01.
    package static func path(day: Int) -> String {
        Path.join(folder, String(Timestamp(day: day).date.prefix(7)) + ".jsonl")
    }

    /// The files that change when these lines are added, with their whole new bytes.
    ///
    /// What the ledger knows already is left out, so adding twice changes nothing. Old bytes stay as
    /// they are; the new lines are sorted, and quiet days that follow each other share a line.
    package func appending(_ entries: [LedgerEntry]) -> [SkillFile] {
        var reviewed: [String: LedgerEntry] = [:]
        var days: [String: [DayEvidence]] = [:]
        for entry in entries {
            if case .evidence(let skill, let evidence, let count) = entry {
                for offset in 0..<count {
                    var day = evidence
                    day.day += offset
                    days[skill, default: []].append(day)
                }
            } else if !state.has(entry) {
                // Of several lines with one key the first by its text, so that order does not count.
                let known = reviewed[entry.order]
                if known.map({ entry.json.text() < $0.json.text() }) ?? true {
                    reviewed[entry.order] = entry
                }
            }
        }
        let evidence = days.flatMap { newEvidence($0, $1) }
        return files(adding: Array(reviewed.values) + evidence)
    }

    /// The lines for the days of which more was seen than the ledger knows.
    private func newEvidence(_ skill: String, _ readings: [DayEvidence]) -> [LedgerEntry] {
        let known = state.evidence[skill]
        let fresh = EvidenceSeries(readings).days.filter { day in
            known?[day.day].map { $0.join(day) != $0 } ?? true
        }
        var lines: [LedgerEntry] = []
        var run: (first: DayEvidence, days: Int)?
        for day in fresh {
            if let (first, days) = run, day.day == first.day + days, first.continues(with: day),
                Self.path(day: first.day) == Self.path(day: day.day)
            {
                run = (first, days + 1)
                continue
            }
            if let run {
                lines.append(.evidence(skill: skill, evidence: run.first, days: run.days))
            }
            run = (day, 1)
        }
        if let run { lines.append(.evidence(skill: skill, evidence: run.first, days: run.days)) }
        return lines
    }

    private func files(adding entries: [LedgerEntry]) -> [SkillFile] {
        let byPath = Dictionary(grouping: entries, by: \.path)
        return byPath.keys.sorted().map { path in
            var bytes = files[path] ?? []
            if let last = bytes.last, last != UInt8(ascii: "\n") {
                bytes.append(UInt8(ascii: "\n"))
            }
            let lines = (byPath[path] ?? []).map { ($0.order, $0.json) }
            bytes += JSONLines.write(lines.sorted { $0.0 < $1.0 }.map(\.1), .spaced)
            return SkillFile(path: path, bytes: bytes)
        }
    }
}
