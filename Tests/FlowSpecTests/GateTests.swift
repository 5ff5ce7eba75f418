import FlowJSON
import FlowSpec
import Testing

@Suite struct GateTests {
    private func gate(_ lines: String) throws -> (Node, Gate) {
        let node = try workflow(oneNode(lines)).nodes[0]
        guard case .approve(let gate) = node.work else { throw WrongWork() }
        return (node, gate)
    }

    private struct WrongWork: Error {}

    @Test("a gate without more waits for flow approve by anybody")
    func plain() throws {
        let (node, gate) = try gate("approve: {}")
        #expect(gate.via == [.cli] && gate.reviewers == [] && gate.quorum == 1)
        #expect(gate.timeout == nil && gate.onTimeout == .reject && gate.branches == nil)
        #expect(node.timeout == nil && node.outputs == [])
    }

    @Test("all keys of a gate are read, and its form's fields are its outputs")
    func full() throws {
        let text = """
            flow: 1
            defaults: {timeout: 5m}
            nodes:
              a: {run: x, outputs: {branches: {type: array}}}
              b:
                needs: a
                name: Sign off
                if: "!cancelled()"
                continue-on-error: true
                approve:
                  via: [cli, git-merge]
                  reviewers: [platform, ada]
                  quorum: 2
                  timeout: 7d
                  on-timeout: fail
                  branches: ${{ needs.a.outputs.branches }}
                  form:
                    note: {type: string, default: "", description: Why.}
                    keep: {type: integer, minimum: 1, enum: [1, 2]}
              c: {needs: b, run: [echo, "${{ needs.b.outputs.keep }}"]}
            """
        let node = try workflow(text).nodes[1]
        guard case .approve(let gate) = node.work else { throw WrongWork() }
        #expect(gate.via == [.cli, .gitMerge] && gate.reviewers == ["platform", "ada"])
        #expect(gate.quorum == 2 && gate.timeout == .seconds(7 * 86_400))
        #expect(gate.onTimeout == .fail && gate.form.map(\.name) == ["note", "keep"])
        #expect(gate.form[1].minimum == 1 && gate.form[1].allowed == [1, 2])
        #expect(node.outputs.map(\.name) == ["note", "keep"])
        #expect(node.outputs.map(\.kind) == [.string, .integer] && node.title == "Sign off")
        #expect(node.timeout == nil && node.retry == RetryPolicy())
        let context = EvaluationContext(
            values: ["needs": ["a": ["outputs": ["branches": ["x"]]]]])
        #expect(try gate.branches?.evaluate(in: context) == ["x"])
    }

    @Test(
        "branches are a list, a name or an expression",
        arguments: ["[release/1]", "release/1", "[\"release/${{ 1 }}\"]"])
    func branches(_ text: String) throws {
        let (_, gate) = try gate("approve: {via: git-merge, branches: \(text)}")
        #expect(try gate.branches?.evaluate(in: .init(values: [:])) == ["release/1"])
    }

    @Test(
        "each rule of a gate has its message at its place",
        arguments: [
            (
                "approve: true",
                "4:14 'approve' takes a mapping such as {via: [cli], reviewers: [platform]}, not "
                    + "true"
            ),
            (
                "approve: {via: http}",
                "4:20 'http' comes with flow's server, which this version has not; use cli or git-merge"
            ),
            (
                "approve: {via: [clli]}",
                "4:21 'via' takes cli, git-merge, not the text 'clli'; did you mean 'cli'?"
            ),
            ("approve: {via: []}", "4:20 'via' is empty, so that nobody could decide"),
            ("approve: {via: [cli, cli]}", "4:26 'cli' is named twice"),
            (
                "approve: {via: git-merge}",
                "4:20 'git-merge' needs 'branches': which must be merged, a list or an expression "
                    + "that gives one"
            ),
            ("approve: {branches: [x]}", "4:15 'branches' is for 'via: [git-merge]'"),
            ("approve: {via: git-merge, branches: []}", "4:41 'branches' is empty"),
            ("approve: {on-timeout: approve}", "4:15 'on-timeout' needs a 'timeout' beside it"),
            (
                "approve: {timeout: 1d, on-timeout: skip}",
                "4:40 'on-timeout' takes approve, reject, fail, not the text 'skip'"
            ),
            ("approve: {quorum: 0}", "4:23 'quorum' takes a whole number from 1 to 1000, not 0"),
            ("approve: {reviewers: [a, a]}", "4:30 'a' is named twice"),
            ("approve: {reviewers: [\" \"]}", "4:27 an element of 'reviewers' is empty"),
            ("approve: {form: [a]}", "4:21 'form' takes a mapping, not a list"),
            (
                "approve: {form: {n: {type: integer, default: x}}}",
                "4:50 'default' takes a whole number, not the text 'x'"
            ),
            (
                "approve: {form: {1n: {}}}",
                "4:22 '1n' is no name of a field: letters, digits, '_' and '-', a letter or '_' "
                    + "first"
            ),
            (
                "approve: {approvers: [a]}",
                "4:15 unknown key 'approvers'; flow calls it 'reviewers'"
            ),
            (
                "approve: {}\nrun: x",
                "4:5 'a' has both 'run' and 'approve'; a node does one thing"
            ),
            (
                "approve: {}\ntimeout: 7d",
                "5:5 a gate's 'timeout' stands inside 'approve': approve: {timeout: 7d}"
            ),
            (
                "approve: {}\noutputs: [x]",
                "5:5 a gate's outputs are the fields of its form; put them into 'form' inside "
                    + "'approve'"
            ),
            ("approve: {}\nwith: {a: 1}", "5:5 'with' is for 'uses'"),
            ("approve: {}\nshell: sh", "5:5 'shell' is for 'run'"),
        ])
    func rules(_ lines: String, _ expected: String) {
        #expect(mistakes(oneNode(lines)) == [expected])
    }

    @Test(
        "a gate has no key of a command",
        arguments: [
            "env: {A: b}", "env-pass: [A]", "retry: {}", "cache: {}", "pool: x", "executor: local",
            "resources: {}", "working-directory: x", "grace: 1s", "strategy: {matrix: {x: [1]}}",
        ])
    func commandKeys(_ line: String) {
        let name = line.prefix { $0 != ":" }
        #expect(
            mistakes(oneNode("approve: {}\n" + line)) == [
                "5:5 '\(name)' is for a command, and a gate starts none; leave it away"
            ])
    }

    @Test("an output that the form has not is a mistake where it is read")
    func outputs() {
        let text = """
            flow: 1
            nodes:
              a: {approve: {form: {note: {}}}}
              b: {needs: a, run: x, if: needs.a.outputs.nota == 'x'}
            """
        #expect(
            mistakes(text) == [
                "4:45 'nota' is an output that no action declares: 'a' has note; did you mean "
                    + "'note'?"
            ])
    }
}
