import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `flow skills apply`: from a procedure to a run of it.
@Suite struct ApplyCommandTests {
    private let folder: TemporaryFolder
    private var flow: TestProgram { Demo.flow(in: folder.path) }

    init() throws { folder = try TemporaryFolder() }

    /// Tools as people define them, and two programs that stand in PATH.
    private static let settings = #"""
        tools:
          read_file: {run: 'printf ''{"text": "%s"}'' "$(cat "$path")"'}
          count_words:
            run: |
              printf '{"words": %d}\n' "$(printf %s "$text" | wc -w)"
          write_report: {run: [./bin/report, --plain], output: text}

        """#

    private static let report = """
        #!/bin/sh
        # a program that reads its arguments from the file
        sed 's/^/report: /' "$FLOW_INPUT" > "$to"
        echo "written with $1"

        """

    private func makeTools() throws {
        try folder.write("flow.yaml", Self.settings)
        try folder.write("bin/report", Self.report)
        try Files.setMode(folder.at("bin/report"), 0o755)
    }

    /// A log in which runs read a file, count its words and write a report.
    private func writeLog(_ calls: (Int) -> [JSON]) throws {
        var text = ""
        for run in 0..<8 {
            for (seq, call) in calls(run).enumerated() {
                var line: JSONObject = [
                    "run": .string("r\(run)"), "seq": .integer(seq), "type": "tool.called",
                    "status": "success",
                ]
                for (key, value) in call.objectValue?.members.map({ $0 }) ?? [] {
                    line[key] = value
                }
                text += JSON.object(line).text() + "\n"
            }
        }
        try folder.write("log.jsonl", text)
    }

    private static func reading(_ run: Int) -> [JSON] {
        let text = JSON.string("text of \(run)")
        return [
            [
                "name": "read_file", "arguments": ["path": .string("f\(run)"), "mode": "r"],
                "output": ["text": text],
            ],
            [
                "name": "count_words", "arguments": ["text": text],
                "output": ["words": .integer(run + 3)],
            ],
            [
                "name": "write_report",
                "arguments": ["to": .string("out\(run)"), "words": .integer(run + 3)],
                "output": .string("ok \(run)"),
            ],
        ]
    }

    private static let name = "read-file-to-write-report"

    @Test("what tools print is handed on, and steps write the events they were mined from")
    func runs() throws {
        try makeTools()
        try writeLog(Self.reading)
        try folder.write("input.txt", "one two three")
        let done = try flow(
            "skills", "apply", Self.name, "--events", "log.jsonl", "-p", "path=input.txt", "-p",
            "to=r.txt", "--json"
        ).checked()
        let run = try done.json
        #expect(run["status"] == "success" && run["outputs"]?["result"] == "written with --plain")
        #expect(run["procedure"]?["name"] == .string(Self.name) && run["recorded"] == .null)
        #expect(done.errors.contains("not noted in the ledger: it is none of skills/"))
        #expect(
            try Files.text(folder.at("r.txt")) == #"report: {"to":"r.txt","words":3}"#)
        let events = try flow("events", "last").checked().jsonLines
            .filter { $0["type"] == "tool.called" }.map { $0["data"] }
        #expect(events.map { $0?["name"] } == ["read_file", "count_words", "write_report"])
        #expect(events[0]?["arguments"] == ["mode": "r", "path": "input.txt"])
        #expect(events[0]?["output"] == ["text": "one two three"])
        #expect(events[1]?["arguments"] == ["text": "one two three"])
        #expect(events[2]?["arguments"] == ["to": "r.txt", "words": 3])
        #expect(events.allSatisfy { $0?["status"] == "success" })
    }

    @Test("values that are missing, wrong or of no parameter are refused, and nothing runs")
    func badValues() throws {
        try makeTools()
        try writeLog {
            [["name": "fetch", "arguments": ["count": .integer($0), "page": .string("p\($0)")]]]
                + Self.reading($0)
        }
        try folder.write("flow.yaml", Self.settings + "  fetch: {run: 'true'}\n")
        let name = "fetch-to-write-report"
        let refused = try flow(
            "skills", "apply", name, "--events", "log.jsonl", "-p", "count=many", "-p", "pge=x")
        #expect(refused.exit == 2)
        #expect(
            refused.errors.contains("the param 'count' takes a whole number"), "\(refused)")
        #expect(refused.errors.contains("there is no param 'pge'; did you mean 'page'?"))
        #expect(refused.errors.contains("the param 'path' has no default"))
        #expect(!Files.exists(folder.at(".flow/runs.db")))
    }

    @Test("steps that nothing does are all named before anything runs, with what to write")
    func unresolved() throws {
        try writeLog(Self.reading)
        let refused = try flow(
            "skills", "apply", Self.name, "--events", "log.jsonl", "-p", "path=x", "-p", "to=y")
        #expect(refused.exit == 2)
        for tool in ["read_file", "count_words", "write_report"] {
            #expect(
                refused.errors.contains(
                    "\(tool): neither an entry of tools in flow.yaml nor a program in PATH; add "
                        + "tools: {\(tool): {run: …}}"), "\(refused)")
        }
        #expect(!Files.exists(folder.at(".flow/runs.db")))
        let unknown = try flow("skills", "apply", "read-file-to-wirte", "--events", "log.jsonl")
        #expect(unknown.exit == 1)
        #expect(unknown.errors.contains("did you mean 'read-file-to-write-report'?"), "\(unknown)")
    }

    /// A document of a person, of one step with the parameter `text`.
    private static func document(of tool: String) -> String {
        """
        id: PR-0A1B2C3D
        name: by-hand
        kind: procedure
        status: approved
        match: {fingerprint: 00000000-0000-8000-8000-0000000000ee}
        steps: [{id: only, name: \(tool), arguments: {text: {parameter: text}}}]
        parameters: [{name: text}]
        metadata: {confidence: 0.5}

