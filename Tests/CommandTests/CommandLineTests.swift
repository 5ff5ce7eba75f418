import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Help, mistyped words, and output for programs.
@Suite struct CommandLineTests {
    static let commands: [[String]] = [
        ["init"], ["run"], ["validate"], ["plan"], ["graph"], ["set"], ["eval"], ["runs"], ["show"],
        ["logs"], ["events"], ["resume"], ["proposals"], ["proposals", "list"],
        ["proposals", "show"], ["proposals", "approve"], ["proposals", "reject"],
        ["proposals", "reopen"], ["skills"], ["skills", "list"], ["skills", "validate"], ["model"],
        ["model", "predict"], ["model", "list"], ["knowledge"], ["knowledge", "index"],
        ["knowledge", "search"], ["doctor"], ["version"],
    ]

    private func flow() throws -> TestProgram { Demo.flow(in: "/tmp") }

    @Test("every command has help with an example", arguments: commands)
    func help(_ command: [String]) throws {
        let result = try flow().run(command + ["--help"])
        #expect(result.exit == 0, "\(result)")
        #expect(result.errors == "")
        #expect(
            result.output.contains("usage: flow \(command.joined(separator: " "))"), "\(result)")
        #expect(result.output.contains("examples:"), "\(result)")
        #expect(result.output.contains("\n  flow \(command[0])"), "\(result)")
        for line in result.lines { #expect(line.count <= 100, "\(line)") }
    }

    @Test("help lists every command, with and without being asked")
    func all() throws {
        let result = try flow()("--help").checked()
        for command in Self.commands where command.count == 1 {
            #expect(result.output.contains("\n  \(command[0])  "), "\(command)")
        }
        #expect(result.output.contains("examples:"))
        #expect(try flow()("help", "run").checked().output == flow()("run", "--help").output)
        let bare = try flow().run([])
        #expect(bare.output.contains("commands:") || bare.errors.contains("commands:"))
    }

    static let mistypes: [(words: [String], hint: String)] = [
        (["rnu", "x"], "did you mean 'run'?"), (["valdate"], "did you mean 'validate'?"),
        (["proposal"], "did you mean 'proposals'?"),
        (["proposals", "aprove", "X"], "did you mean 'approve'?"),
        (["skills", "lst"], "did you mean 'list'?"),
        (["model", "predikt"], "did you mean 'predict'?"),
        (["run", "x.yaml", "--jsno"], "did you mean '--json'?"),
        (["run", "x.yaml", "--max-paralel=2"], "did you mean '--max-parallel'?"),
        (["model", "predict", "x", "--topp", "3"], "did you mean '--top'?"),
        (["graph", "x.yaml", "--format", "png"], "it can be mermaid, dot, svg"),
        (["validate"], "missing <file>"), (["run"], "missing <workflow>"),
        (["show", "a", "b"], "unexpected word 'b'"),
        (["proposals", "reject", "X"], "--reason"), (["run", "x", "-p"], "needs a value"),
        (["--colour", "x", "run"], "--color"), (["-C"], "-C needs a folder"),
        (["--color=pink", "runs"], "auto, always or never"),
    ]

