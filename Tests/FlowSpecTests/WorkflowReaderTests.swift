import FlowJSON
import FlowSpec
import Testing

@Suite struct WorkflowReaderTests {
    private static let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"

    static let sample = """
        # yaml-language-server: $schema=../docs/schema/workflow.schema.json
        flow: 1
        name: integrate
        description: One turn of the loop, from errors to a better model.

        on:
          schedule: [{cron: "0 2 * * *", timezone: UTC, catch-up: latest}]
          workflow: {mine: [success]}          # after mine has run

        params:
          min_hits:          {type: integer, default: 3, minimum: 1, description: Hits in 7 days.}
          retrain_threshold: {type: integer, default: 10, minimum: 1}
          errors:            {type: string, default: "datasets/samples/*"}
          many:              {type: integer, default: 20}

        defaults: {timeout: 10m, grace: 10s, retry: {max-attempts: 2, delay: 2s, factor: 2, max-delay: 1m, jitter: full}}

        nodes:
          mine:
            uses: skills/mine
            with: {source: "${{ params.errors }}", min-hits: "${{ params.min_hits }}"}

          propose:
            needs: mine
            if: needs.mine.outputs.count > 0
            uses: git/propose
            with: {skills: "${{ needs.mine.outputs.candidates }}"}

          review: {needs: propose, if: "!cancelled()", uses: skills/review}

          feedback: {needs: [review], if: "!failure()", uses: skills/feedback}
          dataset:  {needs: feedback, uses: dataset/sync, with: {changes: "${{ needs.feedback.outputs.changes }}"}}

          report:
            needs: [dataset, review]
            strategy:
              matrix: {team: "${{ needs.review.outputs.teams }}"}   # a list known only now
              key: ${{ matrix.team }}          # stable identity of a leg
              max-parallel: 4
              fail-fast: false
            run: ./bin/report "$TEAM"
            env: {TEAM: "${{ matrix.team }}"}
            continue-on-error: true

        outputs:
          changes: ${{ needs.feedback.outputs.changes }}
        """

