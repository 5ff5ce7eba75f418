import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Input that cannot be used: found before anything runs, and shown where it stands.
@Suite struct BadInputTests {
    /// A file with a mistake on each line that ends in a comment; the comment has what stands at the
    /// mistake's column, a bar, and a part of its message.
    static let twelve = """
        flow: 1
        name: twelve
        parms: {}                                       # parms | did you mean 'params'?
        params:
          count: {type: integr, default: 3}             # integr | did you mean 'integer'?
          share: {type: number, default: 5, maximum: 1} # 5, | at most 1
        nodes:
          one:
            run: echo "${{ params.count }}"             # ${{ | put it in 'env'
          two:
            needs: oen                                  # oen | did you mean 'one'?
            uses: skills/mien                           # skills | did you mean 'skills/mine'?
          three:
            uses: skills/mine
            with: {source: a, tpo: 3}                   # tpo | did you mean 'top'?
          four:
            needs: [three]
            if: needs.three.outputs.coutn > 0           # coutn | did you mean 'count'?
            run: echo
          five:
            timeout: 10x                                # 10x | such as 90s
            run: echo
          six:
            if: contains('a')                           # contains | contains
            run: echo
          seven:
            retry: {max-attempts: 0}                    # 0} | from 1 to 1000
            run: echo
          eight:
            uses: ../../x                               # ../../x | outside the repository
          nine: {}                                      # nine | needs 'run', 'uses' or 'approve'

        """

