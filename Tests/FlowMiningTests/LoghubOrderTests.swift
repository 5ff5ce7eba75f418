import FlowJSON
import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

/// That neither the order of lines nor how they are dealt out to shards changes a group, on the
/// labelled logs; `FLOW_SOAK` takes whole files in six orders and four shardings, else a part of each
/// in one.
@Suite(
    "Order and shards of the labelled logs",
    .enabled(if: SharedData.path("loghub-dev") != nil, "the labelled logs are absent"))
struct LoghubOrderTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let orders = isSoak ? 6 : 1
    private static let shards = isSoak ? [2, 3, 5, 8] : [3]
    private static let lines = isSoak ? Int.max : 120
    private static let seed: UInt64 = 20_261

    /// The messages of every log.
    private static let logs = Result {
        try LoghubTests.files.map { try LoghubTests.rows($0).map { $0["Content"] ?? "" } }
    }

    /// The messages of a log: all, or a part that begins anywhere.
    private static func messages(_ name: String, _ random: inout SeededGenerator) throws -> [String]
    {
        let place = try #require(LoghubTests.files.firstIndex(of: name))
        let all = try logs.get()[place]
        let count = min(lines, all.count)
        let start = Int.random(in: 0...(all.count - count), using: &random)
        return Array(all[start..<(start + count)])
    }

    /// What is known of a line's group.
    private struct Found: Hashable {
        let fingerprint: Fingerprint
        let template: String
    }

    /// The groups of lines that are read in an order, by the lines' own places.
    private static func groups(_ messages: [String], in order: [Int]) -> [Found] {
        var groups = MessageGroups()
        for place in order { groups.read(Array((messages[place] + "\n").utf8)) }
        groups.finish()
        let (found, of) = groups.groups()
        var result = [Found?](repeating: nil, count: messages.count)
        for (place, group) in zip(order, of) {
            let group = found[Int(group)]
            result[place] = Found(fingerprint: group.fingerprint, template: group.template)
        }
        return result.compactMap(\.self)
    }

    @Test(
        "every line has the same template and fingerprint in every order",
        arguments: LoghubTests.files)
    func order(name: String) throws {
        var random = SeededGenerator(seed: Self.seed)
        print("\(name): seed \(Self.seed)")
        let messages = try Self.messages(name, &random)
        let expected = Self.groups(messages, in: Array(messages.indices))
        #expect(expected.count == messages.count)
        for _ in 0..<Self.orders {
            let order = messages.indices.shuffled(using: &random)
            #expect(Self.groups(messages, in: order) == expected)
        }
    }

    /// As errors of a program, on days of which the place in the log says nothing.
    private static func records(_ messages: [String]) -> [ErrorRecord] {
        messages.enumerated().map { place, message in
            MinerTests.record(message, type: place % 3 == 0 ? "E" : "", day: place % 40)
        }
    }

    @Test(
        "shards of any number, in any order, give the same signatures and the same group to every line",
        arguments: LoghubTests.files)
    func shards(name: String) throws {
        var random = SeededGenerator(seed: Self.seed)
        print("\(name): seed \(Self.seed)")
        let records = Self.records(try Self.messages(name, &random))
        let whole = Miner(records)
        let expected = whole.signatures(MinerTests.window)
        let known = CountedGroups(whole)
        let groups = records.map { known.fingerprint(of: $0) }
        #expect(!expected.isEmpty && groups.allSatisfy { $0 != nil })
        for _ in 0..<Self.orders {
            let order = records.shuffled(using: &random)
            for count in Self.shards {
                var miners = [Miner](repeating: Miner(), count: count)
                for record in order {
                    miners[Int.random(in: 0..<count, using: &random)].add(record)
                }
                var joined = Miner()
                // half of them are kept and read back, as between two runs
                for (place, miner) in miners.shuffled(using: &random).enumerated() {
                    joined.merge(place % 2 == 0 ? miner : try Self.back(miner))
                }
                #expect(joined.signatures(MinerTests.window) == expected)
                let again = CountedGroups(joined)
                #expect(records.map { again.fingerprint(of: $0) } == groups)
            }
        }
    }

    private static func back(_ miner: Miner) throws -> Miner {
        try Miner(json: JSON.read(miner.json.text()))
    }

    @Test(
        "files read one by one, with all that is known kept and read back between, give the signatures of one",
        arguments: LoghubTests.files)
    func sources(name: String) throws {
        var random = SeededGenerator(seed: Self.seed)
        print("\(name): seed \(Self.seed)")
        let lines = try Self.messages(name, &random).enumerated().map { place, message in
            Self.line(message, day: place % 28)
        }
        let expected = try Self.mined([lines], &random)
        #expect(!expected.isEmpty)
        for _ in 0..<Self.orders {
            let order = lines.shuffled(using: &random)
            for count in Self.shards {
                let files = (0..<count).map { shard in
                    order.indices.filter { $0 % count == shard }.map { order[$0] }
                }
                #expect(try Self.mined(files, &random) == expected)
            }
        }
    }

    private static func line(_ message: String, day: Int) -> String {
        let day = day < 9 ? "0\(day + 1)" : "\(day + 1)"
        return "2026-10-\(day) 10:00:00 ERROR app: \(message)\n"
    }

    /// The signatures of a folder in which files appear and grow between readings.
    private static func mined(_ files: [[String]], _ random: inout SeededGenerator) throws
        -> [Signature]
    {
        let folder = try TemporaryFolder()
        let reader = SourceReader(format: .log, settings: ReadSettings(reference: MinerTests.now))
        var source = MinedSource()
        for (number, lines) in files.enumerated() {
            let cut = Int.random(in: 0...lines.count, using: &random)
            for part in [lines[..<cut], lines[...]] {
                // a start of its own: files that begin alike may be copies of one another
                let start = "2026-10-01 00:00:00 INFO start: file \(number)\n"
                try folder.write("\(number)x.log", start + part.joined())
                _ = try source.read([folder.at("*.log")], reader)
                source = try MinedSource(json: JSON.read(source.json.text()))
            }
        }
        return source.miner.signatures(MinerTests.window)
    }
}
