import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowText
import Testing

@testable import FlowMining

@Suite("Bounds on what a miner keeps")
struct MinerLimitsTests {
    private static let window = MinerTests.window

    private static let names = (0..<40).map {
        "mod.name\(UnicodeScalar(UInt8(97 + $0 % 26)))\($0 < 26 ? "" : "x")"
    }
    static let words = ["alpha", "beta", "gamma", "delta", "opened", "closed"]

    /// Messages with every kind of token, in which columns are variables for every reason.
    private static func message(_ random: inout SeededGenerator) -> String {
        let shapes = [
            "% is not in # of %", "% unknown", "cannot open %: ! failed", "! in % took 5 ms",
            "mode=! for % in 'a b'", "key '%' of table ! lost", "user % has no ! here",
            "% % % never", "state ! of 7 at %",
            "# begins the line", "# ! begins the line",
        ]
        var text = ""
        for character in shapes.randomElement(using: &random) ?? "" {
            switch character {
            case "%":
                // few of them, so that columns stay below the threshold in some runs
                text +=
                    names.prefix(Int.random(in: 1...40, using: &random)).randomElement(
                        using: &random) ?? ""
            case "#": text += Bool.random(using: &random) ? "a.b" : "17"
            case "!": text += words.randomElement(using: &random) ?? ""
            default: text.append(character)
            }
        }
        return text
    }

    static func records(_ count: Int, _ random: inout SeededGenerator) -> [ErrorRecord] {
        (0..<count).map { _ in
            MinerTests.record(
                message(&random), type: ["", "KeyError"].randomElement(using: &random) ?? "",
                day: Int.random(in: 1...40, using: &random))
        }
    }

    static func limited(_ keys: Int, shapes: Int = 1_000_000) -> Miner {
        var miner = Miner()
        miner.limits = MinerLimits(shapes: shapes, keys: keys)
        return miner
    }

    static func mined(_ records: [ErrorRecord], _ miner: Miner) -> Miner {
        var miner = miner
        for record in records { miner.add(record) }
        return miner
    }

    @Test(
        "folding changes no signature, in any order and sharding, wherever it happens",
        arguments: [UInt64(1), 2, 3, 4])
    func folding(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let records = Self.records(Int.random(in: 20...600, using: &random), &random)
        let whole = Self.mined(records, Miner())
        let expected = whole.signatures(Self.window)
        for shards in [1, 3] {
            // folds that lose nothing only, at every step
            var miners = [Miner](repeating: Miner(), count: shards)
            for record in records.shuffled(using: &random) {
                let shard = Int.random(in: 0..<shards, using: &random)
                miners[shard].add(record)
                if Int.random(in: 0..<20, using: &random) == 0 { miners[shard].fold() }
            }
            var joined = Miner()
            for miner in miners.shuffled(using: &random) { joined.merge(miner) }
            #expect(joined.signatures(Self.window) == expected)
            joined.fold()
            #expect(joined.signatures(Self.window) == expected)
            #expect(joined.keys <= whole.keys)
            let known = CountedGroups(joined)
            let groups = CountedGroups(whole)
            for record in records.prefix(100) {
                #expect(known.fingerprint(of: record) == groups.fingerprint(of: record))
            }
        }
    }

    @Test("names without end are folded, and nothing is said since nothing is lost")
    func names() throws {
        var miner = Self.limited(100)
        for number in 0..<2_000 {
            let name = String(number, radix: 36).map { $0.isNumber ? "z" : String($0) }.joined()
            miner.add(MinerTests.record("user mod.\(name) was not found"))
        }
        #expect(miner.keys <= 150)
        #expect(miner.coarsenings.isEmpty)
        let signatures = miner.signatures(Self.window)
        #expect(signatures.map(\.template) == ["user <*> was not found"])
        #expect(signatures.map(\.hits7d) == [2_000])
    }

    static func word(_ random: inout SeededGenerator) -> String {
        String((0..<6).compactMap { _ in "abcdefghijklmnop".randomElement(using: &random) })
    }

