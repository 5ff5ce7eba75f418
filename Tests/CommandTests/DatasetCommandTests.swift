import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow dataset` and `flow catalog`, as people type them.
@Suite struct DatasetCommandTests {
    private static let path = "datasets/trm/erp_tasks.jsonl"

    /// A repository with two approved skills and their lines.
    private func demo(_ messages: [String] = ["disk full on <a>", "order was refused"]) throws
        -> Demo
    {
        let demo = try Demo(messages: messages)
        try demo.integrate().checked()
        try demo.flow.run(["proposals", "approve"] + demo.proposals()).checked()
        try demo.integrate().checked()
        return demo
    }

    @Test(
        "stats says what there is, as a sheet and as JSON; check finds nothing wrong with a sync's")
    func stats() throws {
        let demo = try demo()
        let json = try demo.flow("dataset", "stats", "--json").checked().json
        #expect(json["lines"] == 2)
        #expect(json["states"]?["approved"] == 2)
        let sheet = try demo.flow("dataset", "stats").checked()
        #expect(sheet.lines.first?.hasPrefix("2 lines, ") == true)
        #expect(sheet.lines.first?.hasSuffix(" bytes in \(Self.path)") == true)
        #expect(
            sheet.output.contains(
                "skillsmith-production       2    100 %  30-50 %   high "
                    + String(repeating: "█", count: 30) + "\n"))
        #expect(sheet.lines.allSatisfy { !$0.hasSuffix(" ") })
        let check = try demo.flow("dataset", "check").checked()
        #expect(check.output == "\(Self.path): ok\n")
        #expect(try demo.flow("dataset").checked().output == sheet.output)
    }

    @Test("check names every problem with file and line, and exits with 1")
    func check() throws {
        let demo = try demo()
        let good = try demo.text(Self.path)
        try demo.write(Self.path, good + "nonsense\n" + good)
        let found = try demo.flow("dataset", "check")
        #expect(found.exit == 1 && found.output == "")
        #expect(found.errors.contains("\(Self.path):3: column 1: "))
        #expect(
            found.errors.contains("\(Self.path):4: it has the fingerprint and source of line 1"))
        let lines = try demo.flow("dataset", "check", "--json").jsonLines
        #expect(lines.first?["line"] == 3 && lines.first?["file"] == .string(Self.path))
        let stats = try demo.flow("dataset", "stats")
        #expect(stats.exit == 1 && stats.errors.contains("line 3"))
    }

    @Test("an import changes nothing when dry or wrong, else the file of the work tree, once")
    func importing() throws {
        let demo = try demo()
        let before = try demo.text(Self.path)
        let label = try #require(demo.dataset().first?["id"]?.stringValue)
        try demo.write(
            "answers.csv", "text,label,solution\n\"no room, password=hunter2secret\",\(label),x\n")
        let words = ["dataset", "import", "answers.csv", "--source", "forum"]
        let dry = try demo.flow.run(words + ["--dry-run"]).checked()
        #expect(
            dry.output
                == "1 records: would add 1, change 0, 0 unchanged, 0 known already; 3 lines in all\n"
        )
        #expect(try demo.text(Self.path) == before)
        let done = try demo.flow.run(words + ["--json"]).checked().json
        #expect(done["added"] == 1 && done["dry_run"] == false && done["problems"] == [])
        let after = try demo.text(Self.path)
        #expect(after.hasPrefix(before) && !after.contains("hunter2secret"))
        #expect(
            try demo.flow.run(words).checked().output.contains("added 0, changed 0, 1 unchanged"))
        #expect(try demo.text(Self.path) == after)

        try demo.write("bad.jsonl", "{\"text\": \"fine\", \"label\": \"x\"}\n{\"text\": \"a\"}\n")
        let bad = try demo.flow("dataset", "import", "bad.jsonl", "--source", "manual")
        #expect(bad.exit == 1)
        #expect(
            bad.errors
                == "bad.jsonl:2: it has neither 'label' nor 'id': what should a model answer?\n")
        #expect(bad.output == "2 records, 1 problems: nothing was imported\n")
        #expect(try demo.text(Self.path) == after)
        // A sync keeps what was imported.
        try demo.commitAll()
        try demo.integrate().checked()
        #expect(try demo.dataset().last?["source"] == "forum")
    }

    @Test("an export holds what was asked for, in each form")
    func export() throws {
        let demo = try demo()
        let whole = try demo.flow("dataset", "export").checked()
        #expect(try whole.output == demo.text(Self.path))
        let table = try demo.flow("dataset", "export", "--format", "csv").checked()
        #expect(table.lines.first?.hasPrefix("id,source,kind,task,error_pattern,") == true)
        let chat = try demo.flow("dataset", "export", "--format", "chat").checked().jsonLines
        #expect(!chat.isEmpty && chat.allSatisfy { $0["messages"]?.arrayValue?.count == 2 })
        let none = try demo.flow("dataset", "export", "--min-confidence", "0.9").checked()
        #expect(none.output == "")
        let out = try demo.flow(
            "dataset", "export", "--only-reviewed", "--out", "x/all.jsonl", "--json"
        ).checked().json
        #expect(out["lines"] == 2 && out["out"] == "x/all.jsonl")
        #expect(try demo.text("x/all.jsonl") == whole.output)
    }

    @Test(
        "a wrong word is told with what to write",
        arguments: [
            (["dataset", "import", "x", "--source", "web"], "--source takes forum or manual"),
            (["dataset", "import", "x", "--state", "done"], "--state takes pending, reviewed, "),
            (
                ["dataset", "export", "--format", "xml"],
                "--format takes jsonl, csv, chat or samples"
            ),
            (["dataset", "export", "--min-confidence", "2"], "--min-confidence takes a number"),
            (["dataset", "export", "--json"], "--out FILE"),
            (["catalog", "--severity", "bad"], "--severity takes one of critical, high"),
            (["catalog", "--limit", "0"], "--limit takes a number from 1"),
        ])
    func usage(_ words: [String], _ says: String) throws {
        let demo = try Demo()
        let result = try demo.flow.run(words)
        #expect(result.exit == 2 && result.errors.contains(says), "\(result)")
    }

    @Test("the catalog is a table of what still comes, with filters, what is covered, and JSON")
    func catalog() throws {
        let demo = try demo([
            "disk full", "order was refused", "\u{1B}[31m\u{202E}red text", "late",
        ])
        let table = try demo.flow("catalog").checked()
        #expect(table.lines.count == 4)
        #expect(Hostile.effect(in: table.output) == nil)
        let first = try #require(table.lines.first)
        #expect(first.contains("  low  ") || first.contains("  medium  "), "\(first)")
        #expect(first.contains(" ██████████ "))
        #expect(
            table.errors.hasPrefix("covered  ████████████████████ 100 % (target 70 %): 4 of 4\n"))
        let lines = try demo.flow("catalog", "--json").checked().jsonLines
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0["fingerprint"] != nil && $0["code"] != nil })
        #expect(try demo.flow("catalog", "--uncovered").checked().output == "")
        #expect(try demo.flow("catalog", "--quiet").checked().output == "")
        #expect(try demo.flow("catalog", "--limit", "1").checked().lines == [first])
        let category = lines[0]["category"]?.stringValue ?? ""
        let some = try demo.flow("catalog", "--category", category, "--json").checked().jsonLines
        #expect(!some.isEmpty && some.allSatisfy { $0["category"]?.stringValue == category })
        let page = try demo.text("docs/error-codes.md")
        #expect(Hostile.effect(in: page) == nil && page.contains("# Error catalog"))
    }

    @Test("without a dataset or a catalog the commands say what makes one")
    func missing() throws {
        let demo = try Demo()
        for (words, says) in [
            (["dataset", "stats"], "flow run integrate.yaml"),
            (["catalog"], "flow run integrate.yaml"),
        ] {
            let result = try demo.flow.run(words)
            #expect(result.exit == 1 && result.errors.contains(says), "\(result)")
        }
    }
}
