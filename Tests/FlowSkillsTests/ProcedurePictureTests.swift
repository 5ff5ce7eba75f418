import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowSkills

/// The steps of a procedure as text, Mermaid and SVG.
@Suite("Pictures of procedures")
struct ProcedurePictureTests {
    private static let procedure = procedure(names: ["checkout", "build", "test", "publish"])

    /// Four steps of which the third is left out at times, as a person would write them.
    private static func procedure(names: [String]) -> Procedure {
        func step(
            _ place: Int, _ arguments: [Procedure.Argument] = [], isOptional: Bool = false
        ) -> Procedure.Step {
            Procedure.Step(
                id: "s\(place)", type: "tool.called", name: names[place], agents: [],
                isOptional: isOptional, share: isOptional ? 0.5 : 1, arguments: arguments,
                duration: place == 1 ? .init(median: 1500, p90: 2000) : nil)
        }
        func next(_ from: Int, _ to: Int, _ share: Double, _ seconds: Double?)
            -> Procedure.Transition
        {
            Procedure.Transition(
                from: "s\(from)", to: "s\(to)", share: share,
                seconds: seconds.map { .init(median: $0, p90: $0) })
        }
        return Procedure(
            name: "checkout-to-publish", description: "", version: "1.0.0",
            status: "experimental", category: "", tags: [],
            steps: [
                step(0, [.init(path: "branch", source: .parameter("branch"))]),
                step(
                    1,
                    [
                        .init(path: "level", source: .literal(3)),
                        .init(path: "sha", source: .output(step: "s0", path: "sha")),
                    ]),
                step(2, isOptional: true),
                step(3, [.init(path: "of", source: .output(step: "s0", path: "sha"))]),
            ],
            parameters: [], preconditions: [],
            evidence: Procedure.Evidence(
                support: 20, executions: 20, begun: 22, success: nil, lift: .unknown, seconds: nil,
                cost: nil, first: nil, last: nil, runs: [],
                transitions: [
                    next(0, 1, 1, 2), next(1, 2, 0.5, 0.25), next(1, 3, 0.5, 300),
                    next(2, 3, 0.5, nil),
                ]))
    }

    @Test("text has each step with its arguments and what came next")
    func text() {
        #expect(
            ProcedurePicture(Self.procedure).lines == [
                "1  checkout",
                "   branch = from the caller: branch",
                "   → 2  100 %, 2.0 s",
                "2  build  takes 1.5 s",
                "   level = 3",
                "   sha = from 1: sha",
                "   → 3  50 %, 250 ms",
                "   → 4  50 %, 5 min",
                "3  [test]  in 50 %",
                "   → 4  50 %",
                "4  publish",
                "   of = from 1: sha",
            ])
    }

    @Test("Mermaid has broken lines for what is optional and for data flow")
    func mermaid() {
        #expect(
            ProcedurePicture(Self.procedure).mermaid == """
                flowchart TB
                    s0["checkout"]
                    s1["build"]
                    s2["test"]:::optional
                    s3["publish"]
                    s0 -->|"100 #37;#44; 2.0 s"| s1
                    s1 -->|"50 #37;#44; 250 ms"| s2
                    s1 -->|"50 #37;#44; 5 min"| s3
                    s2 -->|"50 #37;"| s3
                    s0 -.->|"sha"| s1
                    s0 -.->|"sha"| s3
                    classDef optional stroke-dasharray:4

                """)
    }

    @Test("an SVG has each step and each line once, within its frame, and the same bytes each time")
    func svg() throws {
        let svg = ProcedurePicture(Self.procedure).svg
        #expect(svg == ProcedurePicture(Self.procedure).svg)
        #expect(svg.count(of: "class=\"node\"") == 4)
        // one in the legend
        #expect(svg.count(of: "class=\"edge\"") == 5 && svg.count(of: "class=\"flow\"") == 3)
        #expect(svg.count(of: "class=\"box maybe\"") == 2)
        #expect(svg.count(of: "100 %, 2.0 s</text>") == 1 && svg.count(of: ">sha</text>") == 2)
    }

    @Test("names of others have no effect in a picture")
    func hostile() {
        let names = Samples.hostile.prefix(3) + ["<script>\"|]--> x\u{1B}[31m"]
        let picture = ProcedurePicture(Self.procedure(names: Array(names)))
        #expect(!picture.svg.contains("<script>"))
        #expect(picture.mermaid.count(of: "-->") == 4)
        #expect(picture.lines.allSatisfy { !$0.contains("\u{1B}") && !$0.contains("\n") })
    }

    @Test("without evidence the steps stand in their order; one step has no lines")
    func bare() {
        var procedure = Self.procedure
        procedure.evidence = Procedure.Evidence(
            support: 0, executions: 0, begun: 0, success: nil, lift: .unknown, seconds: nil,
            cost: nil, first: nil, last: nil, runs: [], transitions: [])
        let picture = ProcedurePicture(procedure)
        #expect(picture.order.map { [$0.from, $0.to] } == [[0, 1], [1, 2], [2, 3]])
        #expect(picture.order.allSatisfy { $0.label.isEmpty })
        #expect(picture.svg.count(of: "class=\"edge\"") == 4)
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
