import FlowJSON
import FlowMining
import FlowSystem
import FlowText
import Testing

/// Groups that grow together, and what people take out of them.
@Suite("Regrouping")
struct RegroupingTests {
    private static func record(_ product: String, day: Int = 1, count: Int = 1) -> ErrorRecord {
        MinerTests.record(
            "cannot reserve 3 of \(product) for order SO18: only 1 left", type: "StockError",
            day: day, count: count)
    }

    private static func mined(_ records: [ErrorRecord], _ splits: GroupSplits = .none)
        -> MinedGroups
    {
        MinedGroups(Miner(records, splits: splits), MinerTests.window)
    }

    private static let three = ["lamp", "chair", "sofa"].map { record($0) }
    private static let four = three + [record("desk")]

    private func rule(_ of: String, _ part: Int, _ pattern: String) throws -> GroupSplits.Rule {
        GroupSplits.Rule(
            of: of, part: "0000000\(part)-0000-8000-8000-000000000000",
            regex: try LinearRegex(pattern))
    }

    // MARK: What was remembered

    @Test(
        "when groups grow into one, it is the heir of each, and the memory survives being written")
    func heirs() throws {
        var memory = GroupMemory()
        memory.remember(Self.mined(Self.three))
        let kept = try #require(GroupMemory(json: try JSON.read(memory.json.text())))
        #expect(kept == memory && kept.fingerprints.count == 3)
        #expect(Self.mined(Self.three).heirs(kept).isEmpty)
        let now = Self.mined(Self.four)
        let name = try #require(now.fingerprints.first)
        #expect(now.fingerprints.count == 1)
        let heirs = now.heirs(kept)
        #expect(Set(heirs.keys) == kept.fingerprints)
        #expect(heirs.values.allSatisfy { $0.fingerprint == name && $0.groups == 1 })
    }

