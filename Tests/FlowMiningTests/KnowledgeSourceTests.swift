import FlowMining
import FlowSystem
import FlowTestSupport
import Testing

/// Solved cases from files.
@Suite struct KnowledgeSourceTests {
    private func read(
        _ name: String, _ text: String, _ fields: KnowledgeFields = KnowledgeFields()
    ) throws -> [KnowledgeText] {
        let folder = try TemporaryFolder()
        let path = try folder.write(name, text)
        var found: [KnowledgeText] = []
        try KnowledgeSource(fields).read(path) { found.append($0) }
        return found
    }

    private static let yaml = """
        - id: K-1
          title: No space left
          problem: The disk is full.
          root_cause: Logs are never removed.
          tags: [disk, logs]
          votes: 3
        - {id: 2, title: Port taken, problem: EADDRINUSE}
        """

    @Test("a YAML file holds one entry or a list of them")
    func yaml() throws {
        let list = try read("a.yaml", Self.yaml)
        #expect(list.map(\.id) == ["K-1", "2"])
        #expect(list[0].title == "No space left")
        #expect(list[0].text == "The disk is full.\nLogs are never removed.\ndisk\nlogs")
        #expect(try read("a.yml", "{id: x, title: t, problem: p}").map(\.id) == ["x"])
        #expect(try read("a.yaml", "# nothing\n").isEmpty)
    }

    @Test("JSONL and CSV are read by the fields that are named")
    func named() throws {
        let fields = KnowledgeFields(id: "key", title: "Summary", text: "Body")
        let lines = try read(
            "a.jsonl", #"{"key":7,"Summary":"s","Body":["x","y"],"other":{}}"# + "\n\n", fields)
        #expect(lines == [KnowledgeText(id: "7", title: "s", text: "x\ny")])
        let rows = try read("a.csv", "Summary,key,Body\ns,7,\"x\ny\"\n", fields)
        #expect(rows == lines)
        let plain = try read("a.csv", "id,title,text\n1,t,x\n")
        #expect(plain == [KnowledgeText(id: "1", title: "t", text: "x")])
    }

    static let wrong: [(name: String, text: String, says: [String])] = [
        ("a.yaml", "id: x\ntitle: t\nproblme: p\n", ["a.yaml:1:1", "problme", "problem"]),
        (
            "a.yaml", "- {id: x, title: t, problem: p}\n- {id: y, title: t}\n",
            ["a.yaml:2:3", "problem"]
        ),
        ("a.yaml", "id: [\n", ["a.yaml:"]), ("a.yaml", "text\n", ["mapping"]),
        ("a.yaml", "{id: x, title: t, problem: {a: 1}}", ["problem must be text"]),
        ("a.jsonl", "{\"id\":\"x\",\"title\":\"t\",\"problem\":\"p\"}\n{oops\n", ["a.jsonl:2:2"]),
        ("a.csv", "id,titel,text\n1,2,3\n", ["a.csv:1", "'title'", "titel", "--title"]),
        ("a.csv", "id,title,text\n1,2\n", ["a.csv:2", "2 fields", "3"]),
        ("a.csv", "id,title,text\n1,2,\"3\n", ["a.csv:2", "quote"]),
        ("a.txt", "x", [".yaml"]),
    ]

    @Test("a mistake is told with file, line and what to do", arguments: wrong)
    func mistakes(_ name: String, _ text: String, _ says: [String]) throws {
        #expect {
            try read(name, text)
        } throws: { error in
            says.allSatisfy { "\(error)".contains($0) }
        }
    }

    @Test("a folder gives its files of known kinds, sorted; one without any is an error")
    func folder() throws {
        let folder = try TemporaryFolder()
        #expect { try KnowledgeSource.files(folder.path) } throws: {
            "\($0)".contains("no .yaml, .jsonl or .csv file")
        }
        for name in ["b.yaml", "a.jsonl", "c.csv", ".hidden.yaml", "readme.md"] {
            try folder.write(name, "")
        }
        let names = try KnowledgeSource.files(folder.path).map { Path.name($0) }
        #expect(names == ["a.jsonl", "b.yaml", "c.csv"])
        #expect { try KnowledgeSource.files(folder.at("none")) } throws: {
            ($0 as? MiningError)?.code == .noFile
        }
    }
}