    @Test("a mistyped word exits 2 and names the nearest", arguments: mistypes)
    func mistype(_ words: [String], _ hint: String) throws {
        let result = try flow().run(words)
        #expect(result.exit == 2, "\(result)")
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("flow: "), "\(result)")
        #expect(result.errors.contains(hint), "\(result)")
    }

    @Test("what --json prints can be read, one value or one a line")
    func json() throws {
        let demo = try LoopStory.told.get().trained
        for words in [
            ["show", "last"], ["version"], ["validate", "integrate.yaml"],
            ["run", "retrain.yaml"],
        ] {
            let place = try Demo(copying: demo)
            let result = try place.flow.run(words + ["--json"]).checked()
            #expect(throws: Never.self, "\(result)") { try result.json }
        }
        for words in [
            ["runs"], ["plan", "integrate.yaml"], ["proposals", "list"], ["skills", "list"],
            ["skills", "validate"], ["model", "list"], ["model", "predict", "a b"],
            ["model", "predict", "a b", "c d"], ["doctor"],
        ] {
            let result = try demo.flow.run(words + ["--json"]).checked()
            #expect(try !result.jsonLines.isEmpty, "\(result)")
        }
        #expect(try demo.flow("events", "last").jsonLines.count > 50)
        let folder = try TemporaryFolder()
        let made = try Demo.flow(in: folder.path)("init", "new", "--json").checked().json
        #expect(made["new"] == true && made["branch"] == "main")
    }

    @Test("flow init completes a repository and overwrites nothing")
    func completes() throws {
        let folder = try TemporaryFolder()
        let path = folder.at("mine")
        try Files.makeFolder(path)
        let git = TestProgram("git", in: path)
        try git("init", "-q", "-b", "trunk").checked()
        try Files.write("mine\n", to: Path.join(path, "flow.yaml"))
        try Files.write("name: mine\n", to: Path.join(path, "workflows/mine.yaml"))
        let first = try Demo.flow(in: path)("init", ".").checked()
        #expect(first.output.contains("added workflows/integrate.yaml"))
        #expect(try Files.text(Path.join(path, "flow.yaml")) == "mine\n")
        #expect(try Files.text(Path.join(path, "workflows/mine.yaml")) == "name: mine\n")
        #expect(try git("log").exit == 128)
        let listing = try TestProgram("ls", in: path)("-laR", "--time-style=full-iso").output
        try Demo.flow(in: path)("init", ".").checked()
        #expect(try TestProgram("ls", in: path)("-laR", "--time-style=full-iso").output == listing)
    }

    // MARK: Expressions

    @Test("flow eval prints the value and its kind")
    func eval() throws {
        #expect(try flow()("eval", "1 + 2").exit == 1)
        #expect(
            try flow()("eval", "1 < 2").checked().text == #"{"kind": "Boolean", "value": true}"#)
        let input = #"{"params": {"list": [1, "b", null], "text": "größer"}}"#
        let list = try flow()("eval", "params.list", "--contexts", "-", input: input).checked()
        #expect(try list.json == ["kind": "Array", "value": [1, "b", nil]])
        let text = try flow()("eval", "params.text", "--contexts", "-", input: input).checked()
        #expect(try text.json == ["kind": "String", "value": "größer"])
        let broken = try flow()("eval", "params.list", "--contexts", "-", input: "[1]")
        #expect(broken.exit == 2)
    }

    @Test(
        "flow eval gives the value or the error of GitHub's test data",
        .enabled(
            if: SharedData.path("expressions") != nil,
            "the expression cases are not beside this checkout"))
    func expressions() throws {
        let folder = try #require(SharedData.path("expressions"))
        for name in try Files.list(folder) where name.hasSuffix(".json") {
            let groups =
                try JSON.read(Files.read(Path.join(folder, name))).objectValue?.values ?? []
            // The first and the last of each group; FlowSpecTests takes all, without the program.
            for cases in groups.compactMap(\.arrayValue) {
                for test in [cases.first, cases.last].compactMap({ $0 }) { try check(test, name) }
            }
        }
    }

    private func check(_ test: JSON, _ file: String) throws {
        let source = try #require(test["expr"]?.stringValue)
        let contexts = (test["contexts"] ?? [:]).text()
        let result = try flow().run(["eval", "--contexts", "-", "--", source], input: contexts)
        let found = try result.json
        if let error = test["err"] {
            #expect(result.exit == 1, "\(file): \(source)")
            #expect(found["error"]?["kind"] == error["kind"], "\(file): \(source)")
            let message = found["error"]?["message"]?.stringValue ?? ""
            #expect(message.hasPrefix(error["value"]?.stringValue ?? "?"), "\(file): \(source)")
        } else {
            #expect(result.exit == 0, "\(file): \(source)")
            #expect(found["kind"] == test["result"]?["kind"], "\(file): \(source)")
            #expect(
                found["value"]?.canonical == test["result"]?["value"]?.canonical,
                "\(file): \(source)")
        }
    }
}
