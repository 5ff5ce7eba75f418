import FlowJSON
import FlowMining
import FlowText
import FlowSystem
import FlowTestSupport
import Testing

@Suite("Mining signatures")
struct MinerTests {
    static let now = Timestamp("2026-11-20T12:00:00Z") ?? Timestamp(day: 0)
    static let window = Miner.Window(now: now)

    static func record(
        _ message: String, type: String = "", component: String = "app", day: Int = 1,
        level: Level? = .error, count: Int = 1
    ) -> ErrorRecord {
        ErrorRecord(
            time: now.adding(seconds: -86_400 * Double(day)), component: component, type: type,
            message: message, level: level, count: count)
    }

    static func mined(_ records: [ErrorRecord]) -> [Signature] {
        var miner = Miner()
        for record in records { miner.add(record) }
        return miner.signatures(window)
    }

    @Test("windows hold the 7 and 30 closed UTC days; today is apart")
    func windows() throws {
        let days = [0, 0, 1, 7, 8, 30, 31, 89, 90, 91]
        let signature = try #require(
            Self.mined(days.map { Self.record("it failed", day: $0) }).first)
        #expect(signature.hits7d == 2)
        #expect(signature.hits30d == 4)
        #expect(signature.hitsToday == 2)
        #expect(signature.hits7dWithToday == 4)
        #expect(signature.hits30dWithToday == 6)
        #expect(signature.impact == 2.6)
        #expect(signature.daily.map(\.count) == [1, 1, 1, 1, 1, 1, 1])
        #expect(signature.daily.last?.date == "2026-11-19")
        #expect(signature.firstSeen == Self.now.adding(seconds: -86_400 * 91))
        #expect(signature.lastSeen == Self.now.adding(seconds: -86_400))
    }

    @Test("an error seen only today or without a time is a signature, one long gone is not")
    func edges() {
        #expect(Self.mined([Self.record("x", day: 0)]).map(\.hitsToday) == [1])
        #expect(Self.mined([Self.record("x", day: 200)]).isEmpty)
        var undated = Self.record("x")
        undated.time = nil
        #expect(Self.mined([undated]).map(\.undated) == [1])
        #expect(Self.mined([]).isEmpty)
    }

    private static func raised(_ message: String, in function: String, library: String = "")
        -> ErrorRecord
    {
        let trace = """
            Traceback (most recent call last):
              File "/srv/shop/orders.py", line \(message.utf8.count), in \(function)
                work()
            \(library)ValueError: \(message)
            """
        return ErrorRecord(
            text: trace, time: now.adding(seconds: -86_400), component: "app", level: .error)
    }

    @Test("one message from two places of the program is two groups")
    func places() {
        let signatures = Self.mined([
            Self.raised("bad amount", in: "load"), Self.raised("bad amount", in: "save"),
        ])
        #expect(
            signatures.map(\.template).sorted() == [
                "ValueError: bad amount in shop/orders.py:load",
                "ValueError: bad amount in shop/orders.py:save",
            ])
    }

    @Test("messages of one place that begin alike are one group, others are not")
    func beginnings() {
        let signatures = Self.mined([
            Self.raised("no state customs hold", in: "load"),
            Self.raised("no state in transit now", in: "load"), Self.raised("empty", in: "load"),
        ])
        #expect(
            signatures.map(\.template).sorted() == [
                "ValueError: empty in shop/orders.py:load",
                "ValueError: no state <*> in shop/orders.py:load",
            ])
    }

    @Test("a pattern matches what a variable of several tokens stands for, and no order changes it")
    func tails() throws {
        let messages =
            ["alpha", "beta", "gamma", "delta", "eps", "zeta"].map { "load failed (\($0))" }
            + ["load failed at alpha now", "load failed: all"]
        let signature = try #require(
            Self.mined(messages.map { Self.raised($0, in: "load") }).first)
        let regex = try LinearRegex(signature.messageRegex)
        for message in messages { #expect(regex.matches("ValueError: \(message)"), "\(message)") }
        #expect(signature.template == "ValueError: load failed<*> in shop/orders.py:load")
    }

    @Test("frames of libraries are no place")
    func libraries() {
        let library = """
              File "/usr/lib/python3/dist-packages/money.py", line 7, in parse
                raise ValueError()

            """
        let signatures = Self.mined([
            Self.raised("bad amount", in: "load", library: library),
            Self.raised("bad amount", in: "load"),
        ])
        #expect(signatures.map(\.template) == ["ValueError: bad amount in shop/orders.py:load"])
    }

    @Test("lines below the level of errors count as exposure of their component only")
    func exposure() throws {
        var miner = Miner()
        miner.add(Self.record("it failed", count: 2))
        miner.add(Self.record("slow", level: .warning))
        miner.add(Self.record("fine", level: .info, count: 5))
        miner.add(Self.record("fine", component: "other", level: .info))
        let signatures = miner.signatures(Self.window)
        let signature = try #require(signatures.first)
        #expect(signatures.count == 1)
        #expect(signature.exposure.map(\.count) == [8])
        #expect(signature.hits7d == 2)
        #expect(miner.quiet == [.warning: 1, .info: 6])
        var warnings = Miner(from: .warning)
        warnings.add(Self.record("slow", level: .warning))
        #expect(warnings.signatures(Self.window).count == 1)
    }

    @Test(
        "errors of one type with quoted values are one signature, another type or component is not")
    func structured() {
        let signatures = Self.mined([
            Self.record("'name' in shop/order.py", type: "KeyError"),
            Self.record("'it''s old' in shop/stock.py", type: "KeyError"),
            Self.record("'name' in shop/order.py", type: "LookupError"),
            Self.record("'name' in shop/order.py", type: "KeyError", component: "web"),
        ])
        #expect(
            Set(signatures.map { "\($0.component) \($0.template)" }) == [
                "app KeyError: '<str>' in <*>", "app LookupError: '<str>' in <*>",
                "web KeyError: '<str>' in <*>",
            ])
    }

    @Test("order, number of miners and merging order change nothing")
    func order() throws {
        let seed: UInt64 = 7
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let words = [
            "name", "old mill", "x", "7", "O'Brien", "depot", "a/b", "user", "alpha", "beta",
        ]
        let shapes = [
            "key '%' not in table %", "user % unknown", "% is not %", "cannot open %: denied",
        ]
        var records: [ErrorRecord] = []
        for _ in 0..<800 {
            var text = shapes.randomElement(using: &random) ?? ""
            while let place = text.firstIndex(of: "%") {
                text.replaceSubrange(place...place, with: words.randomElement(using: &random) ?? "")
            }
            records.append(
                Self.record(
                    text, type: ["", "KeyError"].randomElement(using: &random) ?? "",
                    component: ["a", "b"].randomElement(using: &random) ?? "",
                    day: Int.random(in: 0...40, using: &random),
                    level: [nil, .error, .info].randomElement(using: &random) ?? nil))
        }
        let expected = Self.mined(records)
        #expect(!expected.isEmpty)
        for shards in 1...4 {
            var miners = [Miner](repeating: Miner(), count: shards)
            for record in records.shuffled(using: &random) {
                miners[Int.random(in: 0..<shards, using: &random)].add(record)
            }
            miners.shuffle(using: &random)
            var whole = Miner()
            for miner in miners { whole.merge(miner) }
            #expect(whole.signatures(Self.window) == expected)
        }
    }

    @Test("a miner that comes back from its JSON goes on as if it had never stopped")
    func goesOn() throws {
        var first = Miner()
        var second = Miner()
        var whole = Miner()
        for number in 0..<60 {
            let record = Self.record(
                "no order \(number % 7) of 'x \(number)' é", type: number % 2 == 0 ? "E" : "",
                day: number % 9, level: number % 5 == 0 ? .info : .error)
            whole.add(record)
            if number < 30 { first.add(record) } else { second.add(record) }
        }
        var back = try Miner(json: JSON.read(first.json.text()))
        back.merge(second)
        #expect(back.signatures(Self.window) == whole.signatures(Self.window))
        #expect(back.json == whole.json)
        #expect(back.errors == whole.errors)
        #expect(throws: MiningError.self) { try Miner(json: ["version": 0]) }
    }

    @Test("signatures come by impact, then by fingerprint")
    func sorted() {
        let signatures = Self.mined(
            (0..<20).map { Self.record("it failed", component: "c\($0)", count: 1 + $0 % 3) })
        #expect(signatures.map(\.impact) == signatures.map(\.impact).sorted(by: >))
        for (one, next) in zip(signatures, signatures.dropFirst()) where one.impact == next.impact {
            #expect(one.fingerprint < next.fingerprint)
        }
    }

    @Test("at most five different examples are kept, whatever the order")
    func examples() throws {
        let records = (0..<50).map { Self.record("no order \($0 % 9)", day: 1 + $0 % 5) }
        let signature = try #require(Self.mined(records).first)
        #expect(signature.examples.count == 5)
        #expect(Set(signature.examples).count == 5)
        #expect(Self.mined(records.reversed()).first?.examples == signature.examples)
    }

    @Test("secrets are in no part of a signature, and the pattern still matches the raw message")
    func secrets() throws {
        let raw = [
            "login of ada@example.com with password=hunter2 failed",
            "login of bob@example.org with password=geheim99 failed",
        ]
        let signatures = Self.mined(raw.map { Self.record($0) })
        let signature = try #require(signatures.first)
        #expect(signatures.count == 1)
        let text = signature.json.text()
        for secret in ["ada@", "hunter2", "geheim99", "bob@"] { #expect(!text.contains(secret)) }
        let regex = try LinearRegex(signature.messageRegex)
        for message in raw + signature.examples { #expect(regex.matches(message)) }
    }

    @Test(
        "a message of several lines is an example as a whole, and its line that names the error is the template"
    )
    func lines() throws {
        var reader = LogReader(file: "a", settings: ReadSettings(reference: Self.now))
        var miner = Miner()
        var records: [ErrorRecord] = []
        let text = """
            {"message": "To /srv/x.git\\n ! [rejected] main\\nerror: failed to push to '/srv/x.git'\\n\\nFlow-Run: 1"}
            {"message": "boom\\n\\nCloses #12", "type": "KeyError"}
            """
        reader.read(Array(text.utf8)) { records.append($0) }
        reader.finish { records.append($0) }
        for record in records { miner.add(record) }
        let signatures = miner.signatures(Self.window).sorted { $0.template < $1.template }
        #expect(
            signatures.map(\.examples) == [
                ["KeyError: boom\n\nCloses #12"],
                [
                    "To /srv/x.git\n ! [rejected] main\nerror: failed to push to '/srv/x.git'\n\nFlow-Run: 1"
                ],
            ])
        #expect(
            signatures.map(\.messageRegex) == [
                "(?m)^KeyError: boom$", "(?m)^error: failed to push to '[^']*'$",
            ])
    }

    @Test("a message longer than is looked at is cut, and its pattern matches all of it")
    func long() throws {
        let raw = "bad rows: " + (0..<900).map { "r\($0 * 7) é" }.joined(separator: " ")
        let signature = try #require(Self.mined([Self.record(raw)]).first)
        #expect(signature.examples.allSatisfy { $0.utf8.count <= MessageLexer.longest })
        let regex = try LinearRegex(signature.messageRegex)
        #expect(regex.matches(raw))
        #expect(signature.examples.allSatisfy { regex.matches($0) })
    }

    @Test(
        "patterns are anchored, escaped and no wider than their variables",
        arguments: [
            (
                "KeyError", ["'partner_id' in sale/models/order.py", "'x' in a/b/c.py"],
                "^KeyError: '[^']*' in \\S+$"
            ),
            ("", ["a+b (c) costs 5 $", "a+b (c) costs 6 $"], "^a\\+b \\(c\\) costs \\S+ \\$$"),
            ("E", ["took  5 s"], "^E: took\\s+.*$"),
            ("E", ["took 5 s"], "^E: took .*$"),
            ("E", ["'it's 5' bad"], "^E: '.*' bad$"),
            ("StopIteration", [""], "^StopIteration$"),
        ])
    func patterns(type: String, messages: [String], expected: String) throws {
        let signatures = Self.mined(messages.map { Self.record($0, type: type) })
        #expect(signatures.map(\.messageRegex) == [expected])
    }

    @Test(
        "a fuzzed message is matched by the pattern of its signature",
        arguments: [UInt64(1), 2, 3])
    func fuzz(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "'", "\"", "a", "b1", " ", " ", "  ", "\t", "<", ">", "(", ")", "[", "]", "{", "}", ",",
            ":", "=", "/x/y", "a.b", "é", "‘q’", "`", "<str>", "<*>", "\\", "$", "^", "*", "5",
            "~3 s",
            "Mon", "12:30", "x@y.com", "password=", "null", "\u{85}", "\u{a0}", "\u{b}", "\u{1c}",
            "\r",
        ]
        for _ in 0..<400 {
            let raw = (0..<Int.random(in: 1...14, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let record = Self.record(raw, type: "E")
            let signature = try #require(Self.mined([record]).first)
            let regex = try LinearRegex(signature.messageRegex)
            let matches = regex.matches(record.headline)
            #expect(matches, "\(record.headline.debugDescription) \(signature.messageRegex)")
            #expect(signature.examples.allSatisfy { regex.matches($0) })
        }
    }

    @Test("a signature comes back from its JSON")
    func json() throws {
        let signature = try #require(Self.mined([Self.record("'x' bad", type: "KeyError")]).first)
        let text = signature.json.text()
        #expect(try Signature(json: JSON.read(text)) == signature)
        #expect(throws: MiningError.self) { try Signature(json: ["fingerprint": "x"]) }
    }

    @Test(
        "guardrail where type or message speaks of what can be checked before, fixer otherwise",
        arguments: [
            ("KeyError", "'<str>'", Signature.Kind.guardrail),
            ("", "permission denied", .guardrail),
            ("ValidationError", "x", .guardrail), ("", "monkey business", .fixer),
            ("OSError", "disk full", .fixer), ("", "value of HTTPKey is missing", .guardrail),
        ])
    func kind(type: String, template: String, expected: Signature.Kind) {
        #expect(Signature.Kind(type: type, template: template) == expected)
    }
}

