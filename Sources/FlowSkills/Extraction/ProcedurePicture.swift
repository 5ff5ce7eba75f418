internal import FlowJSON
internal import FlowSVG
internal import FlowText

/// The steps of a procedure as a graph, from top to bottom: what comes next, how often and after what
/// time, and which output is whose argument. Text, Mermaid and SVG draw the same.
package struct ProcedurePicture: Sendable {
    struct Item {
        /// Safe to show.
        let title: String
        let isOptional: Bool
        /// Sentences about it, safe to show; the first names it.
        let facts: [String]
    }

    /// A line from one step to a later one, by their places.
    struct Edge: Hashable {
        let from: Int
        let to: Int
        /// Safe to show; empty where nothing is known.
        let label: String
    }

    let procedure: Procedure
    let items: [Item]
    /// What came right after what.
    let order: [Edge]
    /// Whose output is whose argument; the label names what is handed on.
    let flow: [Edge]

    package init(_ procedure: Procedure) {
        self.procedure = procedure
        items = procedure.steps.map(Item.init)
        let places = Dictionary(
            procedure.steps.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { one, _ in one })
        let seen = procedure.evidence.transitions.compactMap { transition -> Edge? in
            guard let from = places[transition.from], let to = places[transition.to], from < to
            else { return nil }
            return Edge(from: from, to: to, label: Self.label(transition))
        }
        order =
            seen.isEmpty
            ? zip(items.indices, items.indices.dropFirst()).map {
                Edge(from: $0, to: $1, label: "")
            }
            : seen
        flow = Self.flow(procedure.steps, places)
    }

    private static func label(_ transition: Procedure.Transition) -> String {
        let time = transition.seconds.map { ", " + words(seconds: $0.median) } ?? ""
        return share(transition.share) + time
    }

    /// One edge between two steps, whatever it hands on.
    private static func flow(_ steps: [Procedure.Step], _ places: [String: Int]) -> [Edge] {
        var edges: [Edge] = []
        for (to, step) in steps.enumerated() {
            var names: [Int: [String]] = [:]
            for argument in step.arguments {
                guard case .output(let id, let path) = argument.source, let from = places[id],
                    from < to
                else { continue }
                let name = path.isEmpty ? argument.path : path
                if !names[from, default: []].contains(name) {
                    names[from, default: []].append(name)
                }
            }
            edges += names.sorted { $0.key < $1.key }.map { from, names in
                Edge(from: from, to: to, label: VisibleText.safe(names.joined(separator: ", ")))
            }
        }
        return edges
    }

    static func share(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    static func words(seconds: Double) -> String {
        switch seconds {
        case ..<1: "\(Int((seconds * 1000).rounded())) ms"
        case ..<120: "\((seconds * 10).rounded() / 10) s"
        case ..<7200: "\(Int((seconds / 60).rounded())) min"
        case ..<172_800: "\(Int((seconds / 3600).rounded())) h"
        default: "\(Int((seconds / 86_400).rounded())) days"
        }
    }

    /// What is known of all of it, a sentence each; safe to show.
    var facts: [String] {
        let evidence = procedure.evidence
        var facts: [String] = []
        if evidence.begun > 0 {
            facts.append("\(evidence.support) of \(evidence.begun) runs that began it followed it")
        }
        if let success = evidence.success {
            facts.append(
                "success \(Self.share(success.rate)) (\(Self.share(success.interval.lowerBound)) to "
                    + "\(Self.share(success.interval.upperBound)))")
        }
        if let seconds = evidence.seconds {
            facts.append("median \(Self.words(seconds: seconds.median))")
        }
        let names = procedure.parameters.map { $0.isRequired ? $0.name : "[\($0.name)]" }
        if !names.isEmpty { facts.append("asks for " + names.joined(separator: ", ")) }
        return facts.map { VisibleText.safe($0) }
    }

    // MARK: Mermaid

    /// A Mermaid flowchart; optional steps and data flow have broken lines.
    package var mermaid: String {
        var text = "flowchart TB\n"
        for (place, item) in items.enumerated() {
            text += "    s\(place)[\"\(MermaidText.escaped(item.title))\"]"
            text += item.isOptional ? ":::optional\n" : "\n"
        }
        for (edges, arrow) in [(order, "-->"), (flow, "-.->")] {
            for edge in edges {
                let label =
                    edge.label.isEmpty ? "" : "|\"\(MermaidText.escaped(edge.label))\"|"
                text += "    s\(edge.from) \(arrow)\(label) s\(edge.to)\n"
            }
        }
        if items.contains(where: \.isOptional) {
            text += "    classDef optional stroke-dasharray:4\n"
        }
        return text
    }

    // MARK: Text

    /// Lines for a terminal, safe to show: each step with its arguments and what came next.
    package var lines: [String] {
        let indent = String(repeating: " ", count: "\(items.count)".count + 2)
        return items.indices.flatMap { place -> [String] in
            let step = procedure.steps[place]
            let number = "\(place + 1)"
            let gap = String(repeating: " ", count: indent.count - number.count)
            let facts = items[place].facts.dropFirst()
            let title = items[place].isOptional ? "[\(items[place].title)]" : items[place].title
            let next = order.filter { $0.from == place }.map { edge in
                indent + "→ \(edge.to + 1)" + (edge.label.isEmpty ? "" : "  \(edge.label)")
            }
            return [number + gap + ([title] + facts).joined(separator: "  ")]
                + step.arguments.map { indent + argument($0) } + next
        }
    }

    private static let longestValue = 48

    private func argument(_ argument: Procedure.Argument) -> String {
        let value =
            switch argument.source {
            case .literal(let value): value.text()
            case .parameter(let name): "from the caller: \(name)"
            case .output(let step, let path):
                "from \(1 + (procedure.steps.firstIndex { $0.id == step } ?? 0)): "
                    + (path.isEmpty ? "its output" : path)
            }
        let safe = VisibleText.safe(value)
        let shown =
            safe.count > Self.longestValue ? safe.prefix(Self.longestValue - 1) + "…" : safe[...]
        let name = argument.path.isEmpty ? "arguments" : VisibleText.safe(argument.path)
        return "\(name) = \(shown)"
    }
}

extension ProcedurePicture.Item {
    fileprivate init(_ step: Procedure.Step) {
        title = VisibleText.safe(step.name.isEmpty ? step.type : step.name)
        isOptional = step.isOptional
        var facts = [title]
        if step.isOptional { facts.append("in " + ProcedurePicture.share(step.share)) }
        if let duration = step.duration {
            facts.append("takes " + ProcedurePicture.words(seconds: duration.median / 1000))
        }
        if !step.agents.isEmpty {
            facts.append(VisibleText.safe("by " + step.agents.joined(separator: ", ")))
        }
        self.facts = facts
    }
}
