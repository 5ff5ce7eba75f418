import FlowJSON
import FlowSpec
import Testing

/// `secrets`, `env-pass`, `concurrency`, `pools`, `resources`, `executor`, `cache`, `batch`.
@Suite struct SharedTests {
    private func whole(_ lines: String, node: String = "run: x") -> String {
        "flow: 1\n\(lines)\nnodes:\n  a:\n"
            + node.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    @Test("secrets are declared by the workflow, listed by the node and read in its env")
    func secrets() throws {
        let read = try workflow(
            whole(
                "secrets: [TOKEN, KEY]",
                node: "run: x\nsecrets: TOKEN\nenv: {T: \"${{ secrets.token }}\"}"))
        #expect(read.secrets == ["TOKEN", "KEY"] && read.allSecrets == ["TOKEN", "KEY"])
        #expect(read.nodes[0].secrets == ["TOKEN"])
    }

    @Test("a secret may be said to be optional; without a word it is required")
    func optionalSecrets() throws {
        let read = try workflow(
            whole("secrets: {A: {required: false}, B: {required: true}, C: {}, D: }"))
        #expect(read.secrets == ["A", "B", "C", "D"] && read.optionalSecrets == ["A"])
        #expect(read.requiredSecrets == ["B", "C", "D"])
    }

    @Test(
        "a mistake in what is said of a secret is shown where it is",
        arguments: [
            ("{A: {required: no}}", "2:25 'required' is true or false, not the text 'no'"),
            ("{A: {optional: true}}", "2:15 unknown key 'optional'"),
            ("{A: false}", "2:14 the secret 'A' takes a mapping, not false"),
            ("{A-B: {}}", "2:11 'A-B' is no"),
        ])
    func mistakenSecrets(_ secrets: String, _ message: String) {
        let found = mistakes(whole("secrets: \(secrets)"))
        #expect(found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test(
        "a secret is read nowhere else",
        arguments: [
            (
                "run: x\nif: secrets.A == 'x'",
                "6:9 'secrets' can be read in a node's 'env' only, not in 'if'"
            ),
            (
                "uses: skills/mine\nwith: {source: \"${{ secrets.A }}\"}",
                "6:25 'secrets' can be read in a node's 'env' only, not in 'with'"
            ),
            (
                "run: x\ncache: {key: \"${{ secrets.A }}\"}",
                "6:23 'secrets' can be read in a node's 'env' only, not in 'cache'"
            ),
            (
                "run: [echo, \"${{ secrets.A }}\"]",
                "5:22 'secrets' can be read in a node's 'env' only, not in 'run'"
            ),
            (
                "run: x\nworking-directory: ${{ secrets.A }}",
                "6:28 'secrets' can be read in a node's 'env' only, not in 'working-directory'"
            ),
            (
                "run: x\ncontinue-on-error: ${{ secrets.A }}",
                "6:28 'secrets' can be read in a node's 'env' only, not in 'continue-on-error'"
            ),
            (
                "run: x\nstrategy: {matrix: {x: \"${{ secrets.A }}\"}}",
                "6:33 'secrets' can be read in a node's 'env' only, not in 'strategy'"
            ),
            (
                "approve: {via: git-merge, branches: \"${{ secrets.A }}\"}",
                "5:46 'secrets' can be read in a node's 'env' only, not in 'branches'"
            ),
            (
                "run: x\nenv: {B: \"${{ secrets.B }}\"}",
                "6:27 'B' is not among the secrets of 'a'; add it to the node's 'secrets'"
            ),
            (
                "run: x\nenv: {B: \"${{ toJSON(secrets) }}\"}",
                "6:26 a secret is read by its name, such as secrets.TOKEN"
            ),
            (
                "run: x\nenv: {B: \"${{ secrets[flow.node] }}\"}",
                "6:19 a secret is read by its name, such as secrets.TOKEN"
            ),
        ])
    func elsewhere(_ node: String, _ expected: String) {
        let declared = node.hasPrefix("approve") ? node : node + "\nsecrets: [A]"
        #expect(mistakes(whole("secrets: [A]", node: declared)) == [expected])
    }

    @Test(
        "each rule of the workflow's keys has its message at its place",
        arguments: [
            ("secrets: [A, A]", "2:14 'A' is named twice"),
            (
                "secrets: [A-B]",
                "2:11 'A-B' is no name of an environment variable: letters, digits and '_', no "
                    + "digit first"
            ),
            (
                "env: {A: \"${{ secrets.A }}\"}",
                "2:15 'secrets' can be read in a node's 'env' only, not in the workflow's 'env'"
            ),
            (
                "outputs: {a: \"${{ secrets.A }}\"}",
                "2:19 'secrets' can be read in a node's 'env' only, not in 'outputs'"
            ),
            ("pools: [git]", "2:8 'pools' takes a mapping, not a list"),
            (
                "pools: {git: 0}",
                "2:14 the pool 'git' takes a whole number of at least 1, not 0"
            ),
            (
                "pools: {a b: 1}",
                "2:9 'a b' is no name of a pool: letters, digits, '_' and '-', a letter or '_' "
                    + "first"
            ),
            (
                "concurrency: [a]",
                "2:14 'concurrency' takes a name or a mapping such as {group: skills, "
                    + "on-conflict: queue}, not a list"
            ),
            ("concurrency: ''", "2:14 a group has a name"),
            ("concurrency: {}", "2:14 'group' is missing, the name that runs share"),
            (
                "concurrency: {group: a, on-conflict: later}",
                "2:38 'on-conflict' takes queue, cancel, fail, not the text 'later'"
            ),
            (
                "concurrency: {group: a, cancel-in-progress: true}",
                "2:25 unknown key 'cancel-in-progress'; flow calls it 'on-conflict: cancel'"
            ),
            (
                "concurrency: \"${{ needs.a.result }}\"",
                "2:19 'needs' is not available in 'concurrency', where there are only params, flow"
            ),
        ])
    func workflowRules(_ line: String, _ expected: String) {
        #expect(mistakes(whole(line)) == [expected])
    }

    @Test("concurrency is a name or a group with what happens on a conflict")
    func concurrency() throws {
        let plain = try workflow(whole("concurrency: skills")).concurrency
        #expect(plain?.onConflict == .queue)
        let read = try workflow(
            whole("concurrency: {group: \"s-${{ flow.branch }}\", on-conflict: cancel}")
        ).concurrency
        let context = EvaluationContext(values: ["flow": ["branch": "main"]])
        #expect(read?.onConflict == .cancel)
        #expect(try read?.group.evaluate(in: context) == "s-main")
        #expect(try plain?.group.evaluate(in: context) == "skills")
    }

    @Test("what a node asks for is read")
    func nodeKeys() throws {
        let read = try workflow(
            whole(
                "pools: {git: 2}\nparams: {d: {default: src}}",
                node: """
                    run: x
                    pool: git
                    executor: local
                    env-pass: [SSH_AUTH_SOCK, EDITOR]
                    resources: {cpus: 2, memory: 4Gi, gpus: 1}
                    cache: {inputs: ["${{ params.d }}/**", a/b.c], outputs: out, key: [1, "${{ params.d }}"]}
                    """))
        let node = read.nodes[0]
        #expect(
            read.pools.map(\.name) == ["git"] && read.pools.map(\.size) == [2] && node.pool == "git"
        )
        #expect(node.envPass == ["SSH_AUTH_SOCK", "EDITOR"])
        #expect(node.resources == Resources(cpus: 2, memory: 4 << 30, gpus: 1))
        let context = EvaluationContext(values: ["params": ["d": "src"]])
        let cache = try #require(node.cache)
        #expect(try cache.inputs.map { try $0.evaluate(in: context) } == ["src/**", "a/b.c"])
        #expect(try cache.outputs.map { try $0.evaluate(in: context) } == ["out"])
        #expect(try cache.key?.evaluate(in: context) == [1, "src"])
        let plain = try workflow(whole("name: w")).nodes[0]
        #expect(plain.resources == Resources() && plain.cache == nil && plain.pool == nil)
    }