        """
    }

    @Test("a document may have any file name, and its mistakes are told with line and column")
    func anyName() throws {
        try folder.write("flow.yaml", "tools: {say: {run: 'echo \"$text\"'}}\n")
        try folder.write("draft.yaml", Self.document(of: "say"))
        try flow("skills", "apply", "--document", "draft.yaml", "-p", "text=hello").checked()
        #expect(try flow("logs", "last").checked().output.contains("hello"))
        try folder.write(
            "draft.yaml", Self.document(of: "say").replacing("[{name: text}]", with: "[]"))
        let refused = try flow("skills", "apply", "--document", "draft.yaml", "-p", "text=hello")
        #expect(refused.exit != 0)
        #expect(
            refused.errors.contains(
                "draft.yaml:6:61: there is no parameter \"text\"; add it to parameters"),
            "\(refused)")
    }

    @Test("an argument that no variable can hold is in the tool's file, and the log says so")
    func longArguments() throws {
        try folder.write(
            "flow.yaml",
            "tools: {measure: {run: 'test -z \"${text-}\"; wc -c < \"$FLOW_INPUT\"'}}\n")
        try folder.write("long.yaml", Self.document(of: "measure"))
        try flow("skills", "apply", "--document", "long.yaml", "--out", "w.yaml").checked()
        for text in [String(repeating: "y", count: 3_000_000), "a\u{0}b"] {
            let params: JSON = ["text": .string(text)]
            try folder.write("params.json", params.text())
            let done = try flow("run", "w.yaml", "--params", "params.json", "--json").checked()
            let size = JSON.object(["text": .string(text)]).bytes().count
            #expect(try done.json["outputs"]?["result"] == .integer(size))
            #expect(
                try flow("logs", "last").checked().output.contains(
                    "text is in FLOW_INPUT only: no variable can hold it"))
        }
    }

    @Test("names with dots in them stay names, of arguments as of outputs")
    func dottedNames() throws {
        try writeLog { run in
            [
                [
                    "name": "fetch",
                    "arguments": ["file.name": .string("f\(run)"), "a": ["b": 1]],
                    "output": ["x.y": .string("o\(run)"), "z": ["w": 7]],
                ],
                ["name": "check", "arguments": ["a": ["b.c": .string("o\(run)")]]],
                ["name": "tell"],
            ]
        }
        try folder.write(
            "flow.yaml",
            #"""
            tools:
              fetch: {run: 'cat "$FLOW_INPUT" > asked; echo ''{"x.y": "given"}'''}
              check: {run: 'cat "$FLOW_INPUT" > checked'}
              tell: {run: 'true'}

