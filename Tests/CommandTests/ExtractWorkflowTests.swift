import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// `workflows/extract.yaml`: from runs of a repository's own workflows to approved procedures.
@Suite struct ExtractWorkflowTests {
    /// Nodes that say what tools they call; the fourth fails where it is told to.
    private static func workflow(_ last: [String] = []) -> String {
        let calls = (["lint", "test", "publish"] + last).map { name in
            """
                  printf '{"type":"tool.called","name":"\(name)","arguments":{"of":"%s"},"status":"success"}\\n' "$BRANCH" >> "$FLOW_EVENTS"

            """
        }
        return """
            flow: 1
            name: release
            params:
              branch: {type: string}
              broken: {type: boolean, default: false}
            nodes:
              fetch:
                run: |
                  printf '{"type":"tool.called","name":"checkout","arguments":{"branch":"%s","depth":1},"output":{"sha":"c-%s"},"status":"success"}\\n' "$BRANCH" "$BRANCH" >> "$FLOW_EVENTS"
                env: {BRANCH: "${{ params.branch }}"}
              make:
                needs: fetch
                run: |
                  printf '{"type":"tool.called","name":"build","arguments":{"sha":"c-%s"},"status":"success"}\\n' "$BRANCH" >> "$FLOW_EVENTS"
                env: {BRANCH: "${{ params.branch }}"}
              check:
                needs: make
                run: |
                  [ "$BROKEN" = false ]
            \(calls.joined())\
                env: {BRANCH: "${{ params.branch }}", BROKEN: "${{ params.broken }}"}

            """
    }

    private static func release(_ demo: Demo, _ numbers: Range<Int>) throws {
        for number in numbers {
            let isBroken = number % 6 == 5
            let done = try demo.flow(
                "run", "release.yaml", "-p", "branch=b\(number)", "-p", "broken=\(isBroken)")
            #expect(done.exit == (isBroken ? 1 : 0), "\(done)")
        }
    }

    private static func extract(_ demo: Demo) throws -> TestResult {
        try demo.flow("run", "extract.yaml").checked()
    }

    /// After ten runs of which one fails.
    private static let told = Result {
        let demo = try Demo(messages: ["KeyError: 'a' in x", "ValueError: 12 in y"])
        try demo.write("workflows/release.yaml", workflow())
        try demo.commitAll()
        try release(demo, 0..<10)
        return demo
    }

    @Test("runs become a proposal, that a skill, and a changed workflow its next version")
    func story() throws {
        let demo = try Demo(copying: Self.told.get())
        let first = try Self.extract(demo).output
        #expect(
            first.contains("\n  propose        1 proposed, 0 updated, 0 known already\n"),
            "\(first)")
        let id = try #require(try demo.proposals().first)
        #expect(id.hasPrefix("PR-"))
        let list = try demo.flow("proposals", "list", "--json").checked().jsonLines
        #expect(list.first?["runs"] == 9 && list.first?["hits_30d"] == .null)
        #expect(list.first?["verdict"] == "pending")
        #expect(try demo.flow("proposals", "list").checked().output.contains("  9 runs  "))
        let shown = try demo.flow("proposals", "show", id).checked().output
        #expect(shown.contains("A procedure of 5 steps. 9 runs followed it"), "\(shown)")
        #expect(
            shown.contains("10 runs that began it and whose end is known 9 followed it"))
        #expect(shown.contains("    1. checkout (branch: <branch>, depth: 1)\n"))
        #expect(shown.contains("    2. build (sha: what checkout gave as sha)\n"))
        #expect(shown.contains("\nkind: procedure\n"))
        try demo.flow("skills", "validate").checked()

        let second = try Self.extract(demo).output
        #expect(second.contains(", 0 candidates\n"), "\(second)")
        #expect(try demo.proposals() == [id])

        try demo.flow("proposals", "approve", id).checked()
        #expect(try Self.extract(demo).output.contains("1 newly approved"))
        let skill = try #require(try demo.skills()[id])
        #expect(skill["status"] == "experimental" && skill["version"] == "1.0.0")
        #expect(skill["parameters"]?.arrayValue?.map { $0["name"] } == ["branch"])
        #expect(try demo.proposals() == [])
        // the loop goes on around it
        try demo.flow("run", "integrate.yaml").checked()
        try demo.flow("skills", "list").checked()
        try demo.flow("skills", "show", id).checked()

        try demo.write("workflows/release.yaml", Self.workflow(["announce"]))
        try demo.commitAll()
        // enough of them that the old way is one of two
        try Self.release(demo, 30..<60)
        _ = try Self.extract(demo)
        let update = try #require(try demo.proposals().first)
        #expect(update.hasPrefix("update-\(id)-"), "\(update)")
        let change = try demo.flow("proposals", "show", update).checked().output
        #expect(change.contains("new: announce"), "\(change)")
        try demo.flow("proposals", "approve", update).checked()
        let settled = try Self.extract(demo).output
        #expect(settled.contains(", 0 candidates\n"), "\(settled)")
        let now = try #require(try demo.skills()[id])
        #expect(now["version"]?.stringValue != "1.0.0" && now["status"] == "experimental")
        let verdicts = try demo.flow("proposals", "list", "--json").checked().jsonLines
        #expect(verdicts.allSatisfy { $0["verdict"] == "approved" })
        try demo.git("checkout", "-q", "main", "--", ".").checked()
        try demo.expectSound()
    }

    @Test("what a retry keeps happened once: a run and its retries are one run")
    func retries() throws {
        let demo = try Demo(copying: Self.told.get())
        func evidence() throws -> JSON? {
            try demo.flow("skills", "extract", "--json").checked().jsonLines.first?["evidence"]
        }
        let before = try evidence()
        #expect(before?["begun"] == 10 && before?["support"] == 9)
        try demo.flow("run", "release.yaml", "-p", "branch=late", "-p", "broken=true")
        try demo.flow("retry", "last", "-p", "broken=false").checked()
        let after = try evidence()
        #expect(after?["begun"] == 11 && after?["support"] == 10 && after?["executions"] == 10)
        #expect(after?["success"]?["runs"] == 11 && after?["success"]?["succeeded"] == 10)
        let found = try demo.flow(
            "skills", "extract", "--run", "last", "--nodes", "fetch,make", "--json"
        ).checked().jsonLines
        #expect(found.first?["steps"]?.arrayValue?.map { $0["name"] } == ["checkout", "build"])
    }
}
