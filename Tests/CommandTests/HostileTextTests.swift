import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowYAML
import Testing

/// Hostile messages twice round the loop: proposed, approved, synced and learnt.
struct HostileStory {
    let demo: Demo
    let proposed: Demo
    /// What `flow run` printed, both times.
    let printed: [TestResult]

    static let told = Result { try HostileStory() }

    private init() throws {
        let demo = try Demo(messages: Hostile.messages)
        var printed = [try demo.integrate("-p", "top=100").checked()]
        proposed = try Demo(copying: demo)
        try demo.flow.run(["proposals", "approve"] + demo.proposals()).checked()
        printed.append(
            try demo.integrate("-p", "retrain_threshold=3", "-p", "min_samples=4").checked())
        self.demo = demo
        self.printed = printed
    }
}

@Suite struct HostileTextTests {
    let story: HostileStory
    var demo: Demo { story.demo }

    init() throws { story = try HostileStory.told.get() }

    /// The message that a component's records have.
    private func message(of component: JSON?) throws -> String {
        let number = try #require(component?.stringValue.flatMap { Int($0.dropFirst(3)) })
        return Hostile.messages[number]
    }

    @Test("a message comes back as the same text from the skill, the dataset and the catalog")
    func same() throws {
        let skills = try demo.skills()
        #expect(skills.count == Hostile.messages.count)
        for skill in skills.values {
            let message = try message(of: skill["match"]?["component"])
            #expect(skill["examples"] == [.string(message)])
        }
        let lines = try demo.dataset()
        #expect(lines.count == Hostile.messages.count)
        for line in lines {
            let message = try message(of: line["input"]?["component"])
            #expect(line["examples"] == [.string(message)])
        }
        let catalog = try demo.document("docs/error-codes.yaml")["errors"]?.objectValue
        let examples = (catalog?.values ?? []).compactMap { $0["example"]?.stringValue }
        #expect(Set(examples) == Set(Hostile.messages))
        #expect(examples.count == Hostile.messages.count)
    }