    @Test(
        "a number of bytes has a unit of 1,000 or of 1,024, or none",
        arguments: [
            ("512M", 512_000_000), ("4G", 4_000_000_000), ("1Gi", 1 << 30), ("7", 7),
            ("2Ki", 2_048), ("1T", 1_000_000_000_000),
        ])
    func bytes(_ text: String, _ expected: Int) throws {
        let node = try workflow(oneNode("run: x\nresources: {memory: \(text)}")).nodes[0]
        #expect(node.resources.memory == expected)
    }

    @Test(
        "each rule of a node's keys has its message at its place",
        arguments: [
            (
                "secrets: [B]",
                "5:15 'B' is not among the workflow's secrets; declare it there: secrets: [B]"
            ),
            (
                "env-pass: [GITHUB_ENV]",
                "5:16 'GITHUB_ENV' is never handed to a node: what is written there changes the "
                    + "steps of the job after flow"
            ),
            (
                "env-pass: ACTIONS_RUNTIME_TOKEN",
                "5:15 'ACTIONS_RUNTIME_TOKEN' is never handed to a node: it belongs to the runner "
                    + "of GitHub Actions and opens its services"
            ),
            (
                "env-pass: [A, GITHUB_TOKEN]",
                "5:19 'GITHUB_TOKEN' is never handed to a node: a token is a secret; declare it in "
                    + "'secrets' and give it to the node in 'env'"
            ),
            (
                "env-pass: [FLOW_RUN_ID]",
                "5:16 'FLOW_RUN_ID' is set by flow itself and cannot be passed"
            ),
            (
                "env-pass: [1A]",
                "5:16 '1A' is no name of an environment variable: letters, digits and '_', no "
                    + "digit first"
            ),
            (
                "pool: git",
                "5:11 there is no pool 'git'; declare it in the workflow's 'pools' with its places"
            ),
            ("pool: \"${{ flow.node }}\"", "5:12 'pool' takes no expression"),
            (
                "executor: slurm",
                "5:15 there is no executor 'slurm' in this version of flow; it has 'local', which "
                    + "starts commands on this machine"
            ),
            (
                "resources: 2",
                "5:16 'resources' takes a mapping such as {cpus: 2, memory: 4G}, not 2"
            ),
            (
                "resources: {cpus: 0.5}",
                "5:23 'cpus' takes a whole number of at least 1, not 0.5"
            ),
            ("resources: {gpus: -1}", "5:23 'gpus' takes a whole number of at least 0, not -1"),
            ("resources: {cpu: 1}", "5:17 unknown key 'cpu'; did you mean 'cpus'?"),
            (
                "resources: {memory: 4GB}",
                "5:25 'memory' takes a number of bytes such as 512M, 4G or 1Gi, not the text '4GB'; "
                    + "write 4G"
            ),
            (
                "resources: {memory: 0}",
                "5:25 'memory' takes a number of bytes such as 512M, 4G or 1Gi, not 0"
            ),
            (
                "cache: true",
                "5:12 'cache' takes a mapping such as {inputs: [\"src/**\"], outputs: [build/app]}, "
                    + "not true"
            ),
            ("cache: {path: x}", "5:13 unknown key 'path'; flow calls it 'outputs'"),
            (
                "cache: {inputs: [/etc/passwd]}",
                "5:22 a glob is a path beneath the repository, without '/' before it and without "
                    + "'..', not '/etc/passwd'"
            ),
            (
                "cache: {outputs: \"${{ flow.node }}/../x\"}",
                "5:22 a glob is a path beneath the repository, without '/' before it and without "
                    + "'..', not '${{ flow.node }}/../x'"
            ),
            ("cache: {inputs: ['']}", "5:22 a glob is not empty"),
            (
                "cache: {inputs: {a: b}}",
                "5:21 'inputs' takes a glob or a list of globs, not a mapping"
            ),
            (
                "cache: {key: \"${{ env.A }}\"}",
                "5:23 'env' is not available in 'cache', where there are only params, needs, "
                    + "matrix, strategy, flow"
            ),
            ("concurrency: x", "5:5 unknown key 'concurrency'; flow calls it 'pool'"),
            (
                "strategy: {matrix: {x: [1]}, batch: 0}",
                "5:41 'batch' takes a whole number of at least 1, not 0"
            ),
            (
                "strategy: {matrix: {x: [1]}, batch: many}",
                "5:41 'batch' takes a whole number of at least 1, not the text 'many'"
            ),
            (
                "strategy: {matrix: {x: [1], y: [2]}, batch: 3}",
                "5:42 'batch' cuts the list of one axis into pieces, and this matrix has 2 axes"
            ),
            (
                "strategy: {matrix: {x: [1], include: [{y: 1}]}, batch: 3}",
                "5:53 'batch' cuts the list of one axis into pieces, so it goes without 'include' "
                    + "and 'exclude'"
            ),
            (
                "strategy: {matrix: {x: [1]}, exclude: [{x: 1}], batch: 3}",
                "5:53 'batch' cuts the list of one axis into pieces, so it goes without 'include' "
                    + "and 'exclude'"
            ),
        ])
    func nodeRules(_ line: String, _ expected: String) {
        #expect(mistakes(oneNode("run: x\n" + line)) == [expected])
    }

    @Test("a batch is a number or an expression")
    func batch() throws {
        for text in ["50", "\"${{ params.n }}\""] {
            let read = try workflow(
                whole(
                    "params: {n: {type: integer, default: 5}}",
                    node: "run: x\nstrategy: {matrix: {x: [1, 2]}, batch: \(text)}"))
            #expect(read.nodes[0].matrix?.batch != nil)
        }
    }

    @Test("a declared name that is nearly right is suggested")
    func nearest() {
        let text = whole(
            "secrets: [TOKEN]\npools: {upload: 1}", node: "run: x\npool: uplod\nsecrets: [TOKN]")
        #expect(
            mistakes(text) == [
                "7:11 there is no pool 'uplod'; did you mean 'upload'?",
                "8:15 'TOKN' is not among the workflow's secrets; did you mean 'TOKEN'?",
            ])
    }
}
