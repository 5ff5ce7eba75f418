import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowMining

@Suite("Counts by day and release")
struct ReleaseCountTests {
    private static let now = MinerTests.now
    private static let window = MinerTests.window

    private static func record(
        _ message: String = "it failed", release: String?, day: Int, hour: Int = 0,
        component: String = "app", level: Level = .error
    ) -> ErrorRecord {
        ErrorRecord(
            time: now.adding(seconds: -86_400 * Double(day) + 3_600 * Double(hour)),
            component: component, type: "", message: message, level: level, release: release)
    }

    private static func miner(_ records: [ErrorRecord]) -> Miner {
        var miner = Miner()
        for record in records { miner.add(record) }
        return miner
    }

    @Test("each day has its counts by release, and a record without one is in none")
    func daily() throws {
        let miner = Self.miner([
            Self.record(release: "1.0", day: 3), Self.record(release: "1.0", day: 2),
            Self.record(release: "1.1", day: 2), Self.record(release: nil, day: 2),
        ])
        let signature = try #require(miner.signatures(Self.window).first)
        #expect(signature.daily.map(\.count) == [1, 3])
        #expect(signature.daily.map(\.releases) == [["1.0": 1], ["1.0": 1, "1.1": 1]])
    }

    @Test("a release's first and last time are those of its events, whenever they were read")
    func seen() throws {
        let records = [
            Self.record(release: "1.1", day: 2), Self.record(release: "1.0", day: 4, hour: 1),
            Self.record(release: "1.1", day: 3, hour: 2), Self.record(release: "1.0", day: 8),
            Self.record(release: "1.2", day: 0),
        ]
        for order in [records, records.reversed()] {
            let signature = try #require(Self.miner(order).signatures(Self.window).first)
            // today is not closed, so 1.2 is not seen yet
            #expect(signature.releases.map(\.name) == ["1.1", "1.0"])
            #expect(signature.releases.map(\.hits) == [2, 2])
            #expect(
                signature.releases.map(\.firstSeen) == [records[2].time, records[3].time])
            #expect(signature.releases.map(\.lastSeen) == [records[0].time, records[1].time])
        }
    }

    @Test("exposure counts all records of a component by release, whatever their level")
    func exposure() throws {
        let miner = Self.miner([
            Self.record(release: "1.0", day: 2), Self.record(release: "1.0", day: 2, level: .info),
            Self.record(release: "1.1", day: 2, level: .debug),
            Self.record(release: "1.1", day: 2, component: "other", level: .info),
        ])
        let signature = try #require(miner.signatures(Self.window).first)
        #expect(signature.exposure.map(\.count) == [3])
        #expect(signature.exposure.map(\.releases) == [["1.0": 2, "1.1": 1]])
    }

    @Test(
        "a release in every record is bounded, and neither order nor shards change which are kept")
    func bounded() throws {
        let seed: UInt64 = 11
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let records = (0..<1_500).map { number in
            Self.record(
                "'x' failed in \(number % 3 == 0 ? "a" : "b")", release: "r\(number % 300)",
                day: 1 + number % 9)
        }
        let expected = Self.miner(records).signatures(Self.window)
        #expect(expected.allSatisfy { $0.daily.allSatisfy { $0.releases.count == 16 } })
        for shards in [1, 3] {
            var miners = [Miner](repeating: Miner(), count: shards)
            for record in records.shuffled(using: &random) {
                miners[Int.random(in: 0..<shards, using: &random)].add(record)
            }
            var whole = Miner()
            for miner in miners.shuffled(using: &random) { whole.merge(miner) }
            #expect(whole.signatures(Self.window) == expected)
            #expect(
                try Miner(json: JSON.read(whole.json.text())).signatures(Self.window) == expected)
        }
    }

    @Test("a release that looks secret is not kept as it is, and stays apart from others")
    func secret() throws {
        let names = ["2025110112345", "shop@1.2.3", "ada@example.com", "bob@example.com"]
        let miner = Self.miner(names.map { Self.record(release: $0, day: 2) })
        let signature = try #require(miner.signatures(Self.window).first)
        #expect(signature.releases.count == 4)
        let text = signature.json.text() + miner.json.text()
        #expect(text.contains("shop@1.2.3") && !text.contains("example.com"))
    }

    @Test("a clock that jumps over all years keeps few days, and the days that count are exact")
    func clock() throws {
        let seed: UInt64 = 12
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var records = (0..<3_000).map { _ in
            var record = Self.record(release: "1", day: 0)
            record.time = Timestamp(day: Int.random(in: -719_000...2_900_000, using: &random))
            return record
        }
        records += (1...90).flatMap { day in
            (0..<(day % 3 + 1)).map { _ in Self.record(release: "1", day: day) }
        }
        let first = try #require(records.compactMap(\.time).min())
        for _ in 0..<2 {
            var miner = Miner()
            miner.center = Self.now.day
            for record in records.shuffled(using: &random) { miner.add(record) }
            let days = try #require(miner.parts.values.first?.values.first?.days)
            #expect(days.byDay.count <= 2 * DayTotals.most)
            #expect(miner.exposure["app"]?.byDay.count ?? .max <= 2 * DayTotals.most)
            let read = Set(miner.exposure.values.flatMap { Array($0.days) })
            #expect(read.isSubset(of: (-719_000...2_900_000)))
            let signature = try #require(miner.signatures(Self.window).first)
            #expect(signature.daily.suffix(3).map(\.count) == [1, 3, 2])
            #expect(signature.daily.count == 90)
            #expect(signature.firstSeen == first)
            #expect(days.byDay.values.reduce(0) { $0 + $1.count } == records.count)
        }
    }
}
