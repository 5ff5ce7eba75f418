import FlowSystem
import FlowText
import Testing

@testable import FlowMining

/// A team's own masks.
@Suite struct MessageMasksTests {
    private static func masks(_ masks: [(String, String)]) throws -> MessageMasks {
        try MessageMasks(masks.map { (name: $0.0, pattern: $0.1) })
    }

    private static let order = [("order", "ORD-[A-Z]{3}-[A-Z]+")]

    @Test(
        "what a mask matches stands as its name, beside what is private anyway",
        arguments: [
            ("no ORD-ABC-XY here", "no <mask:order> here"),
            ("ORD-ABC-XYORD-ABC-Z", "<mask:order>-ABC-Z"),
            ("(ORD-ABC-X,ORD-ABC-Y)", "(<mask:order>,<mask:order>)"),
            ("to ada@example.org: ORD-ABC-X", "to <email>: <mask:order>"),
            ("password=ORD-ABC-X", "password=<mask:order>"),
            ("é ORD-ABC-X é", "é <mask:order> é"), ("ORD-abc", "ORD-abc"), ("", ""),
        ])
    func masked(_ text: String, _ expected: String) throws {
        let masks = try Self.masks(Self.order)
        #expect(PrivacyMask.masked(text, masks) == expected)
        #expect(PrivacyMask.masked(expected, masks) == expected)
    }

    @Test("a mask around something private hides it, one that reaches into it leaves nothing of it")
    func overlaps() throws {
        func masked(_ pattern: String, _ text: String) throws -> String {
            let masks = try Self.masks([("own", pattern)])
            let once = PrivacyMask.masked(text, masks)
            #expect(PrivacyMask.masked(once, masks) == once)
            return once
        }
        #expect(try masked("R-[0-9]+", "R-4111111111111111") == "<mask:own>")
        #expect(try masked("mask|own", "mask own <mask:own>") == "<mask:own> <mask:own> <mask:own>")
        #expect(try masked("[a-z]+", "<email> a") == "<email> <mask:own>")
        #expect(try masked("[0-9]{4}", "password=a1234b5678c") == "password=<secret>")
        #expect(try masked("c .*", "password=abc def") == "password=<secret>")
        #expect(try masked("^a", "ab\nac\nba") == "<mask:own>b\n<mask:own>c\nba")
    }

    @Test("after many matches the rest of the line is masked, however long the search would be")
    func many() throws {
        let masks = try Self.masks([("a", "a.*b|a")])
        let text = String(repeating: "a", count: 4000)
        let masked = PrivacyMask.masked(text + "\nc", masks)
        #expect(masked == String(repeating: "<mask:a>", count: MessageMasks.mostMatches) + "\nc")
    }

    private static let customers = [
        ("customer", "customer [A-Z][a-z]+ [A-Z]'?[A-Za-z]+ \\([a-z, ]+\\)"), order[0],
    ]

    private static let raw = [
        "cannot bill customer Ada Byron (gold) for ORD-ABC-X.",
        "cannot bill customer Eve O'Neill (silver, late) for ORD-DEF-YZ.",
    ]

    private static func records(_ messages: [String]) -> [ErrorRecord] {
        messages.map { MinerTests.record($0, type: "BillingError") }
    }

    @Test(
        "messages that differ in what is masked are one group, whose pattern matches them raw too")
    func grouped() throws {
        let masks = try Self.masks(Self.customers)
        let signatures = Miner(Self.records(Self.raw), masks: masks).signatures(MinerTests.window)
        #expect(signatures.map(\.template) == ["BillingError: cannot bill <*> for <*>."])
        let signature = try #require(signatures.first)
        let example = "BillingError: cannot bill <mask:customer> for <mask:order>."
        #expect(signature.examples == [example])
        let regex = try LinearRegex(signature.messageRegex)
        for text in Self.raw.map({ "BillingError: " + $0 }) + [example] {
            #expect(regex.matches(text), "\(signature.messageRegex)")
        }
        #expect(!regex.matches("BillingError: cannot find customer Ada Byron (gold)."))
        #expect(Miner(Self.records(Self.raw)).signatures(MinerTests.window).count == 2)
    }

    @Test("a pattern matches the raw message of a mask in quotes that hold quotes")
    func quoted() throws {
        let masks = try Self.masks([("name", "O'[A-Z]+ said \"[a-z]+\"")])
        let raw = "bad name 'O'BRIEN said \"hi\"' in state open"
        let signature = try #require(
            Miner(Self.records([raw]), masks: masks).signatures(MinerTests.window).first)
        #expect(signature.template == "BillingError: bad name '<str>' in state open")
        #expect(try LinearRegex(signature.messageRegex).matches("BillingError: " + raw))
    }

    @Test("in a message of several lines each line is masked, and the pattern matches its headline")
    func lines() throws {
        let masks = try Self.masks(Self.order + [("start", "^cannot")])
        let text = "[Test]\nBillingError: cannot bill ORD-ABC-X\n  for ORD-DEF-Y\n  cannot go on"
        var record = MinerTests.record("cannot bill ORD-ABC-X", type: "BillingError")
        record.whole = text
        let signature = try #require(
            Miner([record], masks: masks).signatures(MinerTests.window).first)
        let example = try #require(signature.examples.first)
        #expect(
            example == "[Test]\nBillingError: <mask:start> bill <mask:order>\n  for <mask:order>\n"
                + "  cannot go on")
        let regex = try LinearRegex(signature.messageRegex)
        #expect(regex.matches(example) && regex.matches(text))
    }

    @Test("an explanation names the masks that matched, and what")
    func explained() throws {
        let miner = Miner(Self.records(Self.raw), masks: try Self.masks(Self.customers))
        let found = try #require(
            miner.explanation(
                of: "BillingError: " + Self.raw[1], component: nil, named: { $0 }))
        #expect(found.isCounted && found.keys == 1)
        #expect(
            found.masks.map { [$0.text, $0.reason] } == [
                ["customer Eve O'Neill (silver, late)", "the mask customer of flow.yaml"],
                ["ORD-DEF-YZ", "the mask order of flow.yaml"],
            ])
    }

    @Test("lines of a log are grouped by the masks as well")
    func groups() throws {
        var groups = MessageGroups(masks: try Self.masks(Self.order))
        groups.read(Array("shipped ORD-ABC-X today\nshipped ORD-ABC-Y today\n".utf8) + [0xFF])
        groups.finish()
        #expect(groups.groups().groups.map(\.template) == ["shipped <*> today", "\u{FFFD}"])
    }

    @Test("what was counted goes on under the same masks only")
    func kept() throws {
        let masks = try Self.masks(Self.order)
        let json = MinedSource(masks: masks).json
        #expect(throws: Never.self) { try MinedSource(json: json, masks: masks) }
        let others: [[(String, String)]] = [
            [], [("order", "ORD-.+")], [("orders", Self.order[0].1)],
        ]
        for other in others {
            #expect(throws: MiningError.self) {
                try MinedSource(json: json, masks: try Self.masks(other))
            }
        }
        #expect(throws: Never.self) { try MinedSource(json: MinedSource().json) }
    }
}