@Suite("Fingerprints")
struct FingerprintTests {
    @Test("a fingerprint is a UUID of version 8 and the variant of RFC 9562")
    func shape() throws {
        let text = Fingerprint(type: "KeyError", component: "a", template: "'<str>'").text
        let uuid = try LinearRegex(
            "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        #expect(uuid.matches(text))
    }

    @Test("fingerprints and ids never change from one build to the next")
    func stable() {
        let fingerprint = Fingerprint(type: "KeyError", component: "a", template: "'<str>'")
        #expect(fingerprint.text == "cfcf826a-3fd0-887c-92ad-892d733decc5")
        #expect(fingerprint.skillDigits() == "3023845E")
        #expect(fingerprint.skillDigits(12).hasPrefix(fingerprint.skillDigits()))
    }

    @Test("type, component and template cannot run into each other")
    func apart() {
        let all = [
            Fingerprint(type: "a", component: "b", template: "c"),
            Fingerprint(type: "ab", component: "", template: "c"),
            Fingerprint(type: "a\",\"b", component: "", template: "c"),
            Fingerprint(type: "", component: "ab", template: "c"),
        ]
        #expect(Set(all).count == all.count)
    }
}

@Suite("Trends")
struct TrendTests {
    @Test(
        "a trend is named only where an exact test supports it",
        arguments: [
            (0, 0, Trend.stable), (7, 30, .stable), (3, 3, .increasing), (2, 2, .stable),
            (0, 13, .stable),
            (0, 14, .decreasing), (30, 60, .increasing), (233_000, 1_000_000, .stable),
            (235_000, 1_000_000, .increasing), (231_000, 1_000_000, .decreasing),
        ])
    func trend(last7: Int, last30: Int, expected: Trend) {
        #expect(Trend(Trend.Counts(last7: last7, last30: last30)) == expected)
    }

