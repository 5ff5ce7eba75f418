import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow knowledge`: from files to answers.
@Suite struct KnowledgeCommandTests {
    private let folder: TemporaryFolder
    private var flow: TestProgram { Demo.flow(in: folder.path) }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            "bugs.csv",
            """
            Key,Summary,Body
            1,NameNode cannot load FSImage,"After a crash,
            the ""image"" is cut short."
            2,DataNode runs out of disk,All volumes are full.
            3,FSImage of the NameNode is corrupt,The image ends too early.

            """)
        try folder.write(
            "cases/port.yaml",
            "{id: K-1, title: Port taken, problem: EADDRINUSE, solution: End the other.}")
        try folder.write(
            "cases/more.jsonl",
            #"{"id":"K-2","title":"Disk full","problem":"No space left on device"}"# + "\n")
    }

    private func indexBugs() throws {
        try flow(
            "knowledge", "index", "bugs.csv", "--out", "out/bugs", "--id", "Key", "--title",
            "Summary", "--text", "Body"
        ).checked()
    }

    @Test("a table is indexed by the columns that are named, and a text finds its rows")
    func table() throws {
        try indexBugs()
        let found = try flow("knowledge", "search", "fsimage corrupt", "--index", "out/bugs")
            .checked()
        #expect(found.lines.first?.contains("3  FSImage of the NameNode is corrupt") == true)
        #expect(found.lines[1].contains("shares the words corrupt and fsimage"))
        #expect(found.lines.count == 4, "\(found)")
        let json = try flow(
            "knowledge", "search", "disk", "--index", "out/bugs", "--json", "--limit", "1"
        ).checked().json
        #expect(json["query"] == "disk")
        #expect(json["results"]?.arrayValue?.count == 1)
        let first = json["results"]?.arrayValue?.first
        #expect(first?["id"] == "2")
        #expect(first?["title"] == "DataNode runs out of disk")
        #expect(first?["why"] == "shares the word disk")
        #expect((first?["score"]?.doubleValue ?? 0) > 0.2)
    }

    @Test("a folder's entries of every kind are one index; nothing found is said and no failure")
    func entries() throws {
        let made = try flow("knowledge", "index", "cases", "--out", "out", "--json").checked().json
        #expect(made["cases"] == 2)
        #expect(made["files"] == 2)
        #expect(made["index"] == "out/knowledge.index")
        let found = try flow("knowledge", "search", "no space left", "--index", "out").checked()
        #expect(found.lines.first?.contains("K-2  Disk full") == true)
        let nothing = try flow("knowledge", "search", "zyx", "--index", "out").checked()
        #expect(nothing.output == "")
        #expect(nothing.errors == "no case shares a word with that\n")
    }

    @Test("questions of a file are answered in its order, never with themselves")
    func queries() throws {
        try indexBugs()
        try folder.write(
            "new.jsonl",
            """
            {"id":"3","title":"FSImage of the NameNode is corrupt","text":"The image ends too early."}
            {"id":9,"text":"volumes full"}

            {"id":"none","title":"zyx"}

            """)
        let lines = try flow(
            "knowledge", "search", "--queries", "new.jsonl", "--index", "out/bugs"
        ).checked().jsonLines
        #expect(lines.map { $0["query"] } == ["3", "9", "none"])
        func ids(_ line: JSON) -> [String] {
            (line["results"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        }
        #expect(ids(lines[0]).first == "1")
        #expect(!ids(lines[0]).contains("3"))
        #expect(ids(lines[1]) == ["2"])
        #expect(ids(lines[2]) == [])
    }

    static let wrong: [(words: [String], exit: Int32, says: [String])] = [
        (["index", "cases"], 2, ["--out FOLDER"]), (["search", "x"], 2, ["--index FOLDER"]),
        (["search", "--index", "out"], 2, ["--queries"]),
        (["search", "x", "--queries", "bad.jsonl", "--index", "out"], 2, ["one of them"]),
        (["search", "x", "--index", "out", "--limit", "0"], 2, ["--limit"]),
        (["search", "x", "--index", "none"], 1, ["flow knowledge index PATH --out none"]),
        (["index", "none", "--out", "o"], 1, ["none", "no such file"]),
        (["index", "bugs.csv", "--out", "o"], 1, ["bugs.csv:1", "'id'", "--id"]),
        (["index", "cases", "cases", "--out", "o"], 1, ["K-1"]),
        (["search", "--queries", "bad.jsonl", "--index", "out"], 1, ["bad.jsonl:2", "id"]),
    ]

    @Test("a mistake is told with what to do, and makes no index", arguments: wrong)
    func mistakes(_ words: [String], _ exit: Int32, _ says: [String]) throws {
        try flow("knowledge", "index", "cases", "--out", "out").checked()
        try folder.write("bad.jsonl", "{\"id\":\"1\",\"text\":\"disk\"}\n{\"text\":\"disk\"}\n")
        let result = try flow.run(["knowledge"] + words)
        #expect(result.exit == exit, "\(result)")
        for text in says { #expect(result.errors.contains(text), "\(result)") }
        #expect(!Files.exists(folder.at("o")))
    }

    @Test("a damaged index is refused with what to do about it, and the old one is never half new")
    func damage() throws {
        try indexBugs()
        let path = folder.at("out/bugs/knowledge.index")
        var bytes = try Files.read(path)
        bytes[bytes.count / 2] ^= 1
        try Files.write(bytes, to: path)
        let result = try flow("knowledge", "search", "disk", "--index", "out/bugs")
        #expect(result.exit == 1)
        #expect(result.errors.contains("it is damaged; index anew"), "\(result)")
        try indexBugs()
        #expect(try flow("knowledge", "search", "disk", "--index", "out/bugs").exit == 0)
        #expect(try Files.list(folder.at("out/bugs")) == ["knowledge.index"])
    }

    @Test("what others wrote moves no terminal")
    func hostile() throws {
        try folder.write(
            "evil.jsonl", #"{"id":"\u001b[2J","title":"disk \u001b]0;x\u0007 disk","problem":"p"}"#)
        try flow("knowledge", "index", "evil.jsonl", "--out", "out").checked()
        let found = try flow("knowledge", "search", "disk", "--index", "out").checked()
        #expect(found.output.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
    }
}