    @Test("of a group that falls apart the part with most errors is the heir")
    func apart() throws {
        var memory = GroupMemory()
        memory.remember(Self.mined(Self.four))
        let now = Self.mined([
            Self.record("lamp", count: 2), Self.record("chair", count: 3), Self.record("sofa"),
        ])
        let heirs = now.heirs(memory)
        let heir = try #require(heirs.values.first)
        #expect(heirs.count == 1 && heir.groups == 3)
        #expect(
            now.signatures.first { $0.fingerprint.text == heir.fingerprint }?.template
                == "StockError: cannot reserve <*> of chair for order <*>: only <*> left")
    }

    @Test("nothing is the heir of a group none of whose messages is counted, until it is forgotten")
    func gone() {
        var memory = GroupMemory()
        memory.remember(Self.mined(Self.three))
        let now = Self.mined([MinerTests.record("it failed")])
        #expect(now.heirs(memory).isEmpty)
        memory.remember(now)
        #expect(memory.fingerprints.count == 4)
        memory.forget(Self.mined(Self.three).fingerprints)
        #expect(memory.fingerprints == now.fingerprints)
    }

    @Test("what is no memory is not read", arguments: ["[]", "{\"a\": 1}", "{\"a\": \"12\"}"])
    func damaged(_ text: String) throws {
        #expect(GroupMemory(json: try JSON.read(text)) == nil)
    }

    // MARK: What was written down

    @Test("examples that were written down find their group, counted or by its pattern")
    func placed() throws {
        let old = try #require(Self.mined(Self.three).signatures.first)
        let now = Self.mined(Self.four)
        var lookup = GroupLookup(now)
        func group(_ examples: [String], _ component: String? = "app") -> String? {
            lookup.group(of: examples, component: component, template: old.template)
        }
        #expect(group(old.examples) == now.fingerprints.first)
        #expect(group(old.examples, nil) == now.fingerprints.first)
        #expect(group(old.examples, "other") == nil)
        let unseen = "StockError: cannot reserve 9 of bench for order SO77: only 2 left"
        #expect(group(old.examples + [unseen]) == now.fingerprints.first)
        #expect(group(old.examples + ["StockError: it failed"]) == nil)
        #expect(group([]) == nil)
        let apart = Self.mined(Self.three)
        let examples = apart.signatures.flatMap(\.examples)
        lookup = GroupLookup(apart)
        #expect(group(examples) == nil)
    }

    // MARK: What people take out

    @Test("what matches is a group of its own, all is counted once, and both patterns match")
    func split() throws {
        let records = Self.four + [Self.record("lamp", day: 3, count: 5)]
        let whole = try #require(Self.mined(records).signatures.first)
        let rule = try rule(whole.fingerprint.text, 1, "of (lamp) for")
        let parts = Self.mined(records, GroupSplits([rule])).signatures
        #expect(parts.count == 2)
        let lamp = try #require(parts.first { $0.fingerprint.text == rule.part })
        let rest = try #require(parts.first { $0.fingerprint == whole.fingerprint })
        #expect(lamp.hits7d == 6 && rest.hits7d == 3 && whole.hits7d == 9)
        #expect(
            lamp.template == "StockError: cannot reserve <*> of lamp for order <*>: only <*> left")
        #expect(rest.template == whole.template)
        for part in parts {
            let regex = try LinearRegex(part.messageRegex)
            #expect(!part.examples.isEmpty && part.examples.allSatisfy { regex.matches($0) })
        }
        #expect(try !LinearRegex(lamp.messageRegex).matches(rest.examples[0]))
    }

    @Test("a part of several texts is told from the whole by its pattern")
    func named() throws {
        let whole = try #require(Self.mined(Self.four).signatures.first)
        let rule = try rule(whole.fingerprint.text, 1, "of (lamp|sofa) for")
        let part = Self.mined(Self.four, GroupSplits([rule])).signatures.first {
            $0.fingerprint.text == rule.part
        }
        #expect(part?.template == whole.template + " matching of (lamp|sofa) for")
    }

    @Test("of several rules the first counts, and what was taken out can be taken apart too")
    func several() throws {
        let whole = try #require(Self.mined(Self.four).signatures.first).fingerprint.text
        let one = try rule(whole, 1, "lamp|sofa")
        let two = try rule(whole, 2, "sofa|desk")
        let three = try rule(one.part, 3, "sofa")
        let rules = GroupSplits([one, two, three])
        let hits = Dictionary(
            uniqueKeysWithValues: Self.mined(Self.four, rules).signatures.map {
                ($0.fingerprint.text, $0.hits7d)
            })
        #expect(hits == [whole: 1, one.part: 1, two.part: 1, three.part: 1])
    }

    @Test("a rule holds for what its group is called now, and ends where it leads to itself")
    func renamed() throws {
        let whole = try #require(Self.mined(Self.four).signatures.first).fingerprint.text
        let rule = try rule("old", 1, "lamp")
        let circle = try self.rule(rule.part, 2, "lamp")
        let renamed = GroupSplits([rule, circle]) { $0 == "old" ? whole : $0 }
        #expect(Self.mined(Self.four, renamed).fingerprints == [whole, circle.part])
        let none = GroupSplits([rule])
        #expect(Self.mined(Self.four, none).fingerprints == [whole])
        let all = GroupSplits([try self.rule(whole, 3, "reserve")])
        #expect(Self.mined(Self.four, all).fingerprints == [all.rules[0].part])
    }

    @Test("a division counts what a pattern takes out and what stays, as patterns see it")
    func division() throws {
        let miner = Miner(Self.four + [Self.record("lamp", day: 200, count: 5)])
        let whole = try #require(miner.signatures(MinerTests.window).first).fingerprint.text
        let found = try #require(
            miner.division(of: whole, try LinearRegex("of lamp")) { $0 })
        #expect(found.matching.errors == 6 && found.matching.different == 1)
        #expect(found.rest.errors == 3 && found.rest.different == 3)
        #expect(
            found.matching.messages == [
                "StockError: cannot reserve <*> of lamp for order <*>: only <*> left"
            ])
        #expect(found.rest.examples.count == 2)
        #expect(miner.division(of: "other", try LinearRegex("x")) { $0 } == nil)
    }
}
