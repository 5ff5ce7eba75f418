import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Runs that cannot succeed: exit 1 with the node and the cause, and nothing half done.
@Suite struct FailureTests {
    @Test(
        "a log that cannot be read fails the node that reads it, by name",
        arguments: [
            ("nothing.log", "no such file"), ("skills", "it is a folder"),
            ("datasets/samples/*.jsonl nothing.log", "nothing.log"),
        ])
    func unreadable(_ source: String, _ cause: String) throws {
        let demo = try Demo(messages: ["a b c"])
        let head = try demo.head()
        let run = try demo.integrate("-p", "errors=\(source)")
        #expect(run.exit == 1)
        let line = run.lines.first { $0.contains("mine ") }
        #expect(line?.contains("failure") == true, "\(run)")
        #expect(line?.contains(cause) == true, "\(run)")
        #expect(try demo.head() == head)
        #expect(try demo.proposals() == [])
        try demo.expectSound()
    }

    @Test("outside a git repository the stages that need one say so, by name")
    func noRepository() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nname: w\nnodes: {review: {uses: skills/review}}\n")
        let run = try Demo.flow(in: folder.path)("run", "w.yaml")
        #expect(run.exit == 1)
        let line = run.lines.first { $0.contains("review ") } ?? ""
        #expect(line.contains("failure") && line.contains("git repository"), "\(run)")
    }

    @Test("a file that a person has changed is not overwritten, and nothing else is written either")
    func changedByHand() throws {
        let demo = try Demo(messages: ["a b c", "d e f"])
        try demo.integrate().checked()
        try demo.flow("proposals", "approve", #require(demo.proposals().first)).checked()
        let head = try demo.head()
        let mine = try demo.text("docs/error-codes.yaml") + "# mine\n"
        try demo.write("docs/error-codes.yaml", mine)
        let run = try demo.integrate()
        #expect(run.exit == 1)
        let line = run.lines.first { $0.contains("commit ") } ?? ""
        #expect(line.contains("failure"), "\(run)")
        #expect(line.contains("docs/error-codes.yaml"), "\(run)")
        #expect(try demo.head() == head)
        #expect(try demo.text("docs/error-codes.yaml") == mine)
        #expect(try demo.git("status", "--porcelain").text == " M docs/error-codes.yaml")

        try demo.commitAll("keep my line")
        try demo.integrate().checked()
        #expect(try demo.text("docs/error-codes.yaml").hasSuffix("# mine\n"))
        try demo.expectSound()
    }

    @Test("a file of a person's that flow would make is not overwritten")
    func newByHand() throws {
        let demo = try Demo(messages: ["a b c"])
        let head = try demo.head()
        try demo.write("docs/error-codes.yaml", "mine: true\n")
        let run = try demo.integrate()
        #expect(run.exit == 1)
        #expect(run.output.contains("docs/error-codes.yaml"), "\(run)")
        #expect(try demo.head() == head)
        #expect(try demo.text("docs/error-codes.yaml") == "mine: true\n")
    }

    @Test("what a person has changed elsewhere is left alone and does no harm")
    func elsewhere() throws {
        let demo = try Demo(messages: ["a b c"])
        try demo.write("README.md", "mine\n")
        try demo.write("flow.yaml", demo.text("flow.yaml") + "# mine\n")
        try demo.git("add", "README.md").checked()
        try demo.integrate().checked()
        #expect(
            try demo.git("status", "--porcelain").lines == ["A  README.md", " M flow.yaml"]
                || demo.git("status", "--porcelain").lines == [" M flow.yaml", "A  README.md"])
        #expect(try demo.paths("README.md") == [])
    }

    @Test("a dataset line that cannot be read stops the sync with its number, and nothing is lost")
    func unreadableDataset() throws {
        let demo = try Demo(messages: ["a b c"])
        try demo.write("datasets/trm/erp_tasks.jsonl", "{\"id\": \"x\"\n")
        try demo.commitAll()
        let head = try demo.head()
        let run = try demo.integrate()
        #expect(run.exit == 1)
        let line = run.lines.first { $0.contains("dataset ") } ?? ""
        #expect(line.contains("failure") && line.contains("1"), "\(run)")
        #expect(try demo.head() == head)
    }

    @Test("without flow-stage flow says what is missing")
    func noStage() throws {
        let folder = try TemporaryFolder()
        try TestProgram("cp", in: "/")(BuiltPrograms.flow, folder.at("flow")).checked()
        try folder.write("w.yaml", "flow: 1\nname: w\nnodes: {get: {uses: git/fetch}}\n")
        let flow = TestProgram(folder.at("flow"), in: folder.path)
        let run = try flow("run", "w.yaml")
        #expect(run.exit == 1)
        #expect(run.output.contains("flow-stage is neither beside flow nor in PATH"), "\(run)")
        let list = try flow("skills", "list")
        #expect(list.exit == 1)
        #expect(list.errors.contains("flow-stage is neither beside flow nor in PATH"), "\(list)")
        let doctor = try flow("doctor")
        #expect(doctor.exit == 1)
        #expect(doctor.output.contains("✗ flow-stage: install it beside flow"), "\(doctor)")
    }
}
