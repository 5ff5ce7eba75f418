import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// What a mining keeps for the next.
@Suite struct MineStageTests {
    private static func line(_ day: Int, _ number: Int, _ what: String = "order") -> String {
        "2025-11-0\(day) 09:00:0\(number),000 ERROR shop.cart: \(what) \(number) was refused\n"
    }

    private func mine(
        _ bench: StageBench, _ source: String? = nil, _ more: JSONObject = [:]
    ) throws -> StageBench.Handed {
        var input: JSONObject = [
            "source": .string(source ?? bench.at("logs/*")), "min-hits": 1,
        ]
        for (name, value) in more.members { input[name] = value }
        return try bench.run("skills/mine", .object(input))
    }

    @Test("a second mining counts what is new, and what rotated away stays counted")
    func incremental() throws {
        let bench = try StageBench()
        let log = bench.at("logs/shop.log")
        try Files.write((1...4).map { Self.line(5, $0) }.joined(), to: log)
        let first = try mine(bench)
        #expect(try first.value("records") == 4)
        #expect(try first.value("new") == 4)
        let again = try mine(bench)
        #expect(try again.value("records") == 4)
        #expect(try again.value("new") == 0)
        #expect(try again.value("candidates") == first.value("candidates"))
        try Files.write((1...2).map { Self.line(6, $0) }.joined(), to: log)
        let third = try mine(bench)
        #expect(third.said.first?.hasSuffix("it is read from its start") == true, "\(third.said)")
        #expect(try third.value("records") == 6)
        #expect(try third.value("new") == 2)
        let document = try third.value("candidates")?.arrayValue?.first?["text"]?.stringValue
        #expect(document?.contains("hits_7d: 6\n") == true, "\(document ?? "none")")
    }

    @Test("another source, format or zone has counts of its own")
    func separate() throws {
        let bench = try StageBench()
        try Files.write(Self.line(5, 1), to: bench.at("logs/shop.log"))
        try Files.write(Self.line(5, 2), to: bench.at("other/shop.log"))
        let both = bench.at("logs/*") + " " + bench.at("other/*")
        #expect(try mine(bench).value("records") == 1)
        #expect(try mine(bench, both).value("new") == 2)
        #expect(try mine(bench, nil, ["timezone": "+02:00"]).value("new") == 1)
        #expect(try mine(bench, nil, ["format": "log"]).value("new") == 1)
        let turned = bench.at("other/*") + "  " + bench.at("logs/*")
        #expect(try mine(bench, turned).value("new") == 0)
        #expect(try mine(bench).value("new") == 0)
    }

    @Test("a damaged memory of a source is said, and the source is read again from its start")
    func damaged() throws {
        let bench = try StageBench()
        try Files.write(Self.line(5, 1), to: bench.at("logs/shop.log"))
        _ = try mine(bench)
        for document in ["junk", "{\"version\": 99}", "{\"version\": 1, \"counts\": {}}"] {
            try TestProgram("python3", in: "/")(
                "-c",
                """
                import sqlite3, sys
                c = sqlite3.connect(sys.argv[1])
                c.execute("UPDATE sources SET document = ?", (sys.argv[2],))
                c.commit()
                """, bench.at("state/memory.db"), document
            ).checked()
            let mined = try mine(bench)
            #expect(mined.said.first?.hasPrefix("what was mined before cannot be used") == true)
            #expect(try mined.value("records") == 1)
            #expect(try mined.value("new") == 1)
        }
        try Files.remove(bench.at("state"))
        #expect(try mine(bench).value("records") == 1)
    }

    @Test("a source that cannot be read whole changes nothing that is kept")
    func refused() throws {
        let bench = try StageBench()
        try Files.write(Self.line(5, 1), to: bench.at("logs/shop.log"))
        let source = bench.at("logs/shop.log") + " " + bench.at("logs/late.log")
        let input: JSON = ["source": .string(source)]
        #expect(try bench.refusal("skills/mine", input).contains("late.log: no such file"))
        try Files.write(Self.line(5, 2), to: bench.at("logs/late.log"))
        #expect(try mine(bench, source).value("new") == 2)
    }

