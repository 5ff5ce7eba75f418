import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

/// `uses: ./other.yaml`.
@Suite struct SubWorkflowTests {
    private static let other = """
        flow: 1
        name: deploy
        params:
          host: {type: string}
          tries: {type: integer, default: 3, minimum: 1}
        secrets: [TOKEN]
        pools: {ssh: 2}
        concurrency: deploys
        nodes:
          build: {run: x, outputs: [n]}
        outputs: {n: "${{ needs.build.outputs.n }}", host: "${{ params.host }}"}
        """

    private func using(_ lines: String, _ reference: String = "./other.yaml") -> String {
        oneNode("uses: \(reference)\n" + lines)
    }

    /// `file:line:column message` of every mistake.
    private func mistakes(_ text: String, _ files: [String: String]) -> [String] {
        do throws(DiagnosticList) {
            _ = try workflow(text, files: files)
            return []
        } catch {
            return error.diagnostics.map { "\($0.file):\($0.line):\($0.column) \($0.message)" }
        }
    }

    @Test("a workflow stands as one node with its params and outputs")
    func plain() throws {
        let text =
            "secrets: [KEY, TOKEN]\npools: {ssh: 3, git: 1}\n"
            + using("with: {host: \"${{ flow.branch }}\", tries: 2}\nname: Deploy")
            + "  b: {needs: a, run: [echo, \"${{ needs.a.outputs.n }}\"]}\n"
        let read = try workflow(text, files: ["other.yaml": Self.other])
        guard case .workflow(let part, with: let with) = read.nodes[0].work else {
            Issue.record("\(read.nodes[0].work)")
            return
        }
        #expect(part.reference == "./other.yaml" && part.workflow.name == "deploy")
        #expect(part.workflow.file == "other.yaml" && part.source == Array(Self.other.utf8))
        #expect(read.nodes[0].outputs.map(\.name) == ["n", "host"])
        #expect(read.nodes[0].title == "Deploy" && read.nodes[0].timeout == nil)
        let values = try with.evaluate(in: .init(values: ["flow": ["branch": "main"]]))
        #expect(part.checked(params: values).params == ["host": "main", "tries": 2])
        #expect(
            part.checked(params: ["tries": "0", "hots": 1]).mistakes == [
                "./other.yaml has no param 'hots'; did you mean 'host'?",
                "'host' is required and has no value", "'tries' must be at least 1, not 0",
            ])
        #expect(read.allSecrets == ["KEY", "TOKEN"])
        #expect(read.allPools.map { "\($0.name)=\($0.size)" } == ["ssh=2", "git=1"])
        #expect(read.everyWorkflow.map(\.name) == ["w", "deploy"])
    }

    @Test(
        "each rule of a workflow as a node has its message at its place",
        arguments: [
            ("", "w.yaml:4:11 ./other.yaml needs the param 'host'; give it in 'with'"),
            (
                "with: {host: x, tires: 1}",
                "w.yaml:5:21 ./other.yaml has no param 'tires'; did you mean 'tries'?"
            ),
            ("with: {host: x, tries: 0}", "w.yaml:5:28 'tries' must be at least 1, not 0"),
            ("with: {host: }", "w.yaml:5:18 'host' is required"),
            (
                "with: {host: x}\nneeds: a2",
                "w.yaml:6:12 there is no node 'a2'"
            ),
            (
                "with: {host: x}\nenv: {A: b}",
                "w.yaml:6:5 'env' is for a command; put it into the nodes of ./other.yaml"
            ),
            (
                "with: {host: x}\ntimeout: 3s",
                "w.yaml:6:5 'timeout' is for a command; put it into the nodes of ./other.yaml"
            ),
            (
                "with: {host: x}\nretry: {}",
                "w.yaml:6:5 'retry' is for a command; put it into the nodes of ./other.yaml"
            ),
            (
                "with: {host: x}\ncache: {}",
                "w.yaml:6:5 'cache' is for a command; put it into the nodes of ./other.yaml"
            ),
            (
                "with: {host: x}\nshell: sh",
                "w.yaml:6:5 'shell' is for 'run'"
            ),
            (
                "with: {host: x}\noutputs: [n]",
                "w.yaml:6:5 the outputs of a workflow as a node are declared in ./other.yaml"
            ),
        ])
    func rules(_ lines: String, _ expected: String) {
        #expect(mistakes(using(lines), ["other.yaml": Self.other]) == [expected])
    }

    @Test("an output that the workflow has not is a mistake where it is read")
    func outputs() {
        let text = using("with: {host: x}") + "  b: {needs: a, run: x, if: needs.a.outputs.m}\n"
        #expect(
            mistakes(text, ["other.yaml": Self.other]) == [
                "w.yaml:6:45 'm' is an output that no action declares: 'a' has n, host"
            ])
    }

    @Test("a matrix of workflows, their needs and conditions are allowed")
    func strategy() throws {
        let text = using(
            "with: {host: \"${{ matrix.h }}\"}\nstrategy: {matrix: {h: [x, y]}}\nif: always()\n"
                + "continue-on-error: true")
        #expect(try workflow(text, files: ["other.yaml": Self.other]).nodes[0].matrix != nil)
    }

    @Test("mistakes of a used workflow are shown once, with its file's name")
    func together() {
        let bad = "flow: 1\nnodes: {x: {run: y, tmeout: 1s}}\n"
        let text = "flow: 1\nnodes: {a: {uses: ./bad.yaml}, b: {uses: ./bad.yaml, pool: p}}\n"
        #expect(
            mistakes(text, ["bad.yaml": bad]) == [
                "bad.yaml:2:21 unknown key 'tmeout'; did you mean 'timeout'?",
                "w.yaml:2:19 the workflow './bad.yaml' has mistakes",
                "w.yaml:2:42 the workflow './bad.yaml' has mistakes",
                "w.yaml:2:54 'pool' is for a command; put it into the nodes of ./bad.yaml",
            ])
    }

    @Test("workflows that use each other are shown with the whole circle")
    func circle() {
        let files = [
            "a.yaml": "flow: 1\nnodes: {x: {uses: ./b.yaml}}\n",
            "b.yaml": "flow: 1\nnodes: {y: {uses: ./a.yaml}}\n",
        ]
        #expect(
            mistakes("flow: 1\nnodes: {z: {uses: ./a.yaml}}\n", files) == [
                "a.yaml:2:19 the workflow './b.yaml' has mistakes",
                "b.yaml:2:19 these workflows use each other in a circle: a.yaml -> b.yaml -> a.yaml",
                "w.yaml:2:19 the workflow './a.yaml' has mistakes",
            ])
        let itself = "flow: 1\nnodes: {x: {uses: ./w.yaml}}\n"
        #expect(
            mistakes(itself, ["w.yaml": itself]) == [
                "w.yaml:2:19 these workflows use each other in a circle: w.yaml -> w.yaml"
            ])
    }

    /// A chain of files of this length, each of which uses the next so often.
    private func tower(_ height: Int, width: Int) -> [String: String] {
        var files: [String: String] = [:]
        for level in 1...height {
            let uses = level == height ? "run: x" : "uses: ./w\(level + 1).yaml"
            files["w\(level).yaml"] =
                "flow: 1\nname: level \(level)\nnodes:\n"
                + (0..<width).map { "  n\($0): {\(uses)}\n" }.joined()
        }
        return files
    }

    @Test("workflows stand in each other ten levels deep and no deeper")
    func depth() throws {
        #expect(try workflow(using("", "./w1.yaml"), files: tower(9, width: 2)).parts.count == 9)
        let found = mistakes(using("", "./w1.yaml"), tower(10, width: 1))
        #expect(
            found.contains(
                "w9.yaml:4:14 workflows stand in each other deeper than 10 levels"))
    }

    @Test("a million nodes are the most, those of workflows counted as often as they are used")
    func size() {
        let found = mistakes(using("", "./w1.yaml"), tower(7, width: 10))
        #expect(
            found.contains(
                "w2.yaml:1:1 this workflow has more than 1000000 nodes, those of the workflows that "
                    + "it uses included"), "\(found)")
    }

    private struct Disk: RepositoryFiles {
        func realPath(_ path: String) -> String? { try? Files.real(path) }
        func read(_ path: String) -> [UInt8]? { try? Files.read(path) }
    }

    @Test("a workflow is found beneath the repository, links included, and nowhere else")
    func places() throws {
        let folder = try TemporaryFolder()
        try folder.write("repo/workflows/other.yaml", "flow: 1\nnodes: {x: {run: y}}\n")
        try folder.write("outside/other.yaml", "flow: 1\nnodes: {x: {run: y}}\n")
        try Links.make(folder.at("repo/near.yaml"), to: folder.at("repo/workflows/other.yaml"))
        try Links.make(folder.at("repo/far.yaml"), to: folder.at("outside/other.yaml"))
        try Links.make(folder.at("repo/folder"), to: folder.at("outside"))
        try Files.makeFolder(folder.at("repo/f.yaml"))
        let library = ActionLibrary(stages: [], root: folder.at("repo"), files: Disk())
        func read(_ reference: String) -> String {
            let text = "flow: 1\nnodes: {a: {uses: \(reference)}}\n"
            do throws(DiagnosticList) {
                let read = try Workflow.read(Array(text.utf8), file: "w.yaml", actions: library)
                return read.parts.first?.workflow.file ?? ""
            } catch {
                return error.diagnostics.map(\.message).joined(separator: "; ")
            }
        }
        #expect(read("./workflows/other.yaml") == "workflows/other.yaml")
        #expect(read("./near.yaml") == "workflows/other.yaml")
        #expect(read("./workflows/../near.yaml") == "workflows/other.yaml")
        for reference in ["./far.yaml", "./folder/other.yaml", "../outside/other.yaml", "/o.yaml"] {
            #expect(read(reference) == "'\(reference)' leads outside the repository")
        }
        #expect(read("./none.yaml") == "there is no file './none.yaml' in the repository")
        #expect(read("./f.yaml") == "the workflow './f.yaml' cannot be read")
        #expect(
            read("other.yaml") == "a workflow is named from the repository's root: './other.yaml'")
    }
}
