import FlowSpec
import Testing

/// `flow.yaml`.
@Suite struct RepositorySettingsTests {
    @Test("all settings are read")
    func all() throws {
        let text = """
            default-branch: main
            remote: upstream
            identity: {name: flow, email: flow@example.org}
            owners: [platform]
            approvers: ada
            publish: pull-request
            state: .cache/flow
            masks:
              - {name: order, pattern: "ORD-[A-Z]+"}
              - name: part-2
                pattern: '\\d{4}-\\d{4}'
            models: {store: git}
            github: {labels: [flow, skills], reviewers: [ada]}
            """
        let settings = try RepositorySettings(Array(text.utf8))
        #expect(settings.defaultBranch == "main" && settings.remote == "upstream")
        #expect(settings.identity?.name == "flow" && settings.identity?.email == "flow@example.org")
        #expect(settings.owners == ["platform"] && settings.approvers == ["ada"])
        #expect(settings.publication == .pullRequest && settings.state == ".cache/flow")
        #expect(
            settings.masks == [
                .init(name: "order", pattern: "ORD-[A-Z]+"),
                .init(name: "part-2", pattern: #"\d{4}-\d{4}"#),
            ])
        #expect(settings.modelStore == .git)
        #expect(settings.labels == ["flow", "skills"] && settings.reviewers == ["ada"])
    }

    @Test("tools: a script or a program, what it prints, and what it sees of the environment")
    func tools() throws {
        let text = """
            tools:
              read_file: {run: 'cat "$path"', output: text}
              deploy: {run: [./bin/deploy, --all], env-pass: [TOKEN]}
            """
        let tools = try RepositorySettings(Array(text.utf8)).tools
        #expect(tools.count == 2)
        #expect(tools["read_file"]?.work == .script("cat \"$path\""))
        #expect(tools["read_file"]?.output == .text)
        #expect(tools["deploy"]?.work == .command(["./bin/deploy", "--all"]))
        #expect(tools["deploy"]?.environment == ["TOKEN"] && tools["deploy"]?.output == .auto)
    }

    @Test(
        "what is not there, or has nothing after it, is not set",
        arguments: [
            "", "# nothing\n", "remote:\nmasks:\ngithub:\nidentity:\npublish:\nowners:\nmodels:\n",
            "models: {store: local}", "models: {store: }",
        ])
    func none(_ text: String) throws {
        #expect(try RepositorySettings(Array(text.utf8)) == RepositorySettings())
    }

    @Test(
        "each mistake has its message at its place",
        arguments: [
            ("- a", "1:1 flow.yaml takes a mapping, not a list"),
            ("[", "1:2 expected a value here"),
            (
                "defualt-branch: x",
                "1:1 unknown key 'defualt-branch'; did you mean 'default-branch'?"
            ),
            ("labels: [x]", "1:1 unknown key 'labels'; flow calls it 'github: {labels}'"),
            ("remote: [a]", "1:9 'remote' takes text, not a list"),
            ("remote: ''", "1:9 'remote' is empty"),
            ("tools: {a: x}", "1:12 the tool 'a' takes a mapping, not the text 'x'"),
            (
                "tools: {a: {}}",
                "1:12 the tool 'a' needs 'run': a script, or a program and its arguments"
            ),
            (
                "tools: {a: {run: []}}",
                "1:18 'run' is an empty list; the first element is the program"
            ),
            (
                "tools: {a: {command: x, run: y}}",
                "1:13 unknown key 'command'; flow calls it 'run'"
            ),
            (
                "tools: {a: {run: 'x ${{ y }}'}}",
                "1:21 there are no expressions in 'run' of a tool; an argument is written \"$name\""
            ),
            (
                "identity: {name: x}",
                "1:11 'identity' needs a name and an email; 'email' is missing"
            ),
            ("identity: x", "1:11 'identity' takes a mapping, not the text 'x'"),
            (
                "models: {store: gti}",
                "1:17 'store' takes local, git, not the text 'gti'; did you mean 'git'?"
            ), ("models: git", "1:9 'models' takes a mapping, not the text 'git'"),
            (
                "publish: pull_request",
                "1:10 'publish' takes commit, pull-request, not the text 'pull_request'; did you "
                    + "mean 'pull-request'?"
            ),
            ("owners: {a: b}", "1:9 'owners' takes a name or a list of names, not a mapping"),
            ("approvers: [a, a]", "1:16 'a' is named twice"),
            ("owners: ['']", "1:10 an element of 'owners' is empty"),
            (
                "state: /var/flow",
                "1:8 '/var/flow' leads outside the repository; a folder elsewhere is named by the "
                    + "environment variable FLOW_STATE"
            ),
            (
                "masks: a+",
                "1:8 'masks' takes a list of masks, each with a name and a pattern, not the text 'a+'"
            ),
            (
                "masks: [a+]",
                "1:9 a mask is written {name: order, pattern: 'ORD-[A-Z]+'}, not the text 'a+'"
            ),
            (
                "masks: [{name: a}]",
                "1:9 a mask needs a name and a pattern; 'pattern' is missing"
            ),
            (
                "masks: [{name: a, pattern: x, regex: y}]",
                "1:31 unknown key 'regex'; flow calls it 'pattern'"
            ),
            (
                "masks: [{name: Order, pattern: x}]",
                "1:16 'Order' is no name of a mask: small letters, digits and '-', a letter first, 32 "
                    + "at most"
            ),
            (
                "masks: [{name: a, pattern: 'x*'}]",
                "1:28 the pattern may match no text at all, which is everywhere; ask for one "
                    + "character at least, such as with '+' in place of '*'"
            ),
            (
                "masks: [{name: a, pattern: x}, {name: a, pattern: y}]",
                "1:32 the mask 'a' is there twice"
            ),
            (
                "github: {label: [x]}",
                "1:10 unknown key 'label'; did you mean 'labels'?"
            ),
        ])
    func mistakes(_ text: String, _ expected: String) {
        #expect { try RepositorySettings(Array(text.utf8)) } throws: { error in
            (error as? DiagnosticList)?.diagnostics.map { "\($0.line):\($0.column) \($0.message)" }
                == [expected]
        }
    }

    @Test("a mask is of the dialect that is matched in linear time")
    func masks() {
        let text = "masks: [{name: a, pattern: (x)\\1}]"
        #expect { try RepositorySettings(Array(text.utf8)) } throws: { error in
            let found = (error as? DiagnosticList)?.diagnostics.first
            return found?.column == 28
                && found?.message.hasPrefix("the pattern cannot be used: ") == true
        }
    }

    @Test("there are not more masks than are quickly tried")
    func many() {
        let masks = (0...RepositorySettings.mostMasks).map { "  - {name: m\($0), pattern: x}\n" }
        #expect { try RepositorySettings(Array(("masks:\n" + masks.joined()).utf8)) } throws: {
            error in
            let found = (error as? DiagnosticList)?.diagnostics
            return found?.count == 1 && found?.first?.line == RepositorySettings.mostMasks + 2
                && found?.first?.message.hasPrefix("there are 33 masks, more than 32") == true
        }
    }
}
