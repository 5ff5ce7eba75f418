import FlowJSON
import FlowYAML
import Testing

@testable import FlowSkills

@Suite("Workflows of procedures")
struct ProcedureWorkflowTests {
    /// Runs of a release; every second one tests.
    private func procedure(_ count: Int = 40) throws -> Procedure {
        var reader = EventLogReader()
        reader.begin("log")
        for number in 0..<count {
            let commit: JSON = .string("c\(number * 7919)")
            var calls: [(String, JSON, JSON)] = [
                (
                    "git.checkout", ["branch": .string("b\(number)"), "note": "a $${{ b ${{ c"],
                    ["commit id": ["sha": commit]]
                ),
                ("1build", ["sha": commit, "retries": .integer(number)], .null),
                ("publish", ["options": ["to": .string("b\(number)"), "force": false]], .null),
            ]
            if number % 3 != 0 {
                calls.insert(("test", ["only": .string("t\(number)")], .null), at: 2)
            }
            for (seq, call) in calls.enumerated() {
                let line: JSON = [
                    "run": .string("r\(1000 + number)"), "seq": .integer(seq),
                    "type": "tool.called", "name": .string(call.0), "arguments": call.1,
                    "output": call.2, "duration_ms": 20_000, "status": "success",
                ]
                reader.add(Array((line.text() + "\n").utf8))
            }
        }
        reader.end()
        return try #require(Extraction(reader.finish().log).procedures.first)
    }

    private func workflow(_ procedure: Procedure) throws -> JSON {
        let text = ProcedureWorkflow(procedure, id: "PR-00C0FFEE") {
            $0 == "publish" ? ["TOKEN"] : []
        }.text
        return try YAMLDocument.read(Array(text.utf8)).json
    }

    @Test("a node a step, literals apart from what is given, outputs handed on")
    func nodes() throws {
        let workflow = try workflow(procedure())
        let nodes = try #require(workflow["nodes"]?.objectValue)
        #expect(nodes.keys == ["git_checkout", "_1build", "test", "publish"])
        #expect(
            nodes["git_checkout"] == [
                "name": "git.checkout", "uses": "skills/call", "timeout": "4m",
                "with": [
                    "tool": "git.checkout",
                    // the text as the log has it, each `${{` written as a workflow writes it
                    "literals": ["note": "a $$${{ b $${{ c"],
                    "arguments": ["branch": "${{ params.branch }}"],
                ],
            ])
        #expect(
            nodes["_1build"]?["with"]?["arguments"] == [
                "retries": "${{ params.retries }}",
                "sha": "${{ needs.git_checkout.outputs.result['commit id'].sha }}",
            ])
        #expect(nodes["_1build"]?["needs"] == ["git_checkout"])
        #expect(nodes["publish"]?["env-pass"] == ["TOKEN"])
        #expect(
            nodes["publish"]?["with"]?["arguments"] == ["options": ["to": "${{ params.branch }}"]])
        #expect(nodes["publish"]?["with"]?["literals"] == ["options": ["force": false]])
        #expect(workflow["outputs"] == ["result": "${{ needs.publish.outputs.result }}"])
    }

    @Test("an optional step is behind a param, and what follows goes on without it")
    func optional() throws {
        let workflow = try workflow(procedure())
        #expect(workflow["nodes"]?["test"]?["if"] == "params.with_test")
        #expect(workflow["params"]?["with_test"]?["default"] == true)
        #expect(workflow["nodes"]?["publish"]?["needs"] == ["_1build", "test"])
        #expect(workflow["nodes"]?["publish"]?["if"] == "!failure() && !cancelled()")
        #expect(workflow["params"]?["only"]?["required"] == false)
    }

    @Test("a range becomes bounds where 39 values or more were seen")
    func bounds() throws {
        let many = try workflow(procedure(40))["params"]?["retries"]
        #expect(many?["minimum"] == 0 && many?["maximum"] == 39 && many?["type"] == "integer")
        let few = try workflow(procedure(20))["params"]?["retries"]
        #expect(few?["minimum"] == nil)
        #expect(few?["description"]?.stringValue?.contains("seen from 0 to 19") == true)
    }

    @Test("names that no workflow can have become some, and differ")
    func names() {
        #expect(WorkflowNames.isName("_a-1") && !WorkflowNames.isName("1a"))
        #expect(!WorkflowNames.isName("a b") && !WorkflowNames.isName(""))
    }
}
