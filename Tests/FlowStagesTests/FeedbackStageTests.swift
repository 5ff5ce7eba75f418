import FlowJSON
import FlowSkills
import FlowSystem
import FlowTestSupport
import Testing

/// What is counted for skills, whose lines count, and what is wrong without stopping the rest.
@Suite struct FeedbackStageTests {
    private static func rate(_ ago: Int) -> (errors: Int, others: Int) {
        (ago > LedgerBench.deployedAgo ? 3 : 0, 5)
    }

    @Test("a component's days and a skill's errors become lines, once, and quiet days need none")
    func counted() throws {
        let bench = try LedgerBench()
        try bench.log { Self.rate($0) }
        try bench.approve(bench.mine())
        let first = try bench.feedback()
        #expect(try first.findings() == ["boosted"])
        #expect(try first.problems() == [])
        try bench.commit(first)
        let lines = try bench.lines()
        let days = lines.filter { $0["type"] == "component" }
        #expect(days.count == 70)
        #expect(days.allSatisfy { $0["component"] == "shop.cart" && $0["untouched"] == 0 })
        #expect(Set(days.compactMap { $0["records"]?.intValue }) == [5, 8])
        let hits = lines.filter { $0["type"] == "evidence" }
        #expect(hits.count == 70 - LedgerBench.deployedAgo)
        #expect(hits.allSatisfy { $0["hits"] == 3 && $0["exposure"] == nil })
        let again = try bench.feedback()
        #expect(try again.value("changes") == [])
        // Whoever has lost what was mined mines again and writes the same.
        try bench.mine("new state")
        #expect(try bench.feedback("new state").value("changes") == [])
    }

    @Test("a day on which only another component was read is unknown, and so is one out of reach")
    func unread() throws {
        let bench = try LedgerBench()
        let gap = 2...4
        try bench.log { gap.contains($0) ? nil : Self.rate($0) }
        try bench.log("other.part", "bad thing") { _ in (1, 9) }
        let candidates = try bench.mine()
        try bench.approve(
            candidates.filter { $0["text"]?.stringValue?.contains("shop.cart") == true })
        let handed = try bench.feedback()
        try bench.commit(handed)
        let lines = try bench.lines()
        #expect(lines.filter { $0["type"] == "component" }.count == 67)
        #expect(lines.allSatisfy { $0["component"] != "other.part" })
        let findings = try handed.value("findings")?.arrayValue?.first
        #expect(findings?["finding"] == "boosted")

        let late = try LedgerBench()
        try late.log { (8...10).contains($0) ? nil : Self.rate($0) }
        try late.approve(late.mine())
        let found = try late.feedback().value("findings")?.arrayValue?.first
        #expect(found?["finding"] == "not-enough-data")
        #expect(found?["reason"]?.stringValue?.contains("days are unknown: 3 of") == true)
    }

    @Test("a skill none of whose errors was ever read, or without a fingerprint, gets no zeros")
    func unknown() throws {
        let bench = try LedgerBench()
        try bench.log { Self.rate($0) }
        let (path, text) = try bench.skill(#require(try bench.mine().first))
        let line = try #require(text.split(separator: "\n").first { $0.contains("  fingerprint:") })
        let other = text.replacing(
            line, with: "  fingerprint: 00000000-0000-8000-8000-000000000009")
        try bench.stages.commit([(path, other)])
        let handed = try bench.feedback()
        #expect(try handed.value("changes") == [])
        #expect(handed.said.contains { $0.contains("no error with its fingerprint was ever read") })
        try bench.stages.commit([(path, text.replacing("\(line)\n", with: ""))])
        let broken = try bench.feedback()
        #expect(try broken.value("changes") == [])
        #expect(
            try broken.problems().contains {
                $0.hasPrefix("\(path):") && $0.contains("fingerprint is missing")
            })
    }

