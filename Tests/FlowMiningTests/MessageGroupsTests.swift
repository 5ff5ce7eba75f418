import FlowMining
import Testing

/// What the lines of a log are grouped by, rule by rule.
@Suite struct MessageGroupsTests {
    /// Messages and the templates of their groups, in the order in which they come.
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let messages: [String]
        let templates: [String]
        var testDescription: String { rule }
    }

    private static func templates(_ messages: [String]) -> [String] {
        var groups = MessageGroups()
        groups.read(Array(messages.map { $0 + "\n" }.joined().utf8))
        groups.finish()
        return groups.groups().groups.map(\.template)
    }

    static let cases = [
        Case(
            rule: "what stands after = or in quotes is a value, also the first time",
            messages: ["login user=ada via 'web'", "login user=bob via 'app store'"],
            templates: ["login user=<*> via '<str>'"]),
        Case(
            rule: "an object as programs print one is a value",
            messages: [
                "no handler for <Worker alpha at 0x7f3a10>",
                "no handler for <Worker beta at 0x7f3b20>",
            ], templates: ["no handler for <<*>>"]),
        Case(
            rule: "a mark-up of one word is no object",
            messages: ["missing <init> in file", "missing <clinit> in file"],
            templates: ["missing <init> in file", "missing <clinit> in file"]),
        Case(
            rule: "a list, an empty one too, is a value",
            messages: ["left over: ['a', 'b']", "left over: []", "left over: ['c']"],
            templates: ["left over: [<*>]"]),
        Case(
            rule: "words take four values before their place is a variable",
            messages: [
                "reload module camera now", "reload module mail now", "reload module sip now",
            ],
            templates: [
                "reload module camera now", "reload module mail now", "reload module sip now",
            ]),
        Case(
            rule: "four are enough",
            messages: ["camera", "mail", "sip", "fax"].map { "reload module \($0) from disk" },
            templates: ["reload module <*> from disk"]),
        Case(
            rule: "states are not values, however many there are",
            messages: ["started", "stopped", "paused", "resumed", "attached"].map {
                "VM \($0) (event)"
            },
            templates: ["started", "stopped", "paused", "resumed", "attached"].map {
                "VM \($0) (event)"
            }),
        Case(
            rule: "the text of another error after a colon is one variable, whatever its length",
            messages: [
                "connection refused", "no route to the host at all", "timed out",
                "permission denied",
                "the name is not known",
            ].map { "cannot reach the broker: \($0)" },
            templates: ["cannot reach the broker: <*>"]),
        Case(
            rule: "a program's name before a colon begins many messages",
            messages: [
                "postfix: queue is full", "postfix: a client went away", "postfix: ready",
                "postfix: reload config", "postfix: no space left",
            ],
            templates: [
                "postfix: queue is full", "postfix: a client went away", "postfix: ready",
                "postfix: reload config", "postfix: no space left",
            ]),
        Case(
            rule: "an HTTP request keeps its method",
            messages: [
                #"10.0.0.1 "GET /a/1 HTTP/1.1" 200"#, #"10.0.0.2 "POST /b/2 HTTP/1.1" 200"#,
            ],
            templates: [#"<*> "GET <*>" <*>"#, #"<*> "POST <*>" <*>"#]),
    ]

    @Test("messages fall into the groups that the rule says", arguments: cases)
    func rule(_ one: Case) { #expect(Self.templates(one.messages) == one.templates) }

    @Test("neither the order of the lines nor the cut into chunks changes the groups")
    func order() {
        let messages = Self.cases.flatMap(\.messages)
        let whole = Set(Self.templates(messages))
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var random = seed
        for _ in 0..<50 {
            var shuffled = messages
            for place in shuffled.indices.dropFirst().reversed() {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                shuffled.swapAt(place, Int(random >> 33) % (place + 1))
            }
            var groups = MessageGroups()
            let bytes = Array(shuffled.joined(separator: "\n").utf8)
            for start in stride(from: 0, to: bytes.count, by: 7) {
                groups.read(Array(bytes[start..<min(start + 7, bytes.count)]))
            }
            groups.finish()
            #expect(Set(groups.groups().groups.map(\.template)) == whole)
        }
    }
}
