internal import FlowSVG

/// A picture as a Mermaid flowchart (<https://mermaid.js.org/syntax/flowchart.html>).
enum MermaidDrawing {
    static func text(of picture: Picture) -> String {
        var text = "flowchart LR\n"
        for (place, item) in picture.items.enumerated() {
            let (left, right) = brackets(item.shape)
            let look = item.look.map { ":::\($0.rawValue)" } ?? ""
            text += "    n\(place)\(left)\"\(MermaidText.escaped(item.label))\"\(right)\(look)\n"
        }
        for (place, needs) in picture.needs.enumerated() {
            for need in needs { text += "    n\(need) --> n\(place)\n" }
        }
        let looks = Set(picture.items.compactMap(\.look))
        for look in Look.allCases where looks.contains(look) {
            text += "    classDef \(look.rawValue) \(style(look))\n"
        }
        return text
    }

    private static func brackets(_ shape: Picture.Item.Shape) -> (String, String) {
        switch shape {
        case .command: ("[", "]")
        case .workflow: ("[[", "]]")
        case .gate: ("{{", "}}")
        }
    }

    private static func style(_ look: Look) -> String {
        switch look {
        case .success: "stroke:#2a2,stroke-width:2px"
        case .cached: "stroke:#06c,stroke-width:2px"
        case .failure: "stroke:#c22,stroke-width:4px"
        case .tolerated: "stroke:#a70,stroke-width:4px,stroke-dasharray:8"
        case .cancelled: "stroke-dasharray:1"
        case .skipped: "stroke-dasharray:4"
        case .running: "stroke:#06c,stroke-width:4px"
        case .waiting: "stroke-width:2px,stroke-dasharray:8 2"
        case .lost: "stroke-width:2px,stroke-dasharray:2"
        case .pending: "stroke-width:1px"
        }
    }
}

extension Picture.Item {
    /// The title with what the formats that are text cannot draw: result and matrix.
    var label: String {
        (look.map { "\($0.symbol) " } ?? "") + title + (isMatrix ? " ×" : "")
    }
}