    @Test(
        "errors of other groups are the control of a skill, as long as no skill was approved for them"
    )
    func untouched() throws {
        let bench = try LedgerBench()
        try bench.log { Self.rate($0) }
        let log = bench.stages.at("logs/shop.cart.log")
        let more = try Files.text(log).split(separator: "\n").filter { $0.contains("INFO") }
            .map {
                $0.replacing("INFO", with: "ERROR").replacing("served", with: "lost parcel number")
            }
        try Files.write(try Files.text(log) + more.joined(separator: "\n") + "\n", to: log)
        let candidates = try bench.mine()
        #expect(candidates.count == 2)
        let cart = try #require(
            candidates.first { $0["text"]?.stringValue?.contains("no stock") == true })
        try bench.approve([cart])
        try bench.commit(bench.feedback())
        var days = try bench.lines().filter { $0["type"] == "component" }
        #expect(days.allSatisfy { $0["untouched"] == 5 })
        #expect(Set(days.compactMap { $0["errors"]?.intValue }) == [5, 8])
        try bench.approve(candidates)
        try bench.commit(bench.feedback(), key: "later")
        days = try bench.lines().filter { $0["type"] == "component" }
        #expect(days.suffix(20).contains { $0["untouched"] == 0 } && days.count == 140)
    }

    @Test("two machines that saw different days write the same documents, however they are merged")
    func machines() throws {
        let bench = try LedgerBench()
        try bench.log { ago in
            (ago > LedgerBench.deployedAgo ? 3 + ago % 2 : ago % 5 == 0 ? 1 : 0, 5)
        }
        let log = try Files.text(bench.stages.at("logs/shop.cart.log")).split(separator: "\n")
        for (name, lines) in [
            ("a", log.prefix(log.count / 2)), ("b", log.suffix(log.count * 2 / 3)),
        ] {
            try Files.write(
                lines.joined(separator: "\n") + "\n", to: bench.stages.at("\(name)/shop.cart.log"))
        }
        try bench.stages.commit([(".gitattributes", "*.jsonl merge=union\n")])
        let path = try #require(try bench.approve(bench.mine("all")).first)
        let git = bench.stages.git
        func judged(_ state: String) throws -> String {
            try bench.commit(bench.feedback(state, [:]), key: "judge \(state)")
            return try git("show", "main:\(path)").checked().output
        }
        try git("tag", "start").checked()
        let expected = try judged("all")
        #expect(expected.contains("method: posterior"))
        for name in ["a", "b"] {
            try bench.mine(name, logs: "\(name)/*")
            try git("reset", "-q", "--hard", "start").checked()
            try bench.commit(bench.feedback(name, [:]), key: name)
            try git("tag", "machine-\(name)").checked()
        }
        for (one, other) in [("a", "b"), ("b", "a")] {
            try git("reset", "-q", "--hard", "machine-\(one)").checked()
            try git("merge", "-q", "-X", "ours", "-m", "merge", "machine-\(other)").checked()
            try git("checkout", "-q", "start", "--", path).checked()
            try git("commit", "-q", "-m", "as it was").checked()
            #expect(try judged(other) == expected, "\(one), then \(other)")
        }
    }

    // MARK: Whose lines count

    private static let approvers = """
        identity: {name: flow, email: flow@example.org}
        approvers: [cleo@example.org]

        """

    private func stranger(_ name: String, approvers: Bool = true) throws
        -> (bench: LedgerBench, handed: StageBench.Handed)
    {
        let bench = try LedgerBench()
        try bench.log { Self.rate($0) }
        let candidate = try #require(try bench.mine().first)
        try bench.approve([candidate])
        if approvers { try bench.stages.commit([("flow.yaml", Self.approvers)]) }
        try bench.commit(bench.feedback())
        let id = candidate["id"]?.stringValue ?? ""
        try bench.commit(
            as: name, LedgerBench.month,
            adding: #"{"type": "evidence", "skill": "\#(id)", "day": "2025-10-27", "hits": 900}"#)
        return (bench, try bench.feedback())
    }

    @Test("a stranger's line is shown with who brought it, and is not counted")
    func shown() throws {
        let (bench, handed) = try stranger("bob")
        let count = try Files.text(Path.join(bench.stages.workspace, LedgerBench.month))
            .split(separator: "\n").count
        let problems = try handed.problems()
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix(
                "\(LedgerBench.month):\(count) brought by bob <bob@example.org> in ") == true,
            "\(problems)")
        #expect(try handed.findings() == ["unchanged"], "the seven days were judged before")
        let review = try bench.stages.run("skills/review", [:])
        #expect(try review.problems() == problems)
        let failure = try bench.stages.refusal(
            "skills/problems",
            [
                "found": [
                    try review.value("problems") ?? nil, nil, try handed.value("problems") ?? nil,
                ]
            ])
        #expect(failure.hasPrefix("1 problem in the repository's files"))
        #expect(failure.contains("\(LedgerBench.month):\(count):1: brought by bob"))
        // A trailer that anybody can write changes nothing.
        try bench.stages.git("commit", "-q", "--amend", "-m", "Sync\n\nFlow-Run: r1\nFlow-Key: k")
            .checked()
        #expect(try bench.feedback().problems().count == 1)
    }

    @Test(
        "an approver's line counts, and anybody's where no approvers are named",
        arguments: [true, false])
    func counts(_ isNamed: Bool) throws {
        let (bench, handed) = try stranger(isNamed ? "cleo" : "bob", approvers: isNamed)
        #expect(try handed.problems() == [])
        let hits = try bench.lines().compactMap { $0["hits"]?.intValue }
        #expect(hits.max() == 900)
    }

    // MARK: Bad input

    @Test("six kinds of bad input are named with file and line, and the rest is judged")
    func bad() throws {
        let bench = try LedgerBench()
        try bench.log { Self.rate($0) }
        let candidate = try #require(try bench.mine().first)
        let (path, text) = try bench.skill(candidate)
        let id = candidate["id"]?.stringValue ?? ""
        let kind = id.prefix(3)
        let nameless = "skills/\(kind)00000001_nameless.yaml"
        let early = "skills/\(kind)00000002_early.yaml"
        func other(_ number: Int) -> String { text.replacing(id, with: "\(kind)0000000\(number)") }
        let fingerprint = try #require(
            text.split(separator: "\n").first { $0.contains("  fingerprint:") })
        try bench.stages.commit([
            (path, text), ("flow.yaml", Self.approvers),
            (nameless, other(1).replacing("\(fingerprint)\n", with: "")),
            (
                early,
                other(2).replacing(
                    "deployed_at: \(LedgerBench.deployed)",
                    with: "deployed_at: 2030-01-01T00:00:00Z")
            ),
        ])
        let wrong = [
            "{\"torn\":", #"{"type": "omen", "skill": "\#(id)"}"#,
            #"{"type": "evidence", "skill": "\#(id)", "day": "2025-10-02", "hits": -3}"#,
            #"{"type": "evidence", "skill": "\#(id)", "day": "2025-10-03", "hits": 3, "exposure": 0}"#,
            #"{"type": "component", "component": "a", "day": "2025-10-03", "records": -1, "errors": 0, "untouched": 0}"#,
        ]
        try bench.commit(as: "cleo", LedgerBench.month, adding: wrong.joined(separator: "\n"))
        try bench.commit(
            as: "bob", LedgerBench.month,
            adding: #"{"type": "evidence", "skill": "\#(id)", "day": "2025-10-27", "hits": 900}"#)
        let handed = try bench.feedback()
        let problems = try handed.problems()
        let words = [
            "not a JSON object", "unknown type \"omen\"", "hits is negative: -3", "exposure is 0",
            "records is negative: -1", "brought by bob",
        ]
        for (place, word) in words.enumerated() {
            #expect(
                problems.contains {
                    $0.hasPrefix("\(LedgerBench.month):\(place + 1) ") && $0.contains(word)
                }, "\(word): \(problems)")
        }
        #expect(
            problems.contains { $0.hasPrefix(nameless) && $0.contains("fingerprint is missing") },
            "\(problems)")
        let line =
            1
            + (other(2).split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
                $0.contains("deployed_at")
            } ?? 0)
        #expect(
            problems.contains {
                $0.hasPrefix("\(early):\(line) ") && $0.contains("lies after now")
            }, "\(problems)")
        let ids = try handed.value("findings")?.arrayValue?.compactMap { $0["id"]?.stringValue }
        #expect(ids == [id])
        #expect(try handed.findings() == ["boosted"])
        try bench.commit(handed)
        let status = try bench.stages.git("status", "--porcelain").text
        #expect(status == "")
    }
}
