internal import FlowJSON
internal import FlowSystem

/// The append-only record of evidence, tries, proposals and verdicts, one file a month.
///
/// Which lines may count (flow's own commit or an approver brought them) is for the caller to say.
package struct Ledger: Sendable {
    package static let folder = "skills/ledger"
    /// What the lines say that count.
    package private(set) var state: LedgerState
    /// The lines that do not count and why, file by file; the others count all the same.
    package let problems: [Mistake]

    /// Reads some files. Costs one pass over the bytes.
    package init(_ files: [SkillFile]) {
        var reader = LedgerReader()
        for file in files { reader.read(file) }
        self = reader.ledger()
    }

    init(state: LedgerState, problems: [Mistake]) {
        self.state = state
        self.problems = problems
    }

    /// `skills/ledger/2026-11.jsonl` for a UTC day counted from 1970-01-01.
    package static func path(day: Int) -> String {
        Path.join(folder, String(Timestamp(day: day).date.prefix(7)) + ".jsonl")
    }

    /// Takes these lines in and gives what is new of them, file by file, to put at the files' ends.
    ///
    /// What the ledger knows already is left out, so adding twice changes nothing. The lines are
    /// sorted, whatever the order in which they are given.
    package mutating func add(_ entries: [LedgerEntry]) -> [SkillFile] {
        var lines: [String: LedgerEntry] = [:]
        for entry in entries where !state.has(entry) {
            // Of several lines with one key the first by its text, so that order does not count.
            let known = lines[entry.order]
            if known.map({ entry.precedes($0) }) ?? true { lines[entry.order] = entry }
        }
        state = state.adding(Array(lines.values))
        let byPath = Dictionary(grouping: lines, by: \.value.path)
        return byPath.keys.sorted().map { path in
            let sorted = (byPath[path] ?? []).sorted { $0.key < $1.key }
            return SkillFile(path: path, bytes: JSONLines.write(sorted.map(\.value.json), .spaced))
        }
    }

    /// A file with lines put at its end; every old byte stays.
    package static func joined(_ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        return old.isEmpty || old.last == newline ? old + new : old + [newline] + new
    }
}

extension LedgerEntry {
    /// Of two lines with one key the one to keep.
    fileprivate func precedes(_ other: LedgerEntry) -> Bool {
        switch (self, other) {
        case (.evidence(_, let mine, _), .evidence(_, let theirs, _)): mine.hits > theirs.hits
        case (.component(let mine), .component(let theirs)):
            mine.counts != theirs.counts && mine.counts.join(theirs.counts) == mine.counts
        default: json.text() < other.json.text()
        }
    }
}

/// Reads a ledger file by file, so that only one is in memory at a time.
package struct LedgerReader {
    private var fold = LedgerFold()
    private var problems: [Mistake] = []

    package init() {}

    /// - Parameter left: the numbers of lines that do not count, from 1.
    package mutating func read(_ file: SkillFile, leavingOut left: Set<Int> = []) {
        // The buffer lives as long as the closure and no line of it leaves.
        file.bytes.withUnsafeBufferPointer { bytes in
            var number = 0
            var start = 0
            while start < bytes.count {
                number += 1
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
                start = end + 1
                if left.contains(number) { continue }
                var plain = PlainLedgerLine(line)
                if !plain.read(into: &fold) { read(line, file.path, number) }
            }
        }
    }

    /// Reads a line that is JSON in whatever way.
    private mutating func read(_ line: UnsafeBufferPointer<UInt8>, _ path: String, _ number: Int) {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        do throws(JSONError) {
            switch LedgerEntry.read(try JSON.read(Array(line), depth: 8)) {
            case .success(let entry): fold.add(entry)
            case .failure(let problem):
                problems.append(Mistake(path: path, line: number, message: problem.message))
            }
        } catch {
            problems.append(
                Mistake(
                    path: path, line: number, column: error.column,
                    message: "not a JSON object: \(error.message)"))
        }
    }

    /// What was read, with problems that others have found in it.
    package consuming func ledger(_ others: [Mistake] = []) -> Ledger {
        let all = (problems + others).sorted { ($0.path, $0.line) < ($1.path, $1.line) }
        return Ledger(state: fold.finished(), problems: all)
    }
}
