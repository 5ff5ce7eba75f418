import FlowMining
import FlowRegex
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
    }

    @Test("a signature's pattern matches every message of its group, and none of another group")
    func patterns() throws {
        for source in Samples.sources {
            let records = try Samples.read(source).records
            var miner = Miner()
            for record in records { miner.add(record) }
            let known = miner.groups()
            let signatures = miner.signatures(
                .init(now: Timestamp(seconds: 1_800_000_000), days: 9999))
            var own: [String: LinearRegex] = [:]
            for signature in signatures {
                own[signature.fingerprint.text] = try LinearRegex(signature.messageRegex)
                print(
                    "\(source) \(signature.component) \(signature.template.prefix(150))  ##  \(signature.messageRegex.prefix(160))"
                )
            }
            var wrong: Set<String> = []
            for record in records {
                let fingerprint = known.fingerprint(of: record)?.text ?? ""
                for (other, regex) in own {
                    let matches = regex.matches(record.headline)
                    if other == fingerprint {
                        #expect(matches, "\(record.headline)")
                    } else if matches {
                        wrong.insert(other + fingerprint)
                    }
                }
            }
            print("\(source): \(wrong.count) wrong pairs of \(own.count) patterns")
        }
    }
}
