import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// A skill that does harm, from its flag to the end of its line in the dataset.
@Suite struct DeprecationTests {
    private static let bad = "GR-BBBB0002"
    private static let id = "deprecate-GR-BBBB0002"
    private static let branch = "proposal/deprecate-GR-BBBB0002"

    @discardableResult
    private static func run(_ demo: Demo, day: Int) throws -> TestResult {
        try demo.flow.run(["run", "integrate.yaml", "--now", JudgedDemo.now(day)]).checked()
    }

    private static func list(_ demo: Demo) throws -> JSON? {
        try demo.flow("proposals", "list", "--json").checked().jsonLines.first {
            $0["id"]?.stringValue == id
        }
    }

    /// After the first look, and after the second.
    private static let told = Result {
        let made = try JudgedDemo(
            [
                .init(id: "GR-AAAA0001", name: "KeyError in shop.cart") { day in
                    day < 0 ? 4 + abs(day) % 3 : day % 7 == 0 ? 1 : 0
                },
                .init(id: bad, name: "\u{1B}[31mred @octocat", records: 1_000) { day in
                    day < 0 ? 2 : 5 + day % 2
                },
            ], through: 40)
        let demo = made.demo
        try demo.write(
            "datasets/samples/app.jsonl",
            "{\"time\": \"2025-10-01T10:00:00Z\", \"component\": \"x\", \"level\": \"info\", "
                + "\"message\": \"fine\"}\n")
        try demo.commitAll()
        let first = try run(demo, day: 7)
        let flagged = try Demo(copying: demo)
        let second = try run(demo, day: 14)
        return (flagged: flagged, first: first.output, proposed: demo, second: second.output)
    }

    @Test("one look flags, a second proposes: a branch with one edit, and nothing twice")
    func proposed() throws {
        let told = try Self.told.get()
        #expect(told.first.contains(", 1 flagged for review\n"))
        #expect(try told.flagged.proposals() == [])
        #expect(try told.flagged.dataset().count == 2)
        let list = try told.flagged.flow("skills", "list", "--now", JudgedDemo.now(7)).checked()
        #expect(list.output.contains("reduced, flagged  "))
        let show = try told.flagged.flow(
            "skills", "show", Self.bad, "--now", JudgedDemo.now(7)
        ).checked()
        #expect(show.output.contains("\nflagged      for review, since its errors became more\n"))

        #expect(told.second.contains("\n  retire         1 proposed, 0 updated, 0 known already\n"))
        let demo = told.proposed
        #expect(try demo.proposals() == [Self.id])
        let diff = try demo.git("diff", "-U0", "main...\(Self.branch)").checked().lines
        #expect(
            diff.filter { $0.hasPrefix("+") || $0.hasPrefix("-") } == [
                "--- a/skills/\(Self.bad)_made.yaml", "+++ b/skills/\(Self.bad)_made.yaml",
                "-status: approved", "+status: deprecated",
            ])
        let proposal = try #require(try Self.list(demo))
        #expect(proposal["verdict"] == "pending" && proposal["conflict"]?.isNull == true)
        let shown = try demo.flow("proposals", "show", Self.id).checked().output
        #expect(Hostile.effect(in: shown) == nil)
        #expect(shown.contains("Deprecate guardrail \(Self.bad): "))
        #expect(shown.contains("reduced: expected 28 in 14 days, saw 77"))
        #expect(shown.contains("\nstatus: deprecated\n"))

        let tip = try demo.head(Self.branch)
        let again = try Demo(copying: demo)
        let other = try Self.run(again, day: 14).output
        #expect(other.contains("\n  retire         0 proposed, 0 updated, 1 known already\n"))
        #expect(try again.head(Self.branch) == tip)
        let head = try again.head()
        try Self.run(again, day: 14)
        #expect(try again.head() == head, "nothing new makes no commit")
        try again.expectSound()
    }

    @Test(
        "merged in any way it is deprecated, and its line in the dataset goes",
        arguments: ["flow", "merge", "squash"])
    func merged(_ way: String) throws {
        let demo = try Demo(copying: Self.told.get().proposed)
        switch way {
        case "flow": try demo.flow("proposals", "approve", Self.id).checked()
        case "merge": try demo.git("merge", "-q", "--no-edit", Self.branch).checked()
        default:
            try demo.git("merge", "-q", "--squash", Self.branch).checked()
            try demo.git("commit", "-q", "-m", "deprecate it").checked()
        }
        #expect(try demo.skills()[Self.bad]?["status"] == "deprecated")
        #expect(try demo.dataset().count == 2)
        try Self.run(demo, day: 15)
        #expect(try demo.dataset().map { $0["id"] } == ["GR-AAAA0001"])
        #expect(try Self.list(demo)?["verdict"] == "approved")
        let head = try demo.head()
        try Self.run(demo, day: 15)
        #expect(try demo.head() == head, "nothing new makes no commit")
        let list = try demo.flow("skills", "list", "--now", JudgedDemo.now(15)).checked().output
        #expect(list.contains(" deprecated ") && !list.contains("flagged"))
        try demo.expectSound()
    }

    @Test("rejected it is not asked again until a later look says the same")
    func rejected() throws {
        let demo = try Demo(copying: Self.told.get().proposed)
        try demo.flow("proposals", "reject", Self.id, "--reason", "it warns at least").checked()
        #expect(try demo.proposals() == [])
        for day in [15, 28] {
            try Self.run(demo, day: day)
            #expect(try demo.proposals() == [], "the rejection is newer than day \(day)")
        }
        let decided = try #require(try Self.list(demo))
        #expect(decided["verdict"] == "rejected")
        #expect(decided["reason"]?.stringValue?.contains("it warns at least") == true)

        // As if it had been rejected between the second look and the third.
        for path in try demo.paths("skills/ledger") {
            let lines = try demo.text(path).split(separator: "\n", omittingEmptySubsequences: false)
                .map { line -> String in
                    guard line.contains("\"rejected\""),
                        let time = line.firstRange(of: "\"time\": \"")
                    else { return String(line) }
                    let rest = line[time.upperBound...]
                    return line[..<time.upperBound] + "2025-10-26T00:00:00.000000Z"
                        + rest.drop { $0 != "\"" }
                }
            try demo.write(path, lines.joined(separator: "\n"))
        }
        try demo.commitAll("an earlier rejection")
        try Self.run(demo, day: 27)
        #expect(try demo.proposals() == [])
        try Self.run(demo, day: 28)
        #expect(try demo.proposals() == [Self.id])
        #expect(try Self.list(demo)?["verdict"] == "pending")
        try Self.run(demo, day: 29)
        #expect(try Self.list(demo)?["verdict"] == "pending")
        try demo.flow("proposals", "reject", Self.id, "--reason", "still").checked()
        #expect(try demo.flow("proposals", "reopen", Self.id).exit == 0)
        try Self.run(demo, day: 30)
        #expect(try demo.proposals() == [Self.id], "a person may ask for it")
        try demo.expectSound()
    }
}
