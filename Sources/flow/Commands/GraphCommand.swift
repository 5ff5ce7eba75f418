internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct GraphCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument { case mermaid, dot }

    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draw the graph of a workflow, or of a run with its results.",
        examples: [
            ("flow graph integrate.yaml", "Mermaid, for Markdown"),
            ("flow graph last --format dot | dot -Tsvg", "a picture of the newest run"),
        ])

    @Argument(help: "a workflow, a run's id or 'last'", valueName: "workflow|run") var name: String
    @Option(help: "the language of the picture") var format = Format.mermaid

    func run() throws -> Int32 {
        let session = try Session()
        let (workflow, results) = try subject(session)
        let drawing = GraphDrawing(workflow, results: results)
        Output.print(format == .mermaid ? drawing.mermaid : drawing.dot, terminator: "")
        return Program.succeeded
    }

    private func subject(_ session: Session) throws -> (Workflow, [String: NodeResult]) {
        if let path = try? session.find(workflow: name) {
            return (try session.read(workflow: path).workflow, [:])
        }
        let isRun = name == "last" || name.first?.isNumber == true
        guard isRun else { return (try session.read(workflow: name).workflow, [:]) }
        let store = try session.runs()
        let run = try store.find(name)
        let events = try store.events(of: run.id)
        let restored = try RunRecord.restore(
            run.id, events.first, from: ContentFolder(store.state),
            workspace: session.workspace.root)
        var results: [String: NodeResult] = [:]
        for event in events where event.type == EventType.nodeFinished {
            guard let id = event.draft.node else { continue }
            results[id] = event.data["result"]?.stringValue.flatMap(NodeResult.init)
        }
        return (restored.workflow, results)
    }
}

/// A graph as text that other programs draw.
struct GraphDrawing {
    private let nodes: [Node]
    private let results: [String: NodeResult]

    init(_ workflow: Workflow, results: [String: NodeResult]) {
        nodes = workflow.nodes
        self.results = results
    }

    /// A Mermaid flowchart (<https://mermaid.js.org/syntax/flowchart.html>).
    var mermaid: String {
        var text = "flowchart LR\n"
        for (place, node) in nodes.enumerated() {
            text += "    n\(place)[\"\(escaped(label(node)))\"]\(style(node))\n"
        }
        for (from, to) in edges { text += "    n\(from) --> n\(to)\n" }
        if !results.isEmpty {
            text += "    classDef success stroke:#2a2,stroke-width:2px\n"
            text += "    classDef failure stroke:#c22,stroke-width:4px\n"
            text += "    classDef skipped stroke-dasharray:4\n"
            text += "    classDef cancelled stroke-dasharray:1\n"
        }
        return text
    }

    /// A Graphviz digraph (<https://graphviz.org/doc/info/lang.html>).
    var dot: String {
        var text = "digraph workflow {\n    rankdir=LR;\n    node [shape=box];\n"
        for (place, node) in nodes.enumerated() {
            let label = label(node).reduce(into: "") { text, letter in
                text += letter == "\"" || letter == "\\" ? "\\\(letter)" : String(letter)
            }
            let look = results[node.id].map { ", \(Self.looks[$0] ?? "")" } ?? ""
            text += "    n\(place) [label=\"\(label)\"\(look)];\n"
        }
        for (from, to) in edges { text += "    n\(from) -> n\(to);\n" }
        return text + "}\n"
    }

    private static let looks: [NodeResult: String] = [
        .success: "color=darkgreen", .failure: "color=red, penwidth=3",
        .skipped: "style=dashed", .cancelled: "style=dotted",
    ]

    private var edges: [(Int, Int)] {
        let graph = Graph(nodes)
        return graph.needs.enumerated().flatMap { place, needs in needs.map { ($0, place) } }
    }

    private func label(_ node: Node) -> String {
        let result = results[node.id].map { "\($0.symbol) " } ?? ""
        return result + VisibleText.safe(node.title) + (node.matrix == nil ? "" : " ×")
    }

    private func style(_ node: Node) -> String {
        results[node.id].map { ":::\($0.rawValue)" } ?? ""
    }

    /// Mermaid reads HTML entities in labels; everything that is not plain becomes one.
    private func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { text, scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isPlain || " ._-×✓✗■–".unicodeScalars.contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += "#\(scalar.value);"
            }
        }
    }
}
