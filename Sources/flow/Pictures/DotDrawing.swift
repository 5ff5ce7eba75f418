/// A picture as a Graphviz digraph (<https://graphviz.org/doc/info/lang.html>).
enum DotDrawing {
    static func text(of picture: Picture) -> String {
        var text = "digraph workflow {\n    rankdir=LR;\n    node [shape=box];\n"
        for (place, item) in picture.items.enumerated() {
            let label = item.label.reduce(into: "") { text, letter in
                text += letter == "\"" || letter == "\\" ? "\\\(letter)" : String(letter)
            }
            let attributes = ["label=\"\(label)\"", shape(item.shape), item.look.map(style)]
            text += "    n\(place) [\(attributes.compactMap { $0 }.joined(separator: ", "))];\n"
        }
        for (place, needs) in picture.needs.enumerated() {
            for need in needs { text += "    n\(need) -> n\(place);\n" }
        }
        return text + "}\n"
    }

    private static func shape(_ shape: Picture.Item.Shape) -> String? {
        switch shape {
        case .command: nil
        case .workflow: "peripheries=2"
        case .gate: "shape=octagon"
        }
    }

    private static func style(_ look: Look) -> String {
        switch look {
        case .success: "color=darkgreen"
        case .cached: "color=blue"
        case .failure: "color=red, penwidth=3"
        case .tolerated: "color=orange, penwidth=3, style=dashed"
        case .cancelled: "style=dotted"
        case .skipped: "style=dashed"
        case .running: "color=blue, penwidth=3"
        case .waiting, .lost: "style=dashed, penwidth=2"
        case .pending: "color=gray40"
        }
    }
}