    @Test("masks of flow.yaml group messages; once they change, all is read anew and said so")
    func masks() throws {
        let bench = try StageBench()
        let lines = ["ABC", "DEF"].map {
            "2025-11-05 09:00:00,000 ERROR shop.cart: cart of Ada \($0) was refused\n"
        }
        try Files.write(lines.joined(), to: bench.at("logs/shop.log"))
        #expect(try mine(bench).value("signatures") == 2)
        func settle(_ masks: String) throws {
            try Files.write(masks, to: Path.join(bench.workspace, "flow.yaml"))
        }
        try settle("masks: [{name: cart, pattern: 'Ada [A-Z]+'}]\n")
        let masked = try mine(bench)
        #expect(
            masked.said.first
                == "what was mined before cannot be used; all is read again: cannot go on with what was mined "
                + "before: it was mined with other masks than flow.yaml has now")
        #expect(try masked.value("signatures") == 1)
        #expect(try masked.value("records") == 2 && masked.value("new") == 2)
        let document = try masked.value("candidates")?.arrayValue?.first?["text"]?.stringValue ?? ""
        #expect(document.contains("cart of <mask:cart> was refused") && !document.contains("ABC"))
        let again = try mine(bench)
        #expect(try again.value("signatures") == 1 && again.value("new") == 0)
        try settle("masks: [{name: cart, pattern: 'Ada [A-Z]'}]\n")
        #expect(try mine(bench).value("new") == 2)
        try settle("masks: [cart]\n")
        let input: JSON = ["source": .string(bench.at("logs/*"))]
        #expect(
            try bench.refusal("skills/mine", input).contains(
                "flow.yaml:1:9: error: a mask is written"))
    }

    // MARK: Groups that a person merged

    /// Mines messages after those that were there before.
    private func mine(_ bench: StageBench, adding messages: [String]) throws -> StageBench.Handed {
        let log = bench.at("logs/shop.log")
        let old = Files.exists(log) ? try Files.text(log) : ""
        let lines = messages.map { "2025-11-05 09:00:00,000 ERROR shop.cart: \($0)\n" }
        try Files.write(old + lines.joined(), to: log)
        return try mine(bench)
    }

    private func fingerprints(_ mined: StageBench.Handed) throws -> [String] {
        try mined.value("candidates")?.arrayValue?.compactMap { $0["fingerprint"]?.stringValue }
            ?? []
    }

    /// A group that was merged into another, and the other; both are there.
    private func merged(_ bench: StageBench, _ messages: [String]) throws -> (String, String) {
        let other = try fingerprints(mine(bench, adding: ["it failed"]))
        let both = try fingerprints(mine(bench, adding: messages))
        let (one, into) = (try #require(both.first { !other.contains($0) }), other[0])
        try bench.commit([("skills/aliases.yaml", "\(one): \(into)\n")])
        return (one, into)
    }

    @Test("what a merged group becomes alone is merged too, and stays so when messages go away")
    func mergedAlone() throws {
        let bench = try StageBench()
        let (one, into) = try merged(bench, ["lamp lost for order 1"])
        #expect(try fingerprints(mine(bench, adding: [])) == [into])
        let grown = try mine(
            bench, adding: ["cart", "quote", "invoice"].map { "lamp lost for \($0) 1" })
        #expect(try fingerprints(grown) == [into])
        #expect(grown.said.first?.contains("is \(into) now") == true, "\(grown.said)")
        #expect(try fingerprints(mine(bench, adding: [])) == [into])
        try Files.remove(bench.at("logs/shop.log"))
        try Files.remove(bench.at("state"))
        #expect(try fingerprints(mine(bench, adding: ["lamp lost for order 1"])) == [into])
        #expect(one != into)
    }

    @Test("where a merged group joins others that are known, those are not merged for that")
    func mergedAmongOthers() throws {
        let bench = try StageBench()
        let (one, into) = try merged(bench, ["lamp lost for order 1"])
        let more = ["cart", "quote"].map { "lamp lost for \($0) 1" }
        #expect(try fingerprints(mine(bench, adding: more)).count == 3)
        let grown = try mine(bench, adding: ["lamp lost for invoice 1"])
        let now = try fingerprints(grown)
        #expect(now.count == 2 && now.contains(into))
        #expect(grown.said.contains { $0.contains("\(one), which was merged into \(into)") })
        let again = try mine(bench, adding: [])
        #expect(try fingerprints(again) == now)
        #expect(!again.said.contains { $0.contains("which was merged into") })
    }

    // MARK: What a person took out of a group

    @Test(
        "a group all of which is taken out is not renamed for it, remembered or written down",
        arguments: [true, false])
    func takenWhole(isRemembered: Bool) throws {
        let bench = try StageBench()
        let mined = try mine(bench, adding: ["lamp lost for order 1"])
        let whole = try #require(try fingerprints(mined).first)
        let document = try #require(try mined.value("candidates")?.arrayValue?.first)
        let part = "00000001-0000-8000-8000-000000000000"
        try bench.commit([
            (
                "skills/aliases.yaml",
                "splits:\n  \(part): {of: \(whole), matching: \"lamp\"}\n"
            ),
            (
                "skills/\(document["file"]?.stringValue ?? "")",
                document["text"]?.stringValue ?? ""
            ),
        ])
        if !isRemembered { try Files.remove(bench.at("state")) }
        let taken = try mine(bench, adding: [])
        #expect(try fingerprints(taken) == [part])
        #expect(!taken.said.contains { $0.contains(whole) }, "\(taken.said)")
        let both = try fingerprints(mine(bench, adding: ["desk lost for order 1"]))
        #expect(Set(both).contains(part) && both.count == 2)
    }
}
