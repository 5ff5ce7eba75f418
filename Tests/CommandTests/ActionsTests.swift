import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowText
import Testing

@Suite("under GitHub Actions")
struct ActionsTests {
    let folder: TemporaryFolder
    let step: ActionsStep

    init() throws {
        folder = try TemporaryFolder()
        step = try ActionsStep(workspace: folder.path)
    }

    private func run(_ workflow: String, _ words: String..., more: [String: String] = [:]) throws
        -> (result: TestResult, output: RunnerOutput)
    {
        try folder.write("w.yaml", workflow)
        let result = try step.flow(in: folder.path, more).run(["run", "w.yaml"] + words)
        return (result, RunnerOutput(result.output + result.errors))
    }

    // MARK: What is printed

    @Test("what a node printed stands in a group of its own once it has ended")
    func groups() throws {
        let (result, output) = try run(
            """
            flow: 1
            name: w
            nodes:
              one: {run: 'echo first; printf unended'}
              silent: {run: 'true'}
              legs:
                strategy: {matrix: {k: [a, "b,c::d"]}, max-parallel: 1}
                env: {K: "${{ matrix.k }}"}
                run: echo "leg $K"
              again:
                retry: {max-attempts: 2, delay: 1ms}
                run: 'echo "try $FLOW_ATTEMPT"; [ "$FLOW_ATTEMPT" = 2 ]'

            """, "--max-parallel", "1")
        #expect(result.exit == 0, "\(result)")
        let groups = output.commands.filter { $0.name == "group" }.map(\.data)
        #expect(
            Set(groups) == ["one", "legs[a]", "legs[b,c::d]", "again", "again, attempt 2"],
            "\(result)")
        #expect(output.commands.count == 2 * groups.count)
        for line in ["first", "unended", "leg a", "leg b,c::d", "try 1", "try 2"] {
            #expect(output.lines.contains(line), "\(line): \(result)")
        }
        #expect(!output.isStopped)
    }

    /// Everything that a runner would do something about.
    private static let attacks = [
        "::set-output name=stolen::1", "  ::set-output name=stolen::1", "::add-mask::success",
        "::stop-commands::mine", "::mine::", "::error file=x,line=1::owned", "::endgroup::",
        "##[set-output name=stolen]1", "text ##[set-output name=stolen]1", "##[stop-commands]mine",
        "\u{00A0}::set-output name=stolen::1", "::save-state name=a::b", "::add-path::/evil",
        "text\r::set-output name=stolen::1", "::::", "::stop-commands::", "::echo::on",
    ]

    @Test("no output of a node is a command to the runner, whatever it guesses")
    func hostile() throws {
        let text = Self.attacks.joined(separator: "\n")
        try folder.write("attacks", text)
        let (result, output) = try run(
            """
            flow: 1
            name: "::set-output name=stolen::1 ##[set-output name=stolen]1"
            nodes:
              prints:
                run: |
                  cat attacks
                  for n in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do
                    for m in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do echo "::$n$m$n$m$n$m$n$m$n$m$n$m$n$m$n$m::"; done
                  done
                  printf '::set-output name=stolen::1'
              fails:
                name: "::set-output name=stolen::1"
                needs: prints
                if: always()
                run: |
                  cat attacks
                  echo 'a ##[set-output name=stolen]1'
                  exit 1
              legs:
                strategy: {matrix: {k: ["##[set-output name=stolen]1"]}, fail-fast: false}
                env: {K: "${{ matrix.k }}"}
                run: echo "$K"; exit 1

            """)
        #expect(result.exit == 1, "\(result)")
        let ours: Set = ["group", "endgroup", "error"]
        #expect(output.commands.filter { !ours.contains($0.name) } == [])
        #expect(output.commands.filter { $0.name == "error" }.count == 2)
        #expect(output.commands.filter { $0.name == "group" }.count == 3)
        for command in output.commands where command.name == "error" {
            #expect(command.properties["file"] == "w.yaml")
        }
        #expect(output.tokens.count == 3)
        #expect(Set(output.tokens).count == 3, "a token was used twice")
        for token in output.tokens { #expect(token.utf8.count == 32) }
        #expect(!output.isStopped)
        #expect(try step.outputs().keys.sorted() == ["outputs", "run-id", "status"])
    }

    @Test("nor is what the other commands show of it; JSON keeps its value")
    func shown() throws {
        try folder.write("attacks", Self.attacks.joined(separator: "\n"))
        _ = try run(
            """
            flow: 1
            name: w
            nodes:
              a:
                run: 'cat attacks; cat attacks > "$FLOW_SUMMARY"; tail -c 60 attacks; exit 1'

            """)
        let flow = step.flow(in: folder.path)
        for words in [
            ["show", "last"], ["why", "last", "a"], ["events", "last"], ["show", "last", "--json"],
            ["logs", "last"], ["logs", "last", "--raw"], ["graph", "last"], ["runs"],
        ] {
            let result = try flow.run(words).checked()
            let output = RunnerOutput(result.output + result.errors)
            #expect(output.commands == [], "\(words)")
            #expect(!output.isStopped, "\(words)")
        }
        let plain = Demo.flow(in: folder.path)
        let words = ["show", "last", "--json"]
        #expect(try flow.run(words).json == plain.run(words).json)
        let (_, output) = try run(
            "flow: 1\nname: w\nnodes:\n  a: {run: 'true'}\noutputs: {x: '##[error]y'}\n", "--json")
        #expect(output.commands.filter { $0.name == "error" } == [])
        #expect(try step.outputs()["x"] == "##[error]y")
    }

    @Test("a secret is masked at the runner too, and its value is printed nowhere else")
    func masks() throws {
        let workflow = """
            flow: 1
            name: w
            secrets: [TOKEN]
            nodes:
              a: {secrets: [TOKEN], env: {T: "${{ secrets.TOKEN }}"}, run: 'echo "$T"; exit 1'}

            """
        let secret = "first%line::\nsecond"
        try folder.write(".env", "TOKEN=\"first%line::\nsecond\"\n")
        let (result, output) = try run(workflow)
        #expect(result.exit == 1)
        #expect(
            output.commands.first == RunnerOutput.Command(name: "add-mask", data: secret),
            "\(result)")
        #expect(output.lines.allSatisfy { !$0.contains("second") })
        #expect(try !(step.text("summary") + step.text("output")).contains("second"))
        // A file is kept, and no runner reads it.
        let shell = TestProgram("sh", in: folder.path, environment: step.environment)
        _ = try shell("-c", "'\(BuiltPrograms.flow)' run w.yaml > kept")
        let kept = try Files.text(folder.at("kept"))
        #expect(kept.contains("::group::a\n"))
        #expect(!kept.contains("second"))
    }

    // MARK: Annotations

    @Test("a failure points to its node in the file, a tolerated one as a warning")
    func annotations() throws {
        try Files.makeFolder(folder.at("sub/dir"))
        try folder.write(
            "sub/part.yaml",
            "flow: 1\nname: part\nnodes:\n\n  inner: {run: 'echo no: a, b%; exit 3'}\n")
        try folder.write("sub/flow.yaml", "")
        try TestProgram("git", in: folder.at("sub"))("init", "-q").checked()
        try folder.write(
            "sub/workflows/w.yaml",
            """
            flow: 1
            name: w
            nodes:
              calls: {uses: ./part.yaml}
              tolerated:
                continue-on-error: true
                run: exit 4
              after: {needs: calls, run: 'true'}

            """)
        let result = try step.flow(in: folder.at("sub/dir"))("run", "w.yaml")
        #expect(result.exit == 1)
        let told = RunnerOutput(result.output).commands.filter {
            $0.name != "endgroup" && $0.name != "group"
        }
        #expect(
            told.sorted { $0.name < $1.name } == [
                RunnerOutput.Command(
                    name: "error",
                    properties: [
                        "file": "sub/part.yaml", "line": "5", "title": "calls/inner failed",
                    ], data: "exit 3: no: a, b%"),
                RunnerOutput.Command(
                    name: "warning",
                    properties: [
                        "file": "sub/workflows/w.yaml", "line": "5", "title": "tolerated failed",
                    ], data: "exit 4"),
            ], "\(result)")
    }

    @Test("mistakes in a workflow file are annotations, of flow run and of flow validate")
    func mistakes() throws {
        try Files.makeFolder(folder.at("r"))
        try folder.write("r/w.yaml", "flow: 1\nname: w\nnodes:\n  a: {run: x, needz: b}\n")
        let run = try step.flow(in: folder.at("r"))("run", "w.yaml")
        #expect(run.exit == 2)
        let own = step.flow(in: folder.at("r"))
        let validate = try own("validate", "w.yaml", "--format", "github")
        #expect(validate.exit == 2)
        for command in [run.errors, validate.output].map({ RunnerOutput($0).commands.first }) {
            #expect(command?.name == "error")
            #expect(command?.properties["file"] == "r/w.yaml")
            #expect(command?.properties["line"] == "4")
            #expect(command?.properties["col"] == "15")
        }
    }

    // MARK: The files of the step

    @Test("the step has the workflow's outputs, the run's id and its status")
    func outputs() throws {
        let (result, _) = try run(
            """
            flow: 1
            name: w
            nodes:
              a:
                run: |
                  echo 'own=node only' >> "$GITHUB_OUTPUT"
                  printf 'text<<END\\n%s\\n%s\\nEND\\n' "a=b<<c" "status=failure" >> "$FLOW_OUTPUT"
            outputs:
              text: "${{ needs.a.outputs.text }}"
              list: "${{ fromJSON('[1, {\\"a\\": null}]') }}"
              status: mine
            """)
        #expect(result.exit == 0, "\(result)")
        let outputs = try step.outputs()
        let runs = try Demo.flow(in: folder.path)("runs", "--json").jsonLines
        #expect(outputs["run-id"] == runs.first?["run"]?.stringValue ?? "none")
        #expect(outputs["status"] == "success")
        #expect(outputs["text"] == "a=b<<c\nstatus=failure")
        #expect(outputs["own"] == nil)
        let all = try JSON.read(outputs["outputs"] ?? "")
        #expect(
            all == [
                "text": "a=b<<c\nstatus=failure", "list": [1, ["a": nil]], "status": "mine",
            ])
    }

    @Test("the summary has status, graph by result, a table with reasons, and what nodes wrote")
    func summary() throws {
        _ = try run(
            """
            flow: 1
            name: w
            nodes:
              good: {run: 'echo "**5** errors" > "$FLOW_SUMMARY"'}
              bad: {needs: good, run: "echo '| x | <img src=y> @octocat `z` #12'; exit 1"}
              rest: {needs: bad, run: 'true'}

            """)
        let text = try step.text("summary")
        #expect(text.hasPrefix("### ✗ <code>w</code>: failure\n\nRun `"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| <code>") }
        #expect(rows.count == 3)
        for row in rows { #expect(row.filter { $0 == "|" }.count == 5, "\(row)") }
        #expect(rows[0].hasPrefix("| <code>good</code> | ✓ success | "))
        #expect(rows[1].hasPrefix("| <code>bad</code> | ✗ failure | "))
        #expect(rows[1].contains("&#64;octocat &#96;z&#96; &#35;12"))
        #expect(rows[2].contains("| – skipped |"))
        #expect(text.contains("```mermaid\nflowchart LR\n"))
        #expect(text.contains(":::failure\n"))
        #expect(text.hasSuffix("\n- <code>good</code>: **5** errors\n"))
    }

    @Test("a summary never takes the step over 1 MiB, and says that it was cut")
    func summaryLimit() throws {
        let before = String(repeating: "before\n", count: 50_000)
        try step.write("summary", before)
        _ = try run(
            """
            flow: 1
            name: w
            nodes:
              a:
                strategy: {matrix: {k: [1, 2, 3, 4, 5, 6]}}
                env: {K: "${{ matrix.k }}"}
                run: 'yes "line of leg $K é" | head -c 300000 > "$FLOW_SUMMARY"'

            """)
        let text = try step.text("summary")
        #expect(text.hasPrefix(before + "### ✓ <code>w</code>: success"))
        #expect(text.utf8.count <= 1 << 20)
        #expect(text.utf8.count > (1 << 20) - 1_000, "it was cut more than it had to be")
        #expect(text.contains("_Cut to fit; all of it: `flow show "))
        try step.write("summary", String(repeating: "x", count: 1 << 20))
        _ = try run("flow: 1\nname: w\nnodes:\n  a: {run: 'true'}\n")
        #expect(try step.text("summary").utf8.count == 1 << 20)
    }

    @Test("of a run of very many nodes the summary shows those that tell something, and no graph")
    func largeSummary() throws {
        var workflow = "flow: 1\nname: w\nnodes:\n"
        for number in 0..<600 { workflow += "  n\(number): {if: false, run: 'true'}\n" }
        workflow += "  last: {run: exit 1}\n"
        _ = try run(workflow)
        let text = try step.text("summary")
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| <code>") }
        #expect(rows.count == 500)
        #expect(rows.first?.hasPrefix("| <code>last</code> | ✗ failure |") == true)
        #expect(text.contains("_101 more nodes: "))
        #expect(
            text.contains("_Too large to be drawn here: ") == !text.contains(
                "```mermaid"))
    }

    // MARK: What nodes see

    @Test("a node sees neither the job's token nor the files and services of its runner")
    func nodes() throws {
        let (result, output) = try run("flow: 1\nname: w\nnodes:\n  a: {run: env}\n")
        #expect(result.exit == 0)
        let names = output.lines.compactMap { line in
            line.split(separator: "=").first.map(String.init)
        }.filter { $0.hasPrefix("GITHUB_") || $0.hasPrefix("ACTIONS_") || $0 == "CI" }
        #expect(Set(names) == ["GITHUB_OUTPUT", "GITHUB_EVENT_NAME"])
        #expect(!output.lines.contains { $0.contains("ghs_") || $0.contains("runtimeToken") })
        for name in ["env", "path", "state"] { #expect(try step.text(name) == "") }
        for mistake in ["env: {GITHUB_EVENT_NAME: push}", "env-pass: [GITHUB_EVENT_NAME]"] {
            let (result, _) = try run(
                "flow: 1\nname: w\nnodes:\n  a:\n    run: env\n    \(mistake)\n")
            #expect(result.exit == 2, "\(mistake)")
        }
    }

    @Test(
        "on the event of a pull request a run proposes, commits and pushes nothing, and says why",
        arguments: ["pull_request", "pull_request_target"])
    func pullRequest(_ event: String) throws {
        let demo = try Demo(messages: ["KeyError: 'sku'"])
        let remote = try TemporaryFolder()
        try TestProgram("git", in: remote.path)("clone", "-q", "--bare", demo.path, "r").checked()
        try demo.git("remote", "add", "origin", remote.at("r")).checked()
        try demo.git("fetch", "-q", "origin").checked()
        let there = TestProgram("git", in: remote.at("r"))
        let refs = { try demo.git("show-ref").text + there("show-ref").text }
        let before = try refs()
        let step = try ActionsStep(workspace: demo.path, event: event)
        try demo.write(
            "writes.yaml",
            """
            flow: 1
            name: writes
            nodes:
              commit: {uses: git/commit, with: {changes: [], message: x}}
              push: {uses: git/push}

            """)
        let flow = step.flow(in: demo.path)
        for (file, nodes) in [
            ("integrate.yaml", ["propose"]), ("writes.yaml", ["commit", "push"]),
        ] {
            let result = try flow("run", file, "--now", Demo.now)
            #expect(result.exit == 1)
            let errors = RunnerOutput(result.output).commands.filter { $0.name == "error" }
            #expect(errors.count == nodes.count)
            for node in nodes {
                let text = "git/\(node) does not write on the event \(event), since"
                #expect(errors.contains { $0.data.contains(text) }, "\(result)")
            }
        }
        #expect(try refs() == before)
        let fetch = try step.flow(in: demo.path)("run", "integrate.yaml", "--only", "fetch")
        #expect(fetch.exit == 0, "\(fetch)")
    }
}
