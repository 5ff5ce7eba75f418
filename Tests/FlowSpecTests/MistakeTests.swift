import FlowJSON
import FlowSpec
import Testing

/// Mistakes as people make them: each is shown at its place and says how to mend it.
@Suite struct MistakeTests {
    static let nodes: [(keys: String, mistakes: [String])] = [
        (
            "run: echo\nretry: {backoff: 2, attempts: 3}",
            [
                "5:13 unknown key 'backoff'; flow calls it 'factor'",
                "5:25 unknown key 'attempts'; flow calls it 'max-attempts'",
            ]
        ),
        (
            "run: echo\nresources: {disk: 3, memory: 4GB}",
            [
                "5:17 unknown key 'disk'; there are cpus, memory, gpus",
                "5:34 'memory' takes a number of bytes such as 512M, 4G or 1Gi, not the text '4GB'; "
                    + "write 4G",
            ]
        ),
        (
            "run: echo\ntimeout: 5",
            [
                "5:14 'timeout' takes a length of time such as 90s, 10m or 1h30m, not 5; with its "
                    + "unit: 5s"
            ]
        ),
        (
            "run: echo\nstrategy: {matrix: {k: [1], K: [2]}}",
            ["5:33 the axis 'K' differs from 'k' in case only, and expressions do not look at case"]
        ),
        (
            "if: needs.x.outputs.y + 1\nrun: echo",
            [
                "4:27 the expression cannot be read: Unexpected symbol: '+'; there is no arithmetic "
                    + "in expressions"
            ]
        ),
        (
            "if: params.x == \"a\"\nrun: echo",
            [
                "4:21 the expression cannot be read: Unexpected symbol: '\"a\"'; text stands in "
                    + "single quotes"
            ]
        ),
        (
            "if: params.x = 'a'\nrun: echo",
            [
                "4:18 the expression cannot be read: Unexpected symbol: '='; two values are "
                    + "compared with =="
            ]
        ),
        (
            "if: params.x & true\nrun: echo",
            [
                "4:18 the expression cannot be read: Unexpected symbol: '&'; conditions are joined "
                    + "with && and ||"
            ]
        ),
        (
            "if: staging == 'a'\nrun: echo",
            [
                "4:9 there is no context 'staging'; 'if' may read params, needs, env, flow; text "
                    + "stands in single quotes"
            ]
        ),
        (
            "approve: {form: {n: {type: int}, m: {type: bool}}}",
            ["int", "bool"].enumerated().map { place, type in
                "4:\([32, 48][place]) 'type' takes string, integer, number, boolean, duration, array, "
                    + "object, any, not the text '\(type)'; did you mean "
                    + "'\(["integer", "boolean"][place])'?"
            }
        ),
    ]

    @Test("what is wrong in a node is said with what to write", arguments: nodes)
    func node(_ keys: String, _ expected: [String]) {
        #expect(mistakes(oneNode(keys)) == expected)
    }

    @Test(
        "what is wrong beside the nodes too",
        arguments: [
            (
                "params: {n: {type: integer, min: 1, options: [1]}}",
                [
                    "2:29 unknown key 'min'; flow calls it 'minimum'",
                    "2:37 unknown key 'options'; flow calls it 'enum'",
                ]
            ),
            (
                "params: {host: {}, Host: {}}",
                [
                    "2:20 the param 'Host' differs from 'host' in case only, and expressions do not "
                        + "look at case"
                ]
            ),
            (
                "on: {pull_request: {}}",
                ["2:6 unknown key 'pull_request'; there are schedule, workflow"]
            ),
        ])
    func workflow(_ line: String, _ expected: [String]) {
        #expect(mistakes("flow: 1\n\(line)\nnodes: {a: {run: echo}}\n") == expected)
    }

    // MARK: Warnings

    private static func warnings(_ text: String) throws -> [String] {
        try FlowSpecTests.workflow(text).allWarnings.map { "\($0.line):\($0.column) \($0.message)" }
    }

    @Test(
        "what works, and is hardly what was meant, is a warning",
        arguments: [
            (
                "strategy: {matrix: {k: [1, 2]}, exclude: [{k: 3}, {j: 1}, {k: 2}]}",
                [
                    "5:51 this excludes nothing: the axis 'k' has no value 3",
                    "5:56 this excludes nothing: the matrix has no axis 'j'",
                ]
            ),
            ("strategy: {matrix: {k: \"${{ params.x }}\"}, exclude: [{k: 3}]}", []),
            ("strategy: {matrix: {k: [1]}, exclude: [{k: \"${{ params.x }}\"}]}", []),
            (
                "cache: {inputs: [.git/HEAD, src/**], outputs: [a/.flow/x]}",
                [
                    "5:22 this glob matches nothing: what is in .git never counts",
                    "5:52 this glob matches nothing: what is in .flow never counts",
                ]
            ),
            (
                "cache: {inputs: ['!a', '{a,b}.c', ' a', 'src/{{x}'], key: '{a,b}'}",
                [
                    "5:22 '!' excludes nothing here: it means a file whose name begins with it",
                    "5:28 braces mean themselves here: write one glob for each alternative",
                    "5:39 blanks around a glob belong to the name of the file",
                    "5:45 braces mean themselves here: write one glob for each alternative",
                ]
            ),
        ])
    func warned(_ line: String, _ expected: [String]) throws {
        let text = "params: {x: {type: array, default: []}}\n"
        let node = oneNode("run: echo\n\(line)").dropFirst("flow: 1\n".count)
        let found = try Self.warnings("flow: 1\n" + node + text)
        #expect(found == expected)
    }

    @Test("a warning is shown as one, and stands among the mistakes where there are some")
    func shown() {
        let text = oneNode("run: echo\ncache: {inputs: [.git/x]}\nneed: x")
        do throws(DiagnosticList) {
            _ = try FlowSpecTests.workflow(text)
            Issue.record("there is a mistake")
        } catch {
            #expect(error.diagnostics.map(\.severity) == [.warning, .error])
            #expect(error.diagnostics[0].description.hasPrefix("w.yaml:5:22: warning: this glob"))
            #expect(error.diagnostics[0].json["severity"] == "warning")
            #expect(error.diagnostics[1].json["severity"] == nil)
        }
    }

    @Test("of a pool with two sizes the larger is pointed at, and where the smaller stands is said")
    func pools() {
        func file(_ path: String, _ pools: String) -> WorkflowFile {
            WorkflowFile(path: path, bytes: Array("flow: 1\npools: \(pools)\n".utf8))
        }
        let found = PoolSizes.warnings(
            [file("a.yaml", "{git: 3, db: 2, own: 1}"), file("b.yaml", "{git: 1}")],
            among: [
                file("c.yaml", "{git: 2, db: 2, other: 5}"), file("d.yaml", "{other: 1}"),
                file("e.yaml", "[broken"),
            ])
        #expect(
            found.map { "\($0.file):\($0.line):\($0.column) \($0.message.prefix(50))" } == [
                "a.yaml:2:14 the pool 'git' has 3 places here and 1 in b.yaml:2",
                "c.yaml:2:14 the pool 'git' has 2 places here and 1 in b.yaml:2",
            ])
        #expect(
            PoolSizes.warnings([file("d.yaml", "{x: 1}")], among: [file("e.yaml", "{y: 2}")]) == [])
    }
}
