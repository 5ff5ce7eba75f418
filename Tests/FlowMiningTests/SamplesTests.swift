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

    @Test("groups agree with the true causes")
    func score() throws {
        var truth: [String] = []
        var groups: [String] = []
        for source in Samples.sources {
            let records = try Samples.read(source).records
            var miner = Miner()
            for record in records { miner.add(record) }
            let known = miner.groups()
            let found = records.map { known.fingerprint(of: $0)?.text ?? "none" }
            let causes = try Samples.records(source).map(\.cause)
            guard found.count == causes.count else { continue }
            print("\(source): \(GroupingScore(truth: causes, groups: found))")
            truth += causes
            groups += found
        }
        let score = GroupingScore(truth: truth, groups: groups)
        print("all: \(score)")
        #expect(score.groupingAccuracy >= 0.92)
        #expect(score.groupF1 >= 0.88)
    }

    @Test(
        "a signature's pattern matches every message of its group, and no other cause's of its component",
        arguments: Samples.sources)
    func patterns(source: String) throws {
        let records = try Samples.read(source).records
        let causes = try Samples.records(source).map(\.cause)
        var miner = Miner()
        for record in records { miner.add(record) }
        let known = miner.groups()
        let window = Miner.Window(now: Timestamp(seconds: 1_800_000_000), days: 9999)
        var messages: [String: [String: (cause: String, group: Fingerprint?)]] = [:]
        for (record, cause) in zip(records, causes) {
            messages[record.component, default: [:]][record.example] = (
                cause, known.fingerprint(of: record)
            )
        }
        for signature in miner.signatures(window) {
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
            #expect(matched == own, "\(signature.messageRegex)")
        }
    }
}
