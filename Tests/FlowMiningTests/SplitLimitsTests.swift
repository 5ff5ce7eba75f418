import FlowJSON
import FlowTestSupport
import FlowText
import Testing

@testable import FlowMining

@Suite("What people took out of groups, where more is read than is kept")
struct SplitLimitsTests {
    private static let window = MinerTests.window

    private static func rule(_ of: String, _ part: Int, _ pattern: String) throws
        -> GroupSplits.Rule
    {
        GroupSplits.Rule(
            of: of, part: "0000000\(part)-0000-8000-8000-000000000000",
            regex: try LinearRegex(pattern))
    }

    /// Few messages of which those with `spam` were taken out, counted and remembered.
    private struct SpamSplit {
        let whole: String
        let rule: GroupSplits.Rule
        var miner: Miner
        var memory = GroupMemory()

        init(_ few: [ErrorRecord], _ empty: Miner) throws {
            whole = try #require(Miner(few).signatures(window).first).fingerprint.text
            rule = try SplitLimitsTests.rule(whole, 1, "refused: spam")
            var empty = empty
            empty.splits = GroupSplits([rule])
            miner = MinerLimitsTests.mined(few, empty)
            memory.remember(MinedGroups(miner, window))
        }
    }

    /// Dealt out to miners that were then merged, each kept and read back.
    private static func sharded(
        _ records: [ErrorRecord], _ shards: Int, _ empty: Miner,
        _ random: inout SeededGenerator
    ) throws -> Miner {
        var miners = [Miner](repeating: empty, count: shards)
        for record in records.shuffled(using: &random) {
            miners[Int.random(in: 0..<shards, using: &random)].add(record)
        }
        var joined = empty
        for miner in miners.shuffled(using: &random) {
            var back = try Miner(json: JSON.read(miner.json.text()))
            back.splits = empty.splits
            joined.merge(back)
        }
        return joined
    }