    @Test("a pool with two sizes is a warning of validate, plan and run, and no mistake")
    func pools() throws {
        let place = try Place()
        try place.write(
            "inner.yaml", "flow: 1\npools: {db: 1}\nnodes: {a: {run: echo, pool: db}}\n")
        try place.write(
            "w.yaml",
            "flow: 1\npools: {db: 2, git: 1}\nnodes:\n  a: {uses: ./inner.yaml}\n"
                + "  b: {run: echo, pool: git}\n")
        try place.write(
            "workflows/other.yaml",
            "flow: 1\npools: {git: 5}\nnodes: {a: {run: echo, pool: git}}\n")
        for command in ["validate", "plan", "run"] {
            let result = try place.flow(command, "w.yaml").checked()
            #expect(
                result.errors.contains(
                    "w.yaml:2:13: warning: the pool 'db' has 2 places here and 1 in inner.yaml:2"))
            #expect(result.errors.contains("\npools: {db: 2, git: 1}\n            ^\n"))
            #expect(
                result.errors.contains(
                    "workflows/other.yaml:2:14: warning: the pool 'git' has 5 places here and 1 in "
                        + "w.yaml:2"), "\(result)")
        }
        let json = try place.flow("validate", "w.yaml", "--json").checked().json
        #expect(json.arrayValue?.map { $0["severity"] } == ["warning", "warning"])
        let github = try place.flow("validate", "w.yaml", "--format", "github").checked()
        #expect(github.output.hasPrefix("::warning file=w.yaml,line=2,col=13::the pool 'db'"))
    }

    @Test("every mistake of a file is reported at once, with line, column, the line and a caret")
    func all() throws {
        let place = try Place()
        try place.write("w.yaml", Self.twelve)
        var expected: [(line: Int, column: Int, message: String)] = []
        let lines = Self.twelve.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            guard let mark = line.firstRange(of: " # ") else { continue }
            let parts = line[mark.upperBound...].split(separator: " | ").map(String.init)
            let place = try #require(line.firstRange(of: parts[0]))
            let column = line.distance(from: line.startIndex, to: place.lowerBound) + 1
            expected.append((number + 1, column, parts[1]))
        }
        #expect(expected.count == 13)
        let found = try place.flow("validate", "w.yaml", "--json").json.arrayValue ?? []
        #expect(found.count == expected.count)
        for (mistake, right) in zip(found, expected) {
            #expect(mistake["line"]?.intValue == right.line, "\(right) \(mistake.text())")
            #expect(mistake["column"]?.intValue == right.column, "\(right) \(mistake.text())")
            let message = mistake["message"]?.stringValue ?? ""
            #expect(message.contains(right.message), "\(right) \(mistake.text())")
        }
        let run = try place.flow("run", "w.yaml")
        #expect(run.exit == 2)
        let shown = run.errors.split(separator: "\n", omittingEmptySubsequences: false)
        for right in expected {
            let head = try #require(
                shown.firstIndex { $0.contains("w.yaml:\(right.line):\(right.column): ") })
            #expect(shown[head + 1] == lines[right.line - 1])
            #expect(shown[head + 2].prefix { $0 == " " }.count == right.column - 1)
            #expect(shown[head + 2].contains("^"))
        }
        try place.expectUntouched()
    }

    static let refused: [(name: String, text: String, message: String)] = [
        (
            "a circle, named in full",
            "nodes:\n  a: {needs: c, run: touch ran}\n  b: {needs: a, run: touch ran}\n"
                + "  c: {needs: [d, b], run: touch ran}\n  d: {run: touch ran}\n",
            "a -> c -> b -> a"
        ),
        (
            "a node that needs itself", "nodes: {a: {needs: a, run: touch ran}}\n",
            "'a' cannot need itself"
        ),
        (
            "an expression in a script",
            "nodes:\n  ok: {run: touch ran}\n  a: {run: 'echo ${{ params.x }}'}\n",
            "put it in 'env'"
        ),
        (
            "an expression in a list that begins with a shell",
            "nodes: {a: {run: [sh, -c, '${{ flow.now }}']}}\n", "'env'"
        ),
        (
            "a missing action", "nodes:\n  ok: {run: touch ran}\n  a: {uses: skills/none}\n",
            "there is no action 'skills/none'"
        ),
        (
            "a missing folder of an action", "nodes: {a: {uses: ./actions/none}}\n",
            "./actions/none"
        ),
        (
            "an output that no action declares",
            "nodes:\n  ok: {run: touch ran}\n  a: {uses: git/fetch}\n"
                + "  b: {needs: a, run: echo, if: needs.a.outputs.nothing}\n",
            "an output that no action declares"
        ),
        (
            "an output of a node that is not needed",
            "nodes:\n  a: {uses: git/fetch}\n  b: {run: echo, if: needs.a.outputs.fetched}\n", "a"
        ),
        ("text that is not YAML", "nodes: {a: {run: \"echo ]\n", "closing quote"),
        ("bytes that are no text", "\u{0}\u{1}\u{2}", "U+0000"),
        ("an empty file", "", "begins with 'flow: 1'"),
        ("a list", "- a\n- b\n", "w.yaml:"),
        (
            "a path outside the repository", "nodes: {a: {uses: ../../x}}\n",
            "outside the repository"
        ),
        ("an absolute path", "nodes: {a: {uses: /etc/passwd}}\n", "outside the repository"),
        (
            "a link that leads outside the repository", "nodes: {a: {uses: ./link}}\n",
            "outside the repository"
        ),
        ("a name twice", "nodes:\n  a: {run: touch ran}\n  a: {run: touch ran}\n", "a"),
        ("a bomb of aliases", bomb, "500000"),
        ("a well of brackets", String(repeating: "[", count: 100_000), "deep"),
        (
            "a secret in a condition",
            "nodes: {a: {run: echo, if: \"secrets.x == 'a'\"}}\n",
            "'secrets' can be read in a node's 'env' only"
        ),
    ]

    private static let bomb: String = {
        var text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        for (name, last) in zip("bcdefghi", "abcdefgh") {
            let list = Array(repeating: "*\(last)", count: 10).joined(separator: ",")
            text += "\(name): &\(name) [\(list)]\n"
        }
        return text + "nodes: {n: {run: touch ran}}\n"
    }()

    @Test("a workflow with a mistake exits 2, and nothing runs or is written", arguments: refused)
    func refusal(_ name: String, _ text: String, _ message: String) throws {
        let place = try Place()
        let isWhole = text.hasPrefix("nodes") || text.hasPrefix("a: ")
        try place.write("w.yaml", isWhole ? "flow: 1\nname: w\n" + text : text)
        try TestProgram("ln", in: place.path)("-s", "/etc", "link").checked()
        for words in [["run", "w.yaml"], ["validate", "w.yaml"], ["plan", "w.yaml"]] {
            let result = try place.flow.run(words)
            #expect(result.exit == 2, "\(result)")
            #expect(result.errors.contains(message), "\(result)")
            #expect(result.errors.contains("w.yaml:"), "\(result)")
            #expect(result.output == "")
        }
        try place.expectUntouched()
    }

    static let values: [(words: [String], message: String)] = [
        (["-p", "count=0"], "the param 'count' must be at least 1, not 0"),
        (["-p", "count=11"], "the param 'count' must be at most 10, not 11"),
        (["-p", "count=many"], "'count'"),
        (["-p", "coutn=3"], "did you mean 'count'?"),
        (["-p", "count"], "-p takes name=value"),
        (["-p", "colour=green"], "'colour'"),
        (["--params", "none.yaml"], "none.yaml"),
        (["--now", "yesterday"], "--now takes a time"),
        (["--only", "ecoh"], "did you mean 'echo'?"),
        (["--max-parallel", "0"], "from 1 to 200"),
        (["--max-paralel", "1"], "did you mean '--max-parallel'?"),
    ]

    @Test(
        "a param or option out of range exits 2, and nothing runs or is written", arguments: values)
    func range(_ words: [String], _ message: String) throws {
        let place = try Place()
        try place.write(
            "w.yaml",
            """
            flow: 1
            name: w
            params:
              count: {type: integer, default: 3, minimum: 1, maximum: 10}
              colour: {type: string, default: red, enum: [red, blue]}
            nodes: {echo: {run: touch ran}}

            """)
        let result = try place.flow.run(["run", "w.yaml"] + words)
        #expect(result.exit == 2, "\(result)")
        #expect(result.errors.contains(message), "\(result)")
        try place.expectUntouched()
    }

    @Test("a workflow that is not there exits 2 and names the nearest")
    func missing() throws {
        let demo = try Demo()
        let result = try demo.flow("run", "integrat.yaml")
        #expect(result.exit == 2)
        #expect(result.errors.contains("did you mean 'integrate.yaml'?"), "\(result)")
        #expect(!Files.exists(demo.at(".flow")))
    }

    @Test("a shipped workflow with a param out of range exits 2 and leaves no run")
    func shipped() throws {
        let demo = try Demo()
        let result = try demo.integrate("-p", "min_hits=0")
        #expect(result.exit == 2)
        #expect(result.errors.contains("the param 'min_hits' must be at least 1"))
        #expect(!Files.exists(demo.at(".flow")))
    }

    /// A folder in which nothing may change.
    private struct Place {
        private let folder: TemporaryFolder
        var path: String { folder.at("repository") }
        var flow: TestProgram { Demo.flow(in: path) }

        init() throws {
            folder = try TemporaryFolder()
            try Files.makeFolder(folder.at("repository"))
            try TestProgram("git", in: path)("init", "-q", "-b", "main").checked()
        }

        func write(_ name: String, _ text: String) throws {
            try Files.write(text, to: Path.join(path, name))
        }

        func expectUntouched(_ location: SourceLocation = #_sourceLocation) throws {
            let names = try Files.list(path)
            #expect(
                names.filter { $0 != "link" } == [".git", "w.yaml"], sourceLocation: location)
            #expect(try Files.list(folder.path) == ["repository"], sourceLocation: location)
        }
    }

    @Test("a mistake in flow.yaml is found before anything runs, and by doctor")
    func settings() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nnodes: {a: {run: touch ran}}\n")
        try folder.write("flow.yaml", "approver: [ada]\n")
        let flow = Demo.flow(in: folder.path)
        for command in ["run", "plan", "validate"] {
            let result = try flow(command, "w.yaml")
            #expect(result.exit == 2, "\(result)")
            #expect(
                result.errors.contains("flow.yaml:1:1: error: unknown key 'approver'"), "\(result)")
        }
        #expect(!Files.exists(folder.at("ran")))
        #expect(try flow("doctor").output.contains("unknown key 'approver'"))
    }

    @Test("a program that does not start says how that is mended")
    func unstartable() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              plain: {run: [./plain]}
              bent: {run: [./bent]}
            """)
        try folder.write("plain", "#!/bin/sh\n")
        try folder.write("bent", "#!/none/such\n")
        try TestProgram("chmod", in: folder.path)("+x", "bent").checked()
        let run = try Demo.flow(in: folder.path)("run", "w.yaml")
        #expect(run.output.contains("chmod +x ./plain makes it a program"), "\(run)")
        #expect(run.output.contains("its first line names (#!) is not there"), "\(run)")
        let missing = try Demo.flow(in: folder.path)("-C", "/none", "runs")
        #expect(
            missing.exit == 2 && missing.errors.hasPrefix("flow: -C: cannot enter"), "\(missing)")
    }
}
