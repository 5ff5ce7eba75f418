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
}
