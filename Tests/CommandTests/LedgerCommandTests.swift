import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The ledger from the command line: what is wrong in it, and what people add to it.
@Suite struct LedgerCommandTests {
    private static let start = Result {
        let demo = try Demo(messages: ["order of customer refused", "bad KeyError: 'x'"])
        try demo.integrate().checked()
        return demo
    }

    private func demo() throws -> (demo: Demo, fixer: String, guardrail: String) {
        let demo = try Demo(copying: Self.start.get())
        let ids = try demo.proposals()
        return (
            demo, try #require(ids.first { $0.hasPrefix("FX") }),
            try #require(ids.first { $0.hasPrefix("GR") })
        )
    }

    @Test("a line that cannot be read stops nothing, is named, and the run ends with exit code 1")
    func torn() throws {
        let (demo, fixer, _) = try demo()
        let path = "skills/ledger/2025-11.jsonl"
        let old = try demo.text(path)
        let number = old.split(separator: "\n").count + 1
        try demo.write(path, old + "{\"type\": \"evid\n")
        try demo.commitAll("tear a line")
        try demo.flow("proposals", "approve", fixer).checked()
        let run = try demo.integrate()
        #expect(run.exit == 1)
        let place = "\(path):\(number):"
        #expect(run.errors.contains(place) || run.output.contains(place), "\(run)")
        #expect(try demo.skills()[fixer]?["status"] == "approved")
        let events = try demo.events()
        #expect(events.result(of: "problems") == "failure")
        for node in ["review", "feedback", "dataset", "catalog", "commit", "push"] {
            #expect(events.result(of: node) == "success", "\(node)")
        }
        let list = try demo.flow("proposals", "list")
        #expect(list.exit == 1 && list.errors.contains(place) && list.output.contains("pending"))
        #expect(try demo.text(path).contains("{\"type\": \"evid\n"), "nobody mends it but a person")
        try demo.expectSound()

        try demo.write(path, try demo.text(path).replacing("{\"type\": \"evid\n", with: ""))
        try demo.commitAll("mend it")
        try demo.integrate().checked()
        try demo.flow("proposals", "list").checked()
    }

    @Test("a try of a fix is one line in one commit, and only of what can be tried")
    func record() throws {
        let (demo, fixer, guardrail) = try demo()
        try demo.flow("proposals", "approve", fixer, guardrail).checked()
        try demo.integrate().checked()
        let head = try demo.head()
        let said = try demo.flow("feedback", "record", fixer, "--failure", "--note", "was locked")
            .checked()
        #expect(said.output.hasPrefix("\(fixer): failure noted in "))
        try demo.flow("feedback", "record", fixer, "--success").checked()
        #expect(try demo.git("rev-list", "--count", "\(head)..main").text == "2")
        let changed = try demo.git("diff", "-U0", head, "main").lines.filter {
            $0.hasPrefix("+{") || $0.hasPrefix("-{")
        }
        let lines = try changed.map { try JSON.read(String($0.dropFirst())) }
        #expect(changed.allSatisfy { $0.hasPrefix("+") })
        #expect(lines.map { $0["type"] } == ["attempt", "attempt"])
        #expect(lines.map { $0["success"] } == [false, true])
        #expect(lines.first?["note"] == "was locked" && lines.first?["by"] == "Ada")
        try demo.expectSound()

        for (words, exit, message) in [
            ([fixer], 2, "--success or --failure"),
            ([fixer, "--success", "--failure"], 2, "--success or --failure"),
            ([guardrail, "--success"], 1, "is a guardrail"),
            (["FX-00000000", "--success"], 1, "there is no skill FX-00000000"),
        ] as [([String], Int32, String)] {
            let result = try demo.flow.run(["feedback", "record"] + words)
            #expect(result.exit == exit && result.errors.contains(message), "\(result)")
        }
        try demo.integrate().checked()
    }
}