    @Test(
        "a skill's expression matches its message as Python reads it",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func expressions() throws {
        let skills = try demo.skills().values.map { skill -> JSON in
            [
                "regex": skill["match"]?["message_regex"] ?? nil,
                "texts": skill["examples"] ?? nil,
            ]
        }
        let script = #"""
            import json, re, sys
            for line in sys.stdin:
                case = json.loads(line)
                print(json.dumps(all(re.search(case["regex"], t, re.ASCII) for t in case["texts"])))
            """#
        #expect(try Python.run(script, skills) == skills.map { _ in true })
    }

    @Test(
        "another reader of YAML reads the same texts from skills and catalog",
        .enabled(if: Python.hasYAML, "PyYAML is not installed"))
    func otherReader() throws {
        let script = #"""
            import json, sys, yaml
            for line in sys.stdin:
                print(json.dumps(yaml.safe_load(json.loads(line)), default=str))
            """#
        let paths = try demo.paths("skills").filter { $0.hasSuffix(".yaml") }
        let texts = try (paths + ["docs/error-codes.yaml"]).map { path -> JSON in
            .string(String(decoding: try demo.blob(path), as: UTF8.self))
        }
        let read = try Python.run(script, texts)
        #expect(read.count == Hostile.messages.count + 1)
        for skill in read.dropLast() {
            let message = try message(of: skill["match"]?["component"])
            #expect(skill["examples"] == [.string(message)])
        }
        let examples = read.last?["errors"]?.objectValue?.values.compactMap {
            $0["example"]?.stringValue
        }
        #expect(Set(examples ?? []) == Set(Hostile.messages))
    }

    @Test("nothing that moves a terminal stands in what flow prints, in JSON included")
    func quiet() throws {
        let messages = Hostile.messages.joined(separator: "\n")
        let id = try #require(try story.proposed.proposals().first)
        var printed = story.printed
        for words in [
            ["show", "last"], ["show", "last", "--json"], ["logs", "last"], ["events", "last"],
            ["runs"], ["runs", "--json"], ["graph", "last"], ["proposals", "list"],
            ["proposals", "list", "--json"], ["skills", "list"], ["skills", "list", "--json"],
            ["skills", "validate"], ["model", "list"], ["proposals", "show", id],
        ] {
            for place in [demo, story.proposed] { printed.append(try place.flow.run(words)) }
        }
        for id in try story.proposed.proposals() {
            printed.append(try story.proposed.flow("proposals", "show", id).checked())
        }
        let groups = try demo.flow("errors", "list", "--json").checked()
        printed += [groups, try demo.flow("errors", "list").checked()]
        for group in try groups.jsonLines.compactMap({ $0["fingerprint"]?.stringValue }) {
            for words in [["show", group], ["explain", group], ["explain", group, "--json"]] {
                printed.append(try demo.flow.run(["errors"] + words).checked())
            }
        }
        printed.append(try demo.flow("errors", "explain", "--message", messages).checked())
        for words in [["mine", "-"], ["mine", "-", "--json"], ["group", "-"]] {
            printed.append(try demo.flow.run(["errors"] + words, input: messages).checked())
        }
        printed.append(try demo.flow("model", "predict", "-", input: messages).checked())
        printed.append(try demo.flow("model", "predict", "-", "--json", input: messages).checked())
        for result in printed {
            #expect(Hostile.effect(in: result.output) == nil, "\(result.words)")
            #expect(Hostile.effect(in: result.errors) == nil, "\(result.words)")
        }
    }

    @Test("nothing that moves a terminal stands in the files and messages that flow commits")
    func quietFiles() throws {
        let log = try demo.git("log", "--format=%B%n%s", "main").output
        #expect(Hostile.effect(in: log) == nil)
        for path in try demo.paths(".") where path != "datasets/samples/app.jsonl" {
            let text = String(decoding: try demo.blob(path), as: UTF8.self)
            #expect(Hostile.effect(in: text) == nil, "\(path)")
            #expect(Hostile.effect(in: path) == nil)
        }
        #expect(!Files.exists(demo.at("owned")))
        try demo.expectSound()
    }

    @Test(
        "git reads flow's own trailers only from every message, and no forge finds anything to do")
    func trailers() throws {
        let commits = try demo.git("rev-list", "--all").lines
        let proposed = try story.proposed.git("rev-list", "--all").lines
        #expect(proposed.count > Hostile.messages.count)
        for (place, commit) in commits.map({ (demo, $0) }) + proposed.map({ (story.proposed, $0) })
        {
            let message = try place.git("log", "-1", "--format=%B", commit).output
            let lines = try place.git.run(["interpret-trailers", "--parse"], input: message).lines
            for line in lines {
                let name = String(line.prefix { $0 != ":" })
                #expect(
                    ["Flow-Run", "Flow-Node", "Flow-Key", "Flow-Skill", "Flow-Document"].contains(
                        name), "\(line)")
            }
            let names = lines.map { $0.prefix { $0 != ":" } }
            #expect(Set(names).count == names.count, "\(message)")
            for word in [
                "@octocat", "#12", "GH-7", "[skip ci]", "https://e.example", "http://e.example",
            ] {
                #expect(!message.contains(word), "\(message)")
            }
        }
    }

    @Test("the model that learnt the messages names their skills")
    func predicted() throws {
        let messages = Hostile.messages.filter { !$0.contains("\n") }
        let input = messages.joined(separator: "\n")
        let answers = try demo.flow("model", "predict", "-", "--json", input: input).checked()
            .jsonLines
        #expect(answers.compactMap { $0["text"]?.stringValue } == messages)
        let skills = try demo.skills()
        let right = try zip(messages, answers).count { text, answer in
            let label = answer["labels"]?.arrayValue?.first?["label"]?.stringValue ?? ""
            return try message(of: skills[label]?["match"]?["component"]) == text
        }
        #expect(right > messages.count / 2)
    }

    @Test("what a node prints is shown without effect, and as it was with --raw")
    func nodeOutput() throws {
        let folder = try TemporaryFolder()
        let text = Hostile.messages.joined(separator: "\n")
        try folder.write("text", text)
        try folder.write("w.yaml", "flow: 1\nname: w\nnodes: {say: {run: cat text; exit 3}}\n")
        let flow = Demo.flow(in: folder.path)
        let run = try flow("run", "w.yaml")
        #expect(run.exit == 1)
        let logs = try flow("logs", "last", "say").checked()
        let show = try flow("show", "last").checked()
        for result in [run, logs, show, try flow("events", "last")] {
            #expect(Hostile.effect(in: result.output) == nil, "\(result.words)")
            #expect(Hostile.effect(in: result.errors) == nil, "\(result.words)")
        }
        #expect(try flow("logs", "last", "say", "--raw").output == text)
    }

    @Test(
        "private text is in nothing that git, the state or the screen keeps of it, and the expressions match it masked and raw",
        .enabled(if: Python.isThere, "python3 is not installed"))
    func masked() throws {
        let raw = [
            "no account for eve@example.org at gate 7",
            "token ghp_abcdefghijklmnopqrstuvwxyz0123456789 was refused",
            "login failed: password=correct-horse-battery for shop",
            "card 4111 1111 1111 1111 was declined",
            "bad key -----BEGIN PRIVATE KEY-----MIIEvQIBADANBg-----END PRIVATE KEY-----",
            "cannot reach postgres://shop:blue-heron@db.example/shop",
            #"sent {\"api_key\": \"grey \\\" puffin\"} and got nothing"#,
            "customer Ada O'Byron (gold, late) has no address",
        ]
        let secrets = [
            "eve@", "ghp_", "correct-horse", "4111 1111", "MIIEvQ", "blue-heron", "puffin", "Byron",
        ]
        let demo = try Demo(messages: raw)
        try demo.write(
            "flow.yaml",
            "masks: [{name: customer, pattern: \"customer [A-Z][^(]+\\\\([a-z, ]+\\\\)\"}]\n")
        try demo.commitAll()
        try demo.integrate().checked()
        let proposals = try demo.proposals()
        #expect(proposals.count == raw.count)
        var cases: [JSON] = []
        for id in proposals {
            let path = try demo.document(ofProposal: id)
            let skill = try demo.document(path, at: "proposal/\(id)")
            let component = skill["match"]?["component"]?.stringValue ?? ""
            let number = try #require(Int(component.dropFirst(3)))
            let examples = skill["examples"]?.arrayValue ?? []
            #expect(examples.count == 1 && examples.first != .string(raw[number]))
            cases.append([
                "regex": skill["match"]?["message_regex"] ?? nil,
                "texts": .array(examples + [.string(raw[number])]),
            ])
        }
        let script = #"""
            import json, re, sys
            for line in sys.stdin:
                case = json.loads(line)
                print(json.dumps([t for t in case["texts"]
                    if not re.search(case["regex"], t, re.ASCII)]))
            """#
        #expect(try Python.run(script, cases) == cases.map { _ in [] })
        // All but the log itself, which the sample keeps in git.
        let log = ":(exclude)datasets/samples/app.jsonl"
        var kept = [try demo.git("log", "-p", "--all", "--format=fuller", "--", ".", log).output]
        for words in [
            ["events", "last"], ["logs", "last"], ["show", "last", "--json"],
            ["errors", "list", "--json"], ["errors", "list"], ["proposals", "list", "--json"],
        ] {
            kept.append(try demo.flow.run(words).checked().output)
        }
        for path in try demo.git("ls-files", "--others", "--ignored", "--exclude-standard").lines {
            kept.append(String(decoding: try Files.read(demo.at(path)), as: UTF8.self))
        }
        #expect(kept.count > 8)
        for secret in secrets {
            #expect(!kept.contains { $0.contains(secret) }, "\(secret)")
        }
    }

    @Test("outputs of any text reach the nodes behind as they were")
    func outputs() throws {
        let folder = try TemporaryFolder()
        for (number, message) in Hostile.messages.enumerated() where !message.contains("\0") {
            try folder.write("\(number).txt", message)
        }
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            nodes:
              give:
                run: |
                  for file in *.txt; do
                    printf 'o%s<<END_OF_IT\\n' "${file%.txt}" >> "$FLOW_OUTPUT"
                    cat "$file" >> "$FLOW_OUTPUT"
                    printf '\\nEND_OF_IT\\n' >> "$FLOW_OUTPUT"
                  done
              take:
                needs: give
                env: {ALL: "${{ toJSON(needs.give.outputs) }}"}
                run: printf '%s' "$ALL" > all.json
            """)
        let run = try Demo.flow(in: folder.path)("run", "w.yaml")
        #expect(run.exit == 0, "\(run)")
        let all = try JSON.read(Files.read(folder.at("all.json")))
        for (number, message) in Hostile.messages.enumerated() where !message.contains("\0") {
            #expect(all["o\(number)"]?.stringValue == message)
        }
    }
}
