internal import FlowJSON
internal import FlowSystem

/// Lays real error records over the days before a moment.
///
/// The messages are as their programs wrote them; only the dates are laid out: of the causes a third
/// becomes more frequent, a third rarer, a third stays, decided by a hash of the cause, so that the
/// same records and the same moment give the same bytes.
struct SampleLayout {
    /// Days that the records are laid over.
    static let days = 35
    private let folder: String

    init(folder: String) { self.folder = folder }

    /// One record of a raw file.
    private struct Record {
        let text: ArraySlice<Substring>
        let component: String
        let time: Timestamp
    }

    /// The files to be written, by their paths in a repository: the records and solved cases of them.
    func files(endingAt end: Timestamp) throws -> [(path: String, bytes: [UInt8])] {
        let causes = Path.join(folder, "causes")
        var files: [(path: String, bytes: [UInt8])] = []
        for name in try Files.list(causes) where name.hasSuffix(".tsv") {
            let source = String(name.dropLast(4))
            let records = try read(source, table: Path.join(causes, name), endingAt: end)
                .sorted { $0.time < $1.time }
            let stamp = records.first?.text.first.flatMap(StampedLine.Stamp.init)
            let bytes = stamp.map { stamped(records, $0) } ?? collected(records, source)
            let suffix = stamp == nil ? "jsonl" : "log"
            files.append(("datasets/samples/\(source).\(suffix)", bytes))
        }
        return try files + solvedCases()
    }

    /// Solved cases of the sample errors, as they are.
    private func solvedCases() throws -> [(path: String, bytes: [UInt8])] {
        let cases = Path.join(folder, "knowledge")
        return try Files.list(cases).filter { $0.hasSuffix(".yaml") }.map { name in
            ("skills/knowledge/\(name)", try Files.read(Path.join(cases, name)))
        }
    }

    private func read(_ source: String, table: String, endingAt end: Timestamp) throws -> [Record] {
        let text = try Files.text(Path.join(folder, "\(source).log"))
        // By scalars, since "\r\n" is one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map(Substring.init)
        let rows = try Files.text(table).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        var totals: [Substring: Int] = [:]
        for row in rows where row.count == 4 { totals[row[2], default: 0] += 1 }
        var seen: [Substring: Int] = [:]
        return try rows.map { row in
            guard row.count == 4, let first = Int(row[0]), let count = Int(row[1]), first > 0,
                count > 0, first + count - 1 <= lines.count
            else {
                throw Misuse("\(table) does not fit \(source).log", code: Program.failed)
            }
            let cause = row[2]
            let place = seen[cause, default: 0]
            seen[cause] = place + 1
            return Record(
                text: lines[(first - 1)..<(first - 1 + count)], component: String(row[3]),
                time: time(of: cause, place, of: totals[cause] ?? 1, endingAt: end))
        }
    }

    /// The moment of one record of a cause: quantiles of the cause's trend, moved a little so that
    /// they do not fall into step.
    private func time(of cause: Substring, _ place: Int, of total: Int, endingAt end: Timestamp)
        -> Timestamp
    {
        let hash = SHA256.digest("\(cause) \(place)".utf8)
        let jitter = (Double(hash[0]) + Double(hash[1]) / 256) / 256
        let quantile = (Double(place) + jitter) / Double(total)
        let position: Double =
            switch SHA256.digest(cause.utf8)[0] % 3 {
            case 0: quantile
            case 1: quantile.squareRoot()
            default: 1 - (1 - quantile).squareRoot()
            }
        let seconds = Double(Self.days * 86_400)
        return end.adding(seconds: -(1 - position) * seconds - 1)
    }

    private func stamped(_ records: [Record], _ stamp: StampedLine.Stamp) -> [UInt8] {
        var text = ""
        for record in records {
            for line in record.text { text += stamp.line(line, at: record.time) + "\n" }
        }
        return Array(text.utf8)
    }

    /// The records of a program that stamps nothing, as a collector of logs keeps them.
    private func collected(_ records: [Record], _ source: String) -> [UInt8] {
        JSONLines.write(
            records.map { record in
                [
                    "time": .string(record.time.description), "level": "error",
                    "component": .string(record.component), "host": "app-1",
                    "message": .string(record.text.joined(separator: "\n")),
                ]
            })
    }
}

/// Lines that begin with a time.
enum StampedLine {
    /// How a source writes the time at the beginning of a line.
    enum Stamp {
        /// `2026-11-20 17:35:51,748`: the character before the fraction.
        case dashed(Character)
        /// `2026/11/20 17:32:13`
        case slashed

        init?(_ line: Substring) {
            let head = Array(line.prefix(24))
            func isDigits(_ range: Range<Int>) -> Bool {
                range.upperBound <= head.count && head[range].allSatisfy(\.isNumber)
            }
            guard isDigits(0..<4), isDigits(5..<7), isDigits(8..<10), isDigits(11..<13) else {
                return nil
            }
            if head[4] == "/", head[10] == " " {
                self = .slashed
            } else if head[4] == "-", isDigits(20..<23) {
                self = .dashed(head[19])
            } else {
                return nil
            }
        }

        /// The line with another time, where it begins with one.
        func line(_ line: Substring, at time: Timestamp) -> String {
            guard Stamp(line) != nil else { return String(line) }
            let text = time.description
            let date = text.prefix(10)
            let clock = text.dropFirst(11).prefix(8)
            switch self {
            case .slashed:
                let slashed = date.split(separator: "-").joined(separator: "/")
                return "\(slashed) \(clock)\(line.dropFirst(19))"
            case .dashed(let sign):
                let fraction = text.dropFirst(20).prefix(3)
                return "\(date) \(clock)\(sign)\(fraction)\(line.dropFirst(23))"
            }
        }
    }
}