    @Test("the sample of the language's page reads as it is meant")
    func sample() throws {
        let read = try workflow(Self.sample)
        #expect(read.name == "integrate")
        #expect(read.params.map(\.name) == ["min_hits", "retrain_threshold", "errors", "many"])
        #expect(
            read.nodes.map(\.id) == [
                "mine", "propose", "review", "feedback", "dataset", "report",
            ])
        #expect(read.triggers["schedule"]?.arrayValue?.first?["cron"] == "0 2 * * *")
        let report = read.nodes[5]
        #expect(report.needs == ["dataset", "review"])
        #expect(report.timeout == .seconds(600))
        #expect(report.retry.maxAttempts == 2 && report.retry.maxDelay == .seconds(60))
        #expect(report.matrix?.axes.map(\.name) == ["team"])
        #expect(report.line == 34)
        #expect(read.nodes[2].condition?.usesStatusFunction == true)
        #expect(read.nodes[1].condition?.usesStatusFunction == false)
        #expect(read.nodes[0].outputs.map(\.name) == ["count", "candidates"])
        guard case .script("./bin/report \"$TEAM\"", shell: .sh) = report.work else {
            Issue.record("report has another work")
            return
        }
    }

    @Test("twelve mistakes of one file are all reported, each at its column")
    func twelve() {
        let text = """
            flow: 2
            parms: {}
            params:
              n: {type: integer, default: "3"}
            nodes:
              1st: {run: echo}
              mine:
                uses: skills/mien
              b:
                needs: [mine, c]
                if: needs.mine.outputs.count > && 0
                run: echo ${{ params.n }}
              c:
                needs: b
                uses: skills/mine
                with: {source: x, min-hits: 0, windw: 1d}
                env: {N: "${{ params.m }}"}
                timeout: soon
              d: {run: "true", needs: mnie}
            """
        #expect(
            mistakes(text) == [
                "1:7 this file is written in version 2 of the language; this flow reads version 1",
                "2:1 unknown key 'parms'; did you mean 'params'?",
                "4:31 'default' takes a whole number, not the text '3'",
                "6:3 '1st' is no id of a node: letters, digits, '_' and '-', a letter or '_' first",
                "8:11 there is no action 'skills/mien'; did you mean 'skills/mine'?",
                "10:19 these nodes need each other in a circle: b -> c -> b",
                "11:36 the expression cannot be read: Unexpected symbol: '&&'",
                "12:15 an expression is not pasted into a script, where its value could run as "
                    + "code; put it in 'env' and write \"$N\"",
                "16:33 'min-hits' must be at least 1, not 0",
                "16:36 skills/mine has no input 'windw'; did you mean 'window'?",
                "17:26 there is no param 'm'",
                "18:14 'timeout' takes a length of time such as 90s, 10m or 1h30m, not the text "
                    + "'soon'",
                "19:27 there is no node 'mnie'; did you mean 'mine'?",
            ])
    }

    @Test("a mistake is shown with its line and a caret under it")
    func caret() throws {
        #expect {
            try workflow("flow: 1\nnodes:\n  a: {run: echo, tmeout: 3s}\n")
        } throws: {
            "\($0)" == """
                w.yaml:3:18: error: unknown key 'tmeout'; did you mean 'timeout'?
                  a: {run: echo, tmeout: 3s}
                                 ^~~~~~
                """
        }
    }

    @Test(
        "what is no workflow at all is one mistake",
        arguments: [
            ("", ["1:1 a workflow is a mapping that begins with 'flow: 1'"]),
            ("- a", ["1:1 a workflow is a mapping that begins with 'flow: 1'"]),
            (
                "{}",
                [
                    "1:1 'flow: 1' is missing, which says the version of the language",
                    "1:1 'nodes' is missing: a workflow has at least one node",
                ]
            ),
            ("flow: 1\nnodes: {}\n", ["2:8 a workflow has at least one node"]),
            (
                "flow: '1'\nnodes: {a: {run: x}}\n",
                ["1:7 'flow' takes the version 1, not the text '1'"]
            ),
            (
                "flow: 1\njobs: {}\nnodes: {a: {run: x}}\n",
                ["2:1 unknown key 'jobs'; flow calls it 'nodes'"]
            ),
        ])
    func noWorkflow(_ text: String, _ expected: [String]) {
        #expect(mistakes(text) == expected)
    }

    @Test("what is not YAML is shown where YAML ends")
    func notYAML() {
        #expect(mistakes("flow: 1\nnodes: [\n").count == 1)
        #expect(mistakes("flow: 1\nflow: 1\n").first?.hasPrefix("2:1 ") == true)
    }

    @Test(
        "each rule of a node has its message at its place",
        arguments: [
            ("name: x", "3:3 the node 'a' needs 'run', 'uses' or 'approve'"),
            (
                "run: x\nuses: skills/review",
                "5:5 'a' has both 'run' and 'uses'; a node does one thing"
            ),
            (
                "run: x\nwith: {a: 1}",
                "5:5 'with' is for 'uses'; a command is given values in 'env'"
            ),
            ("uses: skills/review\nshell: bash", "5:5 'shell' is for 'run'"),
            (
                "run: [a]\nshell: bash",
                "5:5 'shell' is for a text in 'run'; a list starts without one"
            ),
            ("run: ''", "4:10 'run' is empty"),
            ("run: {}", "4:10 'run' takes text or a list of texts, not a mapping"),
            ("run: []", "4:10 'run' is an empty list; the first element is the program"),
            ("run: x\nneeds: a", "5:12 'a' cannot need itself"),
            (
                "run: x\nneeds: {b: c}",
                "5:12 'needs' takes a name or a list of names, not a mapping"
            ),
            ("uses: skills/mine", "4:11 skills/mine needs the input 'source'; give it in 'with'"),
            (
                "uses: skills/mine\nwith: {source: x, mode: fats}",
                "5:29 'mode' takes one of 'fast', 'exact', not 'fats'; did you mean 'fast'?"
            ),
            (
                "run: x\nenv: {A-B: 1}",
                "5:11 'A-B' is no name of an environment variable: letters, "
                    + "digits and '_', no digit first"
            ),
            (
                "run: x\nenv: {FLOW_INPUT: 1}",
                "5:11 'FLOW_INPUT' is set by flow itself; choose another name"
            ),
            (
                "run: x\nenv: {A: [1]}",
                "5:14 an environment variable is text, not a list; write "
                    + "${{ toJSON(…) }} for structured values"
            ),
            ("run: x\ntimeout: 0s", "5:14 'timeout' must be more than 0"),
            (
                "run: x\ntimeout: 10",
                "5:14 'timeout' takes a length of time such as 90s, 10m or 1h30m, not 10; with its unit: 10s"
            ),
            ("run: x\ntimeout: ${{ params.t }}", "5:14 'timeout' takes no expression"),
            (
                "run: x\nretry: 3",
                "5:12 'retry' takes a mapping such as {max-attempts: 3, delay: 2s}, not 3"
            ),
            (
                "run: x\nretry: {max-attempts: 0}",
                "5:27 'max-attempts' takes a whole number from 1 to 1000, not 0"
            ),
            (
                "run: x\nretry: {on: [failure, exit:0]}",
                "5:27 'on' takes failure, timeout, signal or exit:N "
                    + "with N from 1 to 255, not 'exit:0'"
            ),
            (
                "run: x\nretry: {jitter: half}",
                "5:21 'jitter' takes none, full, not the text 'half'"
            ),
            (
                "run: x\ncontinue-on-error: maybe",
                "5:24 'continue-on-error' takes true or false, not the text 'maybe'"
            ),
            ("run: x\nworking-directory: ../..", "5:24 '../..' leads outside the repository"),
            ("run: x\nstrategy: {}", "5:15 'strategy' needs a 'matrix'"),
            (
                "run: x\nstrategy: {matrix: {a: \(Self.ten), b: \(Self.ten), c: \(Self.ten), d: \(Self.ten), e: \(Self.ten), f: \(Self.ten), g: [1, 2]}}",
                "5:15 the matrix has more than 1000000 legs: its axes are multiplied"
            ),
            (
                "run: x\nstrategy: {matrix: {x: 1}}",
                "5:28 the axis 'x' takes a list or an expression that "
                    + "gives one, not 1"
            ),
            (
                "run: x\nstrategy: {matrix: {x: [1]}, max-parallel: 0}",
                "5:48 'max-parallel' takes a whole "
                    + "number of at least 1, not 0"
            ),
            (
                "run: x\nstrategy: {matrix: {x: [1]}, key: leg}",
                "5:39 'key' tells the legs apart, so it "
                    + "needs an expression such as ${{ matrix.team }}"
            ),
            (
                "uses: skills/review\noutputs: [x]",
                "5:5 'outputs' is for 'run'; an action declares its own"
            ),
            (
                "run: x\noutputs: {n: {type: int}}",
                "5:25 'type' takes string, integer, number, boolean, "
                    + "duration, array, object, any, not the text 'int'"
            ),
            (
                "run: x\nif: success() &&",
                "5:19 the expression cannot be read: Unexpected end of expression: '&&'"
            ),
            ("run: x\nif:", "5:8 'if' is empty"),
            (
                "run: x\nif: ${{ true }} && false",
                "5:9 'if' is one expression; put all of it inside ${{ }}, "
                    + "or leave the marks away"
            ),
        ])
    func nodeRules(_ lines: String, _ expected: String) {
        #expect(mistakes(oneNode(lines)).first == expected)
        #expect(mistakes(oneNode(lines)).count == 1)
    }

    @Test("ids that differ in case only are refused")
    func ids() {
        #expect(
            mistakes("flow: 1\nnodes: {a: {run: x}, A: {run: y}}\n") == [
                "2:22 the id 'A' differs from 'a' in case only, and expressions do not look at case"
            ])
    }

    @Test("a circle is named in full once, at the first node's need")
    func circle() {
        let text = """
            flow: 1
            nodes:
              x: {run: x, needs: c}
              a: {run: x, needs: [x2, b]}
              x2: {run: x}
              b: {run: x, needs: c}
              c: {run: x, needs: a}
            """
        #expect(
            mistakes(text) == [
                "4:27 these nodes need each other in a circle: a -> b -> c -> a"
            ])
    }

    @Test("a chain of many nodes is read without recursion")
    func chain() throws {
        var text = "flow: 1\nnodes:\n  n0: {run: x}\n"
        for place in 1..<5_000 { text += "  n\(place): {run: x, needs: n\(place - 1)}\n" }
        #expect(try workflow(text).nodes.count == 5_000)
        text += "  last: {run: x, needs: [n0, last2]}\n  last2: {run: x, needs: last}\n"
        #expect(mistakes(text).count == 1)
    }

    @Test("a script keeps its text, and a literal ${{ is written $${{")
    func scripts() throws {
        let node = try workflow(oneNode("run: |\n  echo '$${{ x }}'\n  true\nshell: bash")).nodes[0]
        guard case .script("echo '${{ x }}'\ntrue\n", shell: .bash) = node.work else {
            Issue.record("\(node.work)")
            return
        }
    }

    @Test(
        "no expression reaches a shell as source",
        arguments: [
            ("run: |\n  echo one\n  echo ${{ params.a-b }} ${{ flow.now }}", ["6:12", "6:30"]),
            ("run: [sh, -c, 'echo ${{ flow.now }}']", ["4:25"]),
            ("run: [/bin/bash, -ec, '${{ flow.now }}']", ["4:28"]),
            ("run: [env, bash, -o, pipefail, -c, '${{ flow.now }}']", ["4:41"]),
            ("run: [python3, -c, '${{ flow.now }}']", ["4:25"]),
            ("run: [/usr/bin/python3.11, -Ic, '${{ flow.now }}']", ["4:38"]),
            ("run: [perl5.36, -E, 'say 1', '${{ flow.now }}']", ["4:35"]),
            ("run: [node18, --eval, '${{ flow.now }}']", ["4:28"]),
            ("run: [nodejs, '--eval=${{ flow.now }}']", ["4:27"]),
            ("run: [deno, eval, '${{ flow.now }}']", ["4:24"]),
            ("run: [php8.2, -r, '${{ flow.now }}']", ["4:24"]),
            ("run: [Rscript, -e, '${{ flow.now }}']", ["4:25"]),
            ("run: [ssh, host, 'rm ${{ flow.now }}']", ["4:26"]),
            ("run: [su, -c, '${{ flow.now }}']", ["4:20"]),
            ("run: [awk, -v, 'x=${{ flow.now }}', '{print x}', '${{ flow.now }}']", []),
            ("run: [gawk, -F, ',', '${{ flow.now }}', file]", ["4:27"]),
            ("run: [sed, -n, -e, p, -e, '${{ flow.now }}', '${{ flow.now }}']", ["4:32"]),
            ("run: [sed, '-es/${{ flow.now }}/x/', file]", ["4:21"]),
            ("run: [grep, -e, '${{ flow.now }}', ssh, sh]", []),
            ("run: [bash, script, '${{ flow.now }}']", []),
            ("run: [gawk, -i, inplace, '${{ flow.now }}', f]", ["4:31"]),
            ("run: [sed, '-nes/${{ flow.now }}/x/', f]", ["4:22"]),
            ("run: [sed, -e, p, -ne, '${{ flow.now }}']", ["4:29"]),
            ("run: [sed, -i.bak, p, '${{ flow.now }}']", []),
            ("run: [awk, --file=prog.awk, '${{ flow.now }}']", []),
            ("run: [sudo, -u, x, su, -c, '${{ flow.now }}']", ["4:33"]),
            ("run: [timeout, '10', ssh, h, '${{ flow.now }}']", ["4:35"]),
            ("run: [guile, -c, '${{ flow.now }}']", ["4:23"]),
            ("run: ['${{ flow.now }}', x]", ["4:12"]),
            ("run: echo ${{ x", ["4:15"]),
        ])
    func injection(_ lines: String, _ expected: [String]) {
        let found = mistakes(oneNode(lines)).map { String($0.prefix { $0 != " " }) }
        #expect(found == expected)
    }

    @Test("the fix of a pasted expression is written out")
    func fix() {
        #expect {
            try workflow(oneNode("run: echo ${{ flow.run-id }}"))
        } throws: { error in
            (error as? DiagnosticList)?.diagnostics.first?.note
                == "env: {RUN_ID: \"${{ flow.run-id }}\"} and \"$RUN_ID\" in the script; a literal "
                + "${{ is written $${{"
        }
    }

    @Test("in a list expressions stand in every element but the first")
    func arguments() throws {
        let node = try workflow(
            oneNode("run: [sleep, 5, '${{ flow.now }}', 'a ${{ flow.node }}', '$${{']")
        )
        .nodes[0]
        guard case .arguments(let arguments) = node.work, arguments.count == 5 else {
            Issue.record("\(node.work)")
            return
        }
        let context = EvaluationContext(values: ["flow": ["now": "T", "node": "a"]])
        let values = try arguments.map { try $0.evaluate(in: context) }
        #expect(values == ["sleep", "5", "T", "a a", "${{"])
    }

    @Test("retry and times of the node win over the defaults, field by field")
    func limits() throws {
        let text = """
            flow: 1
            defaults: {timeout: 1h30m, retry: {delay: 200ms, on: [failure, "exit:9"]}}
            nodes:
              a: {run: x, grace: 0s, retry: {max-attempts: 5}}
              b: {run: x, timeout: 7d}
            """
        let nodes = try workflow(text).nodes
        #expect(nodes[0].timeout == .seconds(5_400) && nodes[0].grace == .zero)
        #expect(nodes[0].retry.maxAttempts == 5 && nodes[0].retry.delay == .milliseconds(200))
        #expect(nodes[0].retry.causes == [.failure, .exit(9)])
        #expect(nodes[1].timeout == .seconds(7 * 86_400) && nodes[1].retry.maxAttempts == 3)
    }

    @Test("anchors and merge keys work, and a mistake in one is reported once")
    func anchors() throws {
        let text = """
            flow: 1
            nodes:
              a: &base {run: x, timeout: 3s}
              b: {<<: *base, needs: a}
            """
        #expect(try workflow(text).nodes[1].timeout == .seconds(3))
        let wrong = text.replacing("3s", with: "3x")
        #expect(mistakes(wrong).count == 1)
    }
}

extension String {
    fileprivate func replacing(_ piece: String, with other: String) -> String {
        split(separator: piece, omittingEmptySubsequences: false).joined(separator: other)
    }
}