    @Test("text without end is counted by how it begins, and other messages stay as they were")
    func beginnings() throws {
        let seed: UInt64 = 21
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var records = (0..<900).map { _ in
            let text = (0..<4).map { _ in Self.word(&random) }.joined(separator: " ")
            return MinerTests.record("chat message refused: \(text)")
        }
        let others = (0..<30).flatMap { number in
            ["cannot open the cart of a customer", "disk is full", "no route to the depot"].map {
                MinerTests.record($0, day: 1 + number % 20)
            }
        }
        records += others
        let apart = MinerTests.mined(others)
        var expected: [Signature]?
        for shards in [1, 3] {
            var miners = [Miner](repeating: Self.limited(200, shapes: 100), count: shards)
            for record in records.shuffled(using: &random) {
                miners[Int.random(in: 0..<shards, using: &random)].add(record)
            }
            var miner = Self.limited(200, shapes: 100)
            for shard in miners.shuffled(using: &random) { miner.merge(shard) }
            #expect(miner.keys <= 300)
            let signatures = miner.signatures(Self.window)
            #expect(
                signatures.filter { !$0.template.hasPrefix("chat") }.map(\.fingerprint)
                    == apart.map(\.fingerprint))
            let chat = try #require(signatures.first)
            #expect(chat.template == "chat message refused:<*>")
            #expect(chat.daily.map(\.count) == [900])
            let regex = try LinearRegex(chat.messageRegex)
            #expect(regex.matches("chat message refused: anything at all"))
            #expect(!regex.matches("disk is full"))
            #expect(miner.coarsenings.count == 1)
            #expect(CountedGroups(miner).fingerprint(of: records[0]) == chat.fingerprint)
            #expect(signatures == expected ?? signatures)
            expected = signatures
            let back = try Miner(json: JSON.read(miner.json.text()))
            #expect(back.signatures(Self.window) == signatures)
            #expect(back.coarsenings == miner.coarsenings)
        }
    }

    @Test("however hostile the source, what is kept is bounded and no error is lost")
    func hostile() {
        let seed: UInt64 = 22
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        func few() -> String { Self.words.randomElement(using: &random) ?? "" }
        func many() -> String { Self.word(&random) }
        let sources: [(String, () -> ErrorRecord)] = [
            ("words", { MinerTests.record(many() + " " + many()) }),
            ("types", { MinerTests.record("x", type: many()) }),
            ("components", { MinerTests.record("x " + few(), component: many()) }),
            (
                "few words",
                { MinerTests.record((0..<9).map { _ in few() }.joined(separator: " ")) }
            ),
            (
                "columns",
                {
                    MinerTests.record(
                        (0..<9).map { _ in Self.names.prefix(3).randomElement(using: &random) ?? ""
                        }
                        .joined(separator: " "))
                }
            ),
            (
                "all",
                { MinerTests.record(many(), type: few() + many(), component: many()) }
            ),
        ]
        for (name, record) in sources {
            var miner = Miner()
            miner.limits = MinerLimits(shapes: 100, keys: 200, components: 50, breadth: 20)
            var most = 0
            for _ in 0..<1_000 {
                miner.add(record())
                most = max(most, miner.keys)
            }
            #expect(most <= 301, "\(name)")
            #expect(miner.bounded.keys <= 200, "\(name)")
            #expect(miner.bounded.keys == miner.bounded.parts.values.reduce(0) { $0 + $1.count })
            #expect(miner.exposure.count <= 51, "\(name)")
            let hits = miner.signatures(Self.window).reduce(0) { $0 + $1.hits7d }
            #expect(hits == 1_000, "\(name)")
            #expect(name == "columns" || !miner.coarsenings.isEmpty, "\(name)")
        }
    }

    @Test("components of which only lines below errors were read are bounded too")
    func quiet() throws {
        var miner = Miner()
        miner.limits = MinerLimits(components: 50)
        miner.add(MinerTests.record("it failed"))
        for number in 0..<500 {
            miner.add(MinerTests.record("fine", component: "c\(number)", level: .info))
        }
        #expect(miner.exposure.count == 1)
        #expect(miner.signatures(Self.window).map { $0.exposure.map(\.count) } == [[501]])
        #expect(miner.coarsenings.count == 1)
    }

    @Test("where components are one, asking for one of them finds what was counted of all")
    func components() throws {
        let records = (0..<20).map {
            MinerTests.record("cannot open the cart", component: "c\($0)")
        }
        for limits in [MinerLimits(components: 5), MinerLimits(shapes: 10)] {
            var miner = Miner()
            miner.limits = limits
            miner = Self.mined(records, miner)
            let mined = MinedGroups(miner, Self.window)
            let group = try #require(mined.signatures.first)
            #expect(mined.signatures.count == 1 && group.component == "<*>")
            let found = try #require(
                miner.explanation(of: "cannot open the cart", component: "c7") { $0 })
            #expect(found.isCounted && found.fingerprint == group.fingerprint)
            var lookup = GroupLookup(mined)
            #expect(
                lookup.group(
                    of: ["cannot open the cart"], component: "c7", template: "cannot open the cart")
                    == group.fingerprint.text)
        }
        let apart = Self.mined(records, Miner())
        #expect(apart.explanation(of: "cannot open the cart", component: "d") { $0 } == nil)
        #expect(
            apart.explanation(of: "cannot open the cart", component: "c7") { $0 }?.isCounted == true
        )
    }

    @Test("what was masked in a message is explained also where its names were folded")
    func explained() throws {
        var miner = Self.limited(20)
        for number in 0..<200 {
            let name = Self.names[number % 40]
            miner.add(MinerTests.record("user \(name)\(number % 7 > 2 ? "y" : "z") waited 5 s"))
        }
        miner = miner.bounded
        miner.fold()
        #expect(miner.keys == 1)
        let group = try #require(miner.signatures(Self.window).first)
        let found = miner.explanations(of: group.fingerprint.text) { $0 }
        #expect(found.map { $0.masks.map(\.text) } == [["5 s"]])
    }

    @Test("a part that was cut counts as full, so what comes later is cut as if it had come before")
    func full() throws {
        func shape(_ number: Int) -> String {
            String(number, radix: 2).map { $0 == "0" ? "up" : "down" }.joined(separator: " ")
        }
        let one = (0..<150).map { MinerTests.record(shape($0), component: "one") }
        let two = (0..<60).map { MinerTests.record(shape($0), component: "two") }
        let limits = MinerLimits(shapes: 100, keys: 1_000)
        func miner(_ records: [ErrorRecord], _ start: Miner = Miner()) -> Miner {
            var miner = start
            miner.limits = limits
            return Self.mined(records, miner)
        }
        var first = miner(one).bounded
        #expect(first.coarsenings.count == 1)
        first = miner(two, first)
        let whole = miner(two + one)
        #expect(whole.coarsenings.count == 2)
        #expect(first.coarsenings == whole.coarsenings)
        #expect(first.signatures(Self.window) == whole.signatures(Self.window))
    }

    @Test("which parts are cut, and where, depends on the messages alone")
    func order() {
        let seed: UInt64 = 23
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let records = (0..<2_000).map { number in
            // component k has about 3 · 2^k shapes
            let component = number % 9
            let shape = Int.random(in: 0..<(3 << component), using: &random)
            let text = String(shape, radix: 2).map { $0 == "0" ? "up" : "down" }
            return MinerTests.record(
                "\(text.count) \(text.joined(separator: " "))", component: "c\(component)")
        }
        let limits = MinerLimits(shapes: 200, keys: 400, components: 20, breadth: 1_000)
        var expected: ([Signature], [String])?
        for shards in [1, 4] {
            var empty = Miner()
            empty.limits = limits
            var miners = [Miner](repeating: empty, count: shards)
            for record in records.shuffled(using: &random) {
                miners[Int.random(in: 0..<shards, using: &random)].add(record)
            }
            var miner = empty
            for shard in miners.shuffled(using: &random) { miner.merge(shard) }
            let found = (miner.signatures(Self.window), miner.coarsenings)
            #expect(!found.1.isEmpty)
            #expect(found.0 == expected?.0 ?? found.0)
            #expect(found.1 == expected?.1 ?? found.1)
            expected = found
        }
    }
}
