import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// What nodes say in a line each, wherever people look at a run.
@Suite struct RunSummaryTests {
    @Test("a run of the loop ends with what each stage did, and flow show says it again")
    func loop() throws {
        let demo = try Demo(messages: ["order of customer refused", "bad KeyError: 'x'"])
        let run = try demo.integrate().checked().output
        let lines = run.split(separator: "\n").map(String.init)
        let end = try #require(lines.firstIndex { $0.hasPrefix("success in ") })
        let said = Array(lines[(end + 1)...])
        #expect(said.first == "  fetch          there is no remote: nothing to fetch")
        for line in [
            "  mine           8 errors (8 new) in 1 files, 2 signatures, 2 candidates",
            "  propose        2 proposed, 0 updated, 0 known already",
            "  review         0 newly approved, 2 wait for a reviewer",
            "  feedback       updated 0 (0 boosted, 0 reduced), 0 unchanged, 0 without enough data",
            "  dataset        added 0, updated 0, removed 0 training examples",
            "  check          0 additions, 10 make a training due",
        ] { #expect(said.contains(line), "\(line)\n\(run)") }
        #expect(said.allSatisfy { !$0.contains("all of it") })
        #expect(said.contains { $0.hasPrefix("  catalog        updated 0 entries, added 2 new; ") })
        let show = try demo.flow("show", "last").checked().output
        for line in said {
            let words = line.split(separator: " ", maxSplits: 1)
            let text = words[1].drop { $0 == " " }
            #expect(show.contains("== \(words[0])  \(text)\n"), "\(line)\n\(show)")
        }

        let ids = try demo.proposals()
        try demo.flow.run(["proposals", "approve"] + ids).checked()
        let second = try demo.integrate("-p", "retrain_threshold=2").checked().output
        for line in [
            "  review                2 newly approved, 0 wait for a reviewer",
            "  dataset               added 2, updated 0, removed 0 training examples",
            "  check                 retrain recommended (2 additions)",
            "  retrain/deploy        no model was trained",
        ] { #expect(second.contains("\n\(line)\n"), "\(line)\n\(second)") }
    }

    @Test(
        "of what a node says in several lines a run ends with the first, and of many nodes with 40")
    func long() throws {
        let folder = try TemporaryFolder()
        let legs = (1...50).map(String.init).joined(separator: ", ")
        try folder.write(
            "w.yaml",
            """
            flow: 1
            nodes:
              a: {run: 'printf "# one\\n\\n\\033[31mtwo\\n" > "$FLOW_SUMMARY"'}
              b: {run: 'printf "\\033[31mred\\n" > "$FLOW_SUMMARY"'}
              m:
                strategy: {matrix: {k: [\(legs)]}}
                run: 'echo leg > "$FLOW_SUMMARY"'
            """)
        let run = try Demo.flow(in: folder.path).run(["run", "w.yaml"]).checked().output
        #expect(Hostile.effect(in: run) == nil)
        #expect(run.contains("\n  a  # one …\n") && run.contains("\n  b  \\x1b[31mred\n"))
        #expect(run.split(separator: "\n").count { $0 == "  m  leg" } == 38)
        #expect(try #require(run.split(separator: "\n").last).hasPrefix("  all of it: flow show 2"))
        let json = try Demo.flow(in: folder.path).run(["run", "w.yaml", "--json"]).checked()
        #expect(!json.output.contains("leg"))
    }
}