    @Test("folded names stay on their side of a split, with the counts and patterns of all")
    func names() throws {
        let seed: UInt64 = 31
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var names = Set<String>(["lamp"])
        while names.count < 800 { names.insert(MinerLimitsTests.word(&random)) }
        let records = names.sorted().enumerated().map { number, name in
            MinerTests.record("user mod.\(name) was not found", day: 1 + number % 20)
        }
        let whole = try #require(Miner(records).signatures(Self.window).first).fingerprint.text
        // one name, and more different names than are kept
        let splits = GroupSplits([
            try Self.rule(whole, 1, "mod\\.lamp\\b"), try Self.rule(whole, 2, "mod\\.[a-f]"),
        ])
        let expected = Miner(records, splits: splits).signatures(Self.window)
        #expect(expected.count == 3)
        #expect(expected.contains { $0.template == "user mod.lamp was not found" })
        for shards in [1, 3] {
            var empty = MinerLimitsTests.limited(100)
            empty.splits = splits
            let miner = try Self.sharded(records, shards, empty, &random)
            #expect(miner.keys <= 150)
            #expect(miner.signatures(Self.window) == expected)
            #expect(
                miner.coarsenings.isEmpty
                    && MinedGroups(miner, Self.window).coarsenings(GroupMemory()).isEmpty)
            let groups = CountedGroups(miner)
            let unlimited = CountedGroups(Miner(records, splits: splits))
            for record in records.prefix(200) {
                #expect(groups.fingerprint(of: record) == unlimited.fingerprint(of: record))
            }
        }
    }

    @Test(
        "folding changes no signature of what was taken out, in any order and sharding",
        arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func folding(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let records = MinerLimitsTests.records(Int.random(in: 100...600, using: &random), &random)
        let groups = Miner(records).signatures(Self.window).map(\.fingerprint.text)
        let patterns = [
            "alpha|beta", "name[a-f]", "name[a-d]x? is", "opened", "<\\*>", "lost", ".*namez",
        ]
        var rules: [GroupSplits.Rule] = []
        for number in 0..<6 {
            let of = number > 3 ? rules[number - 4].part : groups.randomElement(using: &random)
            rules.append(
                try Self.rule(of ?? "", number, patterns.randomElement(using: &random) ?? ""))
        }
        let splits = GroupSplits(rules)
        let expected = Miner(records, splits: splits).signatures(Self.window)
        for shards in [1, 3] {
            var miners = [Miner](repeating: Miner(splits: splits), count: shards)
            for record in records.shuffled(using: &random) {
                let shard = Int.random(in: 0..<shards, using: &random)
                miners[shard].add(record)
                if Int.random(in: 0..<20, using: &random) == 0 { miners[shard].fold() }
            }
            var joined = Miner(splits: splits)
            for miner in miners.shuffled(using: &random) { joined.merge(miner) }
            #expect(joined.signatures(Self.window) == expected)
            joined.fold()
            #expect(joined.signatures(Self.window) == expected)
        }
    }

    @Test("where a group is counted by how it begins, its split follows it there, and this is said")
    func beginnings() throws {
        let seed: UInt64 = 32
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        func refused(_ count: Int, _ start: String) -> [ErrorRecord] {
            (0..<count).map { _ in
                MinerTests.record("chat message refused: \(start)\(MinerLimitsTests.word(&random))")
            }
        }
        let split = try SpamSplit(
            refused(15, "") + refused(5, "spam"), MinerLimitsTests.limited(200, shapes: 100))
        let (whole, rule, memory) = (split.whole, split.rule, split.memory)
        var miner = split.miner
        #expect(memory.fingerprints == [whole, rule.part])

        let all = refused(800, "") + refused(90, "spam")
        miner = MinerLimitsTests.mined(all.shuffled(using: &random), miner)
        #expect(miner.keys <= 300 && miner.bounded.keys == 2)
        let mined = MinedGroups(miner, Self.window)
        let heir = try #require(mined.heirs(memory)[whole]?.fingerprint)
        #expect(mined.fingerprints == [heir])
        #expect(mined.coarsenings(memory).count == 1 && miner.coarsenings.count == 1)
        #expect(mined.coarsenings(memory).first?.hasPrefix(rule.part) == true)
        #expect(mined.coarsenings(memory).first?.contains(heir) == true)

        miner.splits = GroupSplits([rule]) { $0 == whole ? heir : $0 }
        let followed = MinedGroups(miner, Self.window)
        let hits = followed.signatures.map { [$0.fingerprint.text: $0.hits7d] }
        #expect(hits == [[heir: 815], [rule.part: 95]])
        #expect(followed.coarsenings(memory).isEmpty)
        let spam = CountedGroups(miner).fingerprint(of: all[850])
        #expect(spam?.text == rule.part)
    }

    @Test("where components are one, a split follows its group there, or is named")
    func components() throws {
        let few = ["lamp", "chair", "sofa", "desk"].map {
            MinerTests.record("cannot reserve 3 of \($0) for order SO18: only 1 left")
        }
        var miner = Miner(few)
        let whole = try #require(miner.signatures(Self.window).first).fingerprint.text
        let rule = try Self.rule(whole, 1, "of lamp")
        miner.splits = GroupSplits([rule])
        var memory = GroupMemory()
        memory.remember(MinedGroups(miner, Self.window))
        #expect(memory.fingerprints == [whole, rule.part])
        miner.limits = MinerLimits(components: 5)
        for number in 0..<10 {
            miner.add(MinerTests.record("it failed", component: "c\(number)"))
        }
        let mined = MinedGroups(miner, Self.window)
        let heir = try #require(mined.heirs(memory)[whole]?.fingerprint)
        #expect(mined.signatures.count == 2 && mined.fingerprints.contains(heir))
        #expect(
            mined.coarsenings(memory).count == 1
                && mined.coarsenings(memory)[0].hasPrefix(rule.part))
        miner.splits = GroupSplits([rule]) { $0 == whole ? heir : $0 }
        let followed = MinedGroups(miner, Self.window)
        #expect(followed.coarsenings(memory).isEmpty && followed.signatures.count == 3)
        #expect(followed.signatures.first { $0.fingerprint.text == rule.part }?.hits7d == 1)
    }

    @Test("a split that cannot be kept within the bound is given up, and named")
    func givenUp() throws {
        let seed: UInt64 = 33
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let names = (0..<600).map { _ in MinerLimitsTests.word(&random) }
        let records = names.map { MinerTests.record("user mod.\($0) was not found") }
        let whole = try #require(Miner(records).signatures(Self.window).first).fingerprint.text
        // finds none of the messages, but what they would become
        let rule = try Self.rule(whole, 1, "user <\\*> was")
        var miner = MinerLimitsTests.limited(100)
        miner.splits = GroupSplits([rule, try Self.rule(whole, 2, "other")])
        miner = MinerLimitsTests.mined(records, miner)
        #expect(miner.keys <= 150)
        #expect(miner.coarsenings.count == 1)
        #expect(miner.coarsenings.first?.hasPrefix("\(rule.part), which flow errors split") == true)
        #expect(miner.signatures(Self.window).reduce(0) { $0 + $1.hits7d } == 600)
        var back = try Miner(json: JSON.read(miner.json.text()))
        #expect(back.coarsenings.isEmpty)
        back.splits = miner.splits
        #expect(back.coarsenings == miner.coarsenings)
    }

    /// The part that a component and type are counted in is cut where it has too many shapes.
    private static func chats(
        _ count: Int, type: String = "ChatError", component: String = "app", start: String = "",
        _ random: inout SeededGenerator
    ) -> [ErrorRecord] {
        (0..<count).map { _ in
            MinerTests.record(
                "chat message refused: \(start)\(MinerLimitsTests.word(&random))", type: type,
                component: component)
        }
    }

    @Test("a split group's heir is of its component and type, whatever else the pattern finds")
    func holders() throws {
        let seed: UInt64 = 34
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let split = try SpamSplit(
            Self.chats(15, &random) + Self.chats(5, start: "spam", &random),
            MinerLimitsTests.limited(400, shapes: 300))
        let (whole, memory) = (split.whole, split.memory)
        var miner = split.miner
        for kind in [("ChatError", "app"), ("ChatError", "other"), ("Other", "app")] {
            let records =
                Self.chats(800, type: kind.0, component: kind.1, &random)
                + Self.chats(90, type: kind.0, component: kind.1, start: "spam", &random)
            miner = MinerLimitsTests.mined(records, miner)
        }
        let mined = MinedGroups(miner, Self.window)
        #expect(mined.signatures.count == 3)
        let own = try #require(
            mined.signatures.first { $0.component == "app" && $0.type == "ChatError" })
        let heir = own.fingerprint.text
        #expect(mined.heirs(memory)[whole] == MinedGroups.Heir(fingerprint: heir))
        #expect(mined.coarsenings(memory).first?.contains("is counted in \(heir)") == true)
        let kept = try #require(GroupMemory(json: JSON.read(memory.json.text())))
        #expect(kept == memory && mined.heirs(kept)[whole]?.fingerprint == heir)
        // who calls decides which groups may be heirs at all
        #expect(mined.heirs(memory) { $1 != heir }[whole] == nil)
    }

    @Test("of what an earlier flow remembered only what a rule has marked is followed")
    func earlier() throws {
        let few = ["lamp", "chair", "sofa", "desk"].map {
            MinerTests.record("cannot reserve 3 of \($0) for order SO18: only 1 left")
        }
        var miner = Miner(few)
        let whole = try #require(miner.signatures(Self.window).first).fingerprint.text
        miner.splits = GroupSplits([try Self.rule(whole, 1, "of lamp")])
        let memory = try #require(
            GroupMemory(json: ["\(whole)": .string(String(repeating: "0123456789abcdef", count: 2))]
            ))
        miner.limits = MinerLimits(components: 5)
        for number in 0..<10 {
            miner.add(MinerTests.record("it failed", component: "c\(number)"))
        }
        let mined = MinedGroups(miner, Self.window)
        #expect(mined.heirs(memory).isEmpty && mined.coarsenings(memory).isEmpty)
    }

    @Test("what another split has taken out is no heir, be it all that is left of a group")
    func taken() throws {
        let seed: UInt64 = 35
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let split = try SpamSplit(
            Self.chats(15, &random) + Self.chats(5, start: "spam", &random),
            MinerLimitsTests.limited(200, shapes: 100))
        let (whole, rule) = (split.whole, split.rule)
        var (miner, memory) = (split.miner, split.memory)
        miner = MinerLimitsTests.mined(
            Self.chats(800, &random) + Self.chats(90, start: "spam", &random), miner)
        let heir = try #require(MinedGroups(miner, Self.window).heirs(memory)[whole]).fingerprint
        let all = try Self.rule(heir, 2, "chat")
        miner.splits = GroupSplits([rule, all])
        let mined = MinedGroups(miner, Self.window)
        #expect(mined.fingerprints == [all.part])
        #expect(mined.heirs(memory)[whole] == nil)
    }

    @Test("where not even types are told apart, a split by a type is kept, or given up and named")
    func types() throws {
        let few = ["lamp", "chair"].flatMap { name in
            ["StockError", "CartError"].map {
                MinerTests.record("cannot reserve \(name)", type: $0, component: "shop")
            }
        }
        let groups = Miner(few).signatures(Self.window)
        let whole = try #require(groups.first { $0.template.hasPrefix("StockError") })
        let others = (0..<20).map { MinerTests.record("it failed", component: "c\($0)") }
        let rule = try Self.rule(whole.fingerprint.text, 1, "^StockError: .* lamp")
        for (patterns, isKept) in [([], true), (["^<\\*>"], false)] {
            let more = try patterns.map { try Self.rule(whole.fingerprint.text, 2, $0) }
            var miner = Miner()
            miner.limits = MinerLimits(shapes: 10)
            miner.splits = GroupSplits([rule] + more)
            miner = MinerLimitsTests.mined(few + others, miner)
            #expect(miner.bounded.coarseness.room == 0)
            #expect(miner.coarsenings.contains { $0.hasPrefix(rule.part) } == !isKept)
            guard isKept else { continue }
            let heir = try #require(
                miner.signatures(Self.window).first { $0.fingerprint.text != rule.part })
            miner.splits = GroupSplits([rule]) {
                $0 == whole.fingerprint.text ? heir.fingerprint.text : $0
            }
            let followed = miner.signatures(Self.window)
            #expect(followed.first { $0.fingerprint.text == rule.part }?.hits7d == 1)
            #expect(followed.reduce(0) { $0 + $1.hits7d } == 24)
        }
    }

    @Test("marks change no key but for what they say, and none stay with a single message")
    func marks() {
        var lexer = MessageLexer(quotes: .masked)
        let one = lexer.lex("user mod.lamp was not found in mod.depot").key
        let two = lexer.lex("user mod.desk was not found in mod.depot").key
        #expect(one.marked([7]) == one && one.marks.isEmpty)
        for coarse in [
            MessageShape.folded([one, two], all: true) { _ in [] }[one] ?? one, one.cut(after: 1),
        ] {
            let marked = coarse.marked([7, .max])
            #expect(marked.marks == [7, .max] && marked != coarse && marked.unmarked == coarse)
            #expect(marked.tokens == coarse.tokens && marked.shape == coarse.shape)
            #expect(marked.covers(one) && marked.covers(two) && marked.marked([]) == coarse)
            #expect(MessageKey(marked.packed) == marked)
        }
    }
}
