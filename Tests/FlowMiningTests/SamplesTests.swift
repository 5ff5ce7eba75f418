import FlowMining
import FlowText
import FlowSystem
import Testing

@Suite(
    "The recorded samples",
    .enabled(if: Samples.folder != nil, "the recorded samples are absent"))
struct SamplesTests {
    @Test("every record of a program is one record", arguments: Samples.sources)
    func records(source: String) throws {
        let truth = try Samples.records(source)
        let (records, report) = try Samples.read(source)
        #expect(records.map(\.source.line) == truth.map(\.firstLine))
        #expect(report.skippedCount == 0)
        if Samples.stamped.contains(source) {
            #expect(records.allSatisfy { $0.time != nil && $0.level != nil })
        }
    }

    /// A line of the table that the next test prints.
    static func row(_ cells: [String]) -> String {
        zip(cells, [10, 8, 8, 8, 8, 8, 8, 8, 45]).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined()
    }

    @Test("read from the bare file, an error over several lines is one record")
    func bare() throws {
        print(
            Self.row([
                "program", "format", "lines", "records", "read", "whole", "groups", "causes",
                "from – to (UTC)",
            ])
        )
        for source in Samples.sources {
            let truth = try Samples.records(source)
            var settings = ReadSettings(reference: Timestamp(seconds: 1_800_000_000))
            settings.component = source
            var reader = LogReader(file: source, settings: settings)
            var records: [ErrorRecord] = []
            reader.read(try Files.read("\(Samples.folder ?? "")/\(source).log")) {
                records.append($0)
            }
            reader.finish { records.append($0) }
            var miner = Miner()
            for record in records { miner.add(record) }
            let known = CountedGroups(miner)
            let groups = Set(records.compactMap { known.fingerprint(of: $0) })
            // whole: it begins where a record begins, and so does what follows it
            let starts = Set(records.map(\.source.line))
            let firsts = truth.map(\.firstLine) + [reader.report.lines + 1]
            let whole = truth.indices.filter { place in
                starts.contains(firsts[place])
                    && !(firsts[place] + 1..<firsts[place + 1]).contains(where: starts.contains)
            }.count
            let times = records.compactMap(\.time)
            let span = [times.min(), times.max()].compactMap { $0?.rfc3339 }
            print(
                Self.row([
                    source, reader.format?.rawValue ?? "none", "\(reader.report.lines)",
                    "\(truth.count)", "\(records.count)", "\(whole)", "\(groups.count)",
                    "\(Set(truth.map(\.cause)).count)",
                    span.isEmpty ? "no times" : span.joined(separator: " – "),
                ]))
            #expect(reader.report.skippedCount == 0)
            // of command line programs nothing tells where one run ends and the next begins
            if Samples.stamped.contains(source) || source == "node" {
                #expect(whole == truth.count, "\(source)")
            }
        }
    }

    @Test("groups agree with the true causes")
    func score() throws {
        var truth: [String] = []
        var groups: [String] = []
        for source in Samples.sources {
            let records = try Samples.read(source).records
            var miner = Miner()
            for record in records { miner.add(record) }
            let known = CountedGroups(miner)
            let found = records.map { known.fingerprint(of: $0)?.text ?? "none" }
            let causes = try Samples.records(source).map(\.cause)
            guard found.count == causes.count else { continue }
            print("\(source): \(GroupingScore(truth: causes, groups: found))")
            truth += causes
            groups += found
        }
        let score = GroupingScore(truth: truth, groups: groups)
        print("all: \(score)")
        #expect(score.groupingAccuracy >= 0.95)
        #expect(score.groupF1 >= 0.95)
    }

    @Test(
        "a signature's pattern matches every message of its group, and no other cause's of its component",
        arguments: Samples.sources)
    func patterns(source: String) throws {
        let records = try Samples.read(source).records
        let causes = try Samples.records(source).map(\.cause)
        var miner = Miner()
        for record in records { miner.add(record) }
        let known = CountedGroups(miner)
        let window = Miner.Window(now: Timestamp(seconds: 1_800_000_000), days: 9999)
        var messages: [String: [String: (cause: String, group: Fingerprint?)]] = [:]
        for (record, cause) in zip(records, causes) {
            messages[record.component, default: [:]][record.example] = (
                cause, known.fingerprint(of: record)
            )
        }
        let signatures = miner.signatures(window)
        for signature in signatures {
            let regex = try LinearRegex(signature.messageRegex)
            var own: Set<String> = []
            var matched: Set<String> = []
            for (message, truth) in messages[signature.component] ?? [:] {
                let matches = regex.matches(message)
                if matches { matched.insert(truth.cause) }
                if truth.group == signature.fingerprint {
                    own.insert(truth.cause)
                    #expect(matches, "\(message) and \(signature.messageRegex)")
                }
            }
            // What is told apart by its place in the program alone has the same messages.
            let alike = signatures.filter { $0.messageRegex == signature.messageRegex }
                .map(\.fingerprint)
            let placed = messages[signature.component]?.values.filter {
                $0.group.map(alike.contains) == true
            }.map(\.cause)
            #expect(matched.subtracting(placed ?? []) == own.subtracting(placed ?? []))
            #expect(own.isSubset(of: matched), "\(signature.messageRegex)")
        }
    }
}

@Suite("The solved cases of the sample errors", .enabled(if: Samples.folder != nil))
struct SampleCasesTests {
    private static func entries() throws -> [KnowledgeEntry] {
        guard let folder = Samples.folder else { return [] }
        return try KnowledgeSource.files("\(folder)/knowledge").flatMap {
            try KnowledgeSource.entries(try Files.read($0), path: $0)
        }
    }

    @Test("there are at least 30, each of a cause of its own and with a solution")
    func complete() throws {
        let entries = try Self.entries()
        #expect(entries.count >= 30)
        #expect(Set(entries.map(\.id)).count == entries.count)
        let causes = Set(try Samples.sources.flatMap { try Samples.records($0).map(\.cause) })
        for entry in entries {
            #expect(causes.contains(entry.id), "\(entry.id)")
            #expect(
                !entry.rootCause.isEmpty && !entry.solution.isEmpty && !entry.prevention.isEmpty)
        }
    }

    @Test(
        "of nine in ten records the case of the true cause is the first, of nearly all among three")
    func found() throws {
        let entries = try Self.entries()
        var builder = KnowledgeIndexBuilder()
        for entry in entries { builder.add(entry.text) }
        var search = KnowledgeSearch(KnowledgeIndex(try builder.tables()))
        let known = Set(entries.map(\.id))
        var (total, first, three) = (0, 0, 0)
        for source in Samples.sources {
            // Every seventh record: they repeat each other.
            for (place, record) in try Samples.records(source).enumerated()
            where place % 7 == 0 && known.contains(record.cause) {
                let question = KnowledgeText(title: record.component, text: record.text)
                let found = search.matches(question, limit: 3).map(\.id)
                total += 1
                first += found.first == record.cause ? 1 : 0
                three += found.contains(record.cause) ? 1 : 0
            }
        }
        print("\(total) records: \(first) first, \(three) among three")
        #expect(Double(first) >= 0.9 * Double(total))
        #expect(Double(three) >= 0.97 * Double(total))
    }
}
