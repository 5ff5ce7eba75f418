import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("the report of an evaluation")
struct EvaluationReportTests {
    private static let hostile = "<script>|`*@ada\u{1B}[31m\u{FFFE}"

    private func report(_ labels: Int) throws -> [String: String] {
        let answers = (0..<labels).flatMap { number -> [Evaluation.Answer] in
            let label = number == 0 ? Self.hostile : "label\(number)"
            return [
                .init(text: "right", truth: label, label: label, probability: 0.9),
                .init(text: Self.hostile, truth: label, label: "label1", probability: 0.6),
            ]
        }
        let evaluation = try #require(Evaluation(answers))
        let report = EvaluationReport(
            evaluation, facts: [("model", Self.hostile)], warnings: evaluation.alerts(),
            metrics: evaluation.json)
        return Dictionary(
            uniqueKeysWithValues: report.files.map {
                ($0.name, String(decoding: $0.bytes, as: UTF8.self))
            })
    }

    @Test("texts of others are no markup, and tables stay tables")
    func markdown() throws {
        let page = try #require(try report(3)["report.md"])
        #expect(!page.contains("<script>"))
        #expect(!page.contains("@ada"))
        #expect(!page.contains("\u{1B}"))
        #expect(page.contains("| accuracy | 0.6667 |"))
        #expect(page.contains("- macro-F1 0."))
        #expect(page.contains("![Reliability diagram](reliability.svg)"))
        let columns = page.split(separator: "\n").filter { $0.hasPrefix("| <code>label") }
            .map { $0.split(separator: "|").count }
        #expect(columns.allSatisfy { $0 == 5 || $0 == 3 }, "\(columns)")
    }

    @Test(
        "the pictures are well-formed, hold no script and are as large as they must be",
        .enabled(if: Python.isThere, "python3 is not installed"), arguments: [2, 12, 60])
    func pictures(_ labels: Int) throws {
        let files = try report(labels)
        for name in ["reliability.svg", "confusion.svg"] {
            let text = try #require(files[name])
            #expect(!text.contains("<script"))
            let folder = try TemporaryFolder()
            try folder.write(name, text)
            let script = """
                import sys, xml.etree.ElementTree as tree
                root = tree.parse(sys.argv[1]).getroot()
                print(len(list(root.iter('{http://www.w3.org/2000/svg}rect'))))
                """
            let boxes = try TestProgram("python3", in: folder.path)("-c", script, name).checked()
            #expect((Int(boxes.text) ?? 0) > 3)
        }
        let map = try #require(files["confusion.svg"])
        #expect(map.contains("fewer mistakes") == (labels > ConfusionHeatMap.mostLabels))
    }

    @Test("the same answers give the same bytes")
    func deterministic() throws { #expect(try report(5) == report(5)) }
}