    @Test(
        "days of which nothing was read are unknown: only the others are compared",
        arguments: [
            // 3 errors a day on the 10 days that were read, all of the last 7 among them
            (21, 30, 7, 10, Trend.stable), (21, 30, 7, 30, .increasing),
            // nothing to compare with
            (30, 30, 7, 7, .stable), (0, 30, 0, 23, .stable), (0, 0, 0, 0, .stable),
            (0, 30, 2, 25, .stable), (0, 30, 4, 27, .decreasing), (9, 12, 1, 10, .increasing),
        ])
    func unread(last7: Int, last30: Int, read7: Int, read30: Int, expected: Trend) {
        let counts = Trend.Counts(last7: last7, last30: last30, read7: read7, read30: read30)
        #expect(Trend(counts) == expected)
    }

    @Test("a day counts as read where any component has written something, errors or not")
    func read() throws {
        let quiet = [3, 12, 13].map {
            MinerTests.record("fine", component: "other", day: $0, level: .info)
        }
        let signatures = MinerTests.mined(
            [1, 2, 20].map { MinerTests.record("it failed", day: $0) } + quiet)
        let signature = try #require(signatures.first)
        #expect(signature.read7d == 3 && signature.read30d == 6)
        #expect(signature.expected7d == 1.5 && signature.trend == .stable)
        #expect(try Signature(json: signature.json) == signature)
    }

    @Test(
        "a trend is what the binomial's terms, summed one by one, say, for all small counts",
        arguments: [(7, 30), (3, 11)])
    func exact(read7: Int, read30: Int) {
        let share = Double(read7) / Double(read30)
        for total in 0...80 {
            var terms = [1.0]
            // Pascal's triangle with weights: one more error falls in the last 7 days, or not
            for _ in 0..<total {
                let next = [0] + terms.map { $0 * share }
                terms = zip(next, terms.map { $0 * (1 - share) } + [0]).map { $0 + $1 }
            }
            for last7 in 0...total {
                let expected: Trend =
                    terms[last7...].reduce(0, +) <= 0.025
                    ? .increasing : terms[...last7].reduce(0, +) <= 0.025 ? .decreasing : .stable
                let counts = Trend.Counts(
                    last7: last7, last30: total, read7: read7, read30: read30)
                #expect(Trend(counts) == expected, "\(last7) of \(total)")
            }
        }
    }
}