            """#)
        try flow(
            "skills", "apply", "fetch-to-tell", "--events", "log.jsonl", "-p", "file_name=new"
        ).checked()
        let asked = try JSON.read(Files.text(folder.at("asked")))
        #expect(asked == ["a": ["b": 1], "file.name": "new"])
        let checked = try JSON.read(Files.text(folder.at("checked")))
        #expect(checked == ["a": ["b.c": "given"]])
    }

    @Test("a program that is not there is named, one of PATH before anything runs")
    func missingPrograms() throws {
        try folder.write("draft.yaml", Self.document(of: "ship"))
        let words = ["skills", "apply", "--document", "draft.yaml", "-p", "text=x"]
        try folder.write("flow.yaml", "tools: {ship: {run: [no-such-program, --now]}}\n")
        let refused = try flow.run(words)
        #expect(refused.exit == 2)
        #expect(
            refused.errors.contains(
                "ship: tools of flow.yaml starts no-such-program, which is no program in PATH"),
            "\(refused)")
        #expect(!Files.exists(folder.at(".flow/runs.db")))
        try folder.write("flow.yaml", "tools: {ship: {run: [./bin/ship]}}\n")
        let failed = try flow.run(words)
        #expect(failed.exit == 1)
        #expect(
            failed.errors.contains(
                "bin/ship, which does ship by tools of flow.yaml; it must be there, and executable"),
            "\(failed)")
    }

    @Test("an output of more than 16 MiB fails the step, and says what to do instead")
    func longOutput() throws {
        try folder.write("flow.yaml", "tools: {dump: {run: 'head -c 16777217 /dev/zero'}}\n")
        try folder.write("draft.yaml", Self.document(of: "dump"))
        let failed = try flow("skills", "apply", "--document", "draft.yaml", "-p", "text=x")
        #expect(failed.exit == 1)
        #expect(failed.errors.contains("dump printed more than 16 MiB"), "\(failed)")
    }

    @Test("a shell's script is that of the procedure, and values reach it as variables only")
    func shells() throws {
        try writeLog { run in
            [
                [
                    "name": "Bash",
                    "arguments": [
                        "command": "printf %s \"$who\" > who", "who": .string("w\(run)"),
                    ],
                ],
                ["name": "shell", "arguments": ["cmd": "cat who"]],
                [
                    "name": "sh",
                    "arguments": ["command": "exit 0", "LD_PRELOAD": .string("x\(run)")],
                ],
            ]
        }
        let hostile = "$(touch pwned) `touch pwned` \"; touch pwned; '${{ params.who }}"
        let done = try flow(
            "skills", "apply", "bash-to-sh", "--events", "log.jsonl", "-p", "who=\(hostile)",
            "-p", "ld_preload=evil.so")
        #expect(done.exit == 0, "\(done)")
        #expect(try Files.text(folder.at("who")) == hostile)
        #expect(!Files.exists(folder.at("pwned")))
        let outputs = try flow("events", "last").checked().jsonLines
            .filter { $0["type"] == "tool.called" }
        #expect(outputs[1]["data"]?["output"] == .string(hostile))
        #expect(outputs[2]["data"]?["arguments"]?["LD_PRELOAD"] == "evil.so")
    }

    @Test("a script that differs from run to run is data, and none is run")
    func scriptsOfData() throws {
        try writeLog { run in
            [
                ["name": "plan", "output": ["script": .string("touch p\(run)")]],
                ["name": "bash", "arguments": ["command": .string("touch p\(run)")]],
                ["name": "bash", "arguments": ["command": "true"]],
            ]
        }
        try folder.write("flow.yaml", "tools: {plan: {run: \"echo '{}'\"}}\n")
        let refused = try flow("skills", "apply", "plan-to-bash", "--events", "log.jsonl")
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("no script is made of data"), "\(refused)")
        // nor by hand: the place for it takes no expression, and the other place is no script
        func node(_ with: String) -> String {
            "flow: 1\nparams: {s: {default: touch pwned}}\n"
                + "nodes: {a: {uses: skills/call, with: {tool: bash, \(with)}}}\n"
        }
        try folder.write("a.yaml", node("literals: {command: \"${{ params.s }}\"}"))
        let invalid = try flow("validate", "a.yaml")
        #expect(invalid.exit == 2 && invalid.errors.contains("'literals' holds what is literal"))
        try folder.write("b.yaml", node("arguments: {command: \"${{ params.s }}\"}"))
        #expect(try flow("run", "b.yaml").exit == 1)
        #expect(!Files.exists(folder.at("pwned")))
    }

    @Test("the workflow can be planned, written, checked and run by itself; no file is overwritten")
    func written() throws {
        try makeTools()
        try writeLog(Self.reading)
        try folder.write("input.txt", "a b")
        let words = ["skills", "apply", Self.name, "--events", "log.jsonl"]
        let plan = try flow.run(words + ["--plan", "-p", "path=x", "-p", "to=y", "--json"])
            .checked().jsonLines
        #expect(plan.map { $0["node"] } == ["read_file", "count_words", "write_report"])
        #expect(!Files.exists(folder.at(".flow/runs.db")))
        try flow.run(words + ["--out", "workflows/report.yaml"]).checked()
        try flow("validate", "workflows/report.yaml").checked()
        let text = try Files.text(folder.at("workflows/report.yaml"))
        #expect(try flow.run(words + ["--out", "-"]).checked().output == text)
        try flow("run", "report", "-p", "path=input.txt", "-p", "to=o").checked()
        #expect(try Files.text(folder.at("o")).contains(#""words":2"#))
        let again = try flow.run(words + ["--out", "workflows/report.yaml"])
        #expect(again.exit == 2 && again.errors.contains("is there already"), "\(again)")
    }

    @Test("a tool that fails fails its step, says so in its event, and stops what follows")
    func failing() throws {
        try makeTools()
        try writeLog(Self.reading)
        try folder.write("flow.yaml", Self.settings + "  other: {run: 'true'}\n")
        let done = try flow(
            "skills", "apply", Self.name, "--events", "log.jsonl", "-p", "path=missing", "-p",
            "to=o", "--json")
        // cat fails inside of a command substitution, which printf does not see
        #expect(done.exit == 0, "\(done)")
        try folder.write(
            "flow.yaml",
            "tools:\n  read_file: {run: 'cat \"$path\"; exit 3'}\n"
                + "  count_words: {run: 'touch counted'}\n  write_report: {run: 'true'}\n")
        let failed = try flow(
            "skills", "apply", Self.name, "--events", "log.jsonl", "-p", "path=flow.yaml", "-p",
            "to=o", "--json")
        #expect(failed.exit == 1, "\(failed)")
        #expect(try failed.json["status"] == "failure")
        #expect(!Files.exists(folder.at("counted")))
        let event = try flow("events", "last").checked().jsonLines
            .first { $0["type"] == "tool.called" }
        #expect(event?["data"]?["status"] == "failure" && event?["data"]?["output"] == nil)
        #expect(try flow("logs", "last").checked().output.contains("exit code 3"))
    }

    @Test("the help is that of the command that runs")
    func help() throws {
        let help = try flow("skills", "apply", "--help").checked().output
        #expect(help.contains("--plan") && help.contains("--no-record"), "\(help)")
        #expect(try flow("skills", "help", "apply").checked().output == help)
        #expect(try flow("skills", "--help").checked().output.contains("apply"))
        #expect(try flow("skills", "apply").exit == 2)
    }
}
