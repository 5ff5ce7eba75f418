internal import FlowSVG

/// The graph's boxes and lines before they are drawn.
struct GraphSection {
    let layout: GraphLayout
    /// Of the text in boxes.
    let fontSize: Double
    let isCompact: Bool

    /// Of each box.
    let titles: [[String]]

    /// Nodes from which on boxes are compact: small text, short titles.
    static let compactFrom = 150
    /// What fits a page; a graph that is wider is turned where that makes it narrower.
    static let pageWidth = 1_000.0

    init(_ picture: Picture) {
        isCompact = picture.items.count >= Self.compactFrom
        let isCompact = isCompact
        let fontSize = isCompact ? 9.0 : 12
        self.fontSize = fontSize
        let titles = picture.items.map { item in
            SVGText.lines(
                item.title, width: isCompact ? 90 : 200, size: fontSize, most: isCompact ? 2 : 3)
        }
        self.titles = titles
        let sizes = zip(picture.items, titles).map { item, lines in
            let text = lines.map { SVGText.width($0, size: fontSize) }.max() ?? 0
            let marks = (item.look == nil ? 0.0 : 16) + (item.shape == .command ? 0 : 14)
            return GraphLayout.Size(
                width: (text + marks + (isCompact ? 10 : 22)).rounded(.up),
                height: (isCompact ? 16 : 30) + Double(lines.count - 1) * Self.lineHeight(fontSize))
        }
        layout = GraphLayout(
            sizes, needs: picture.needs,
            gaps: isCompact
                ? .init(boxes: 5, lines: 4, layers: 34) : .init(boxes: 16, lines: 10, layers: 40),
            page: Self.pageWidth)
    }

    static func lineHeight(_ fontSize: Double) -> Double { (fontSize * 1.25).rounded() }
}

extension SVGDrawing {
    mutating func drawGraph(_ graph: GraphSection, x: Double, y: Double) {
        svg.add("<g id=\"flow-graph\">\n")
        for line in graph.layout.lines {
            let isOff = picture.items[line.to].look == .skipped
            let curve = Self.curve(line.points, x, y, isTurned: graph.layout.isTurned)
            svg.add(path: curve, style: isOff ? "edge off" : "edge")
            svg.add("\n")
        }
        for (place, item) in picture.items.enumerated() {
            var box = graph.layout.boxes[place]
            box.x += x
            box.y += y
            draw(item, box, graph, graph.titles[place], hasNeeds: !picture.needs[place].isEmpty)
        }
        svg.add("</g>\n")
    }

    /// Bends between layers, level within them.
    private static func curve(
        _ points: [GraphLayout.Point], _ dx: Double, _ dy: Double, isTurned: Bool
    ) -> String {
        func at(_ x: Double, _ y: Double) -> String {
            SVGText.number(x + dx) + " " + SVGText.number(y + dy)
        }
        guard let first = points.first else { return "" }
        var path = "M" + at(first.x, first.y)
        // Pairs of points are level; from one pair to the next the line bends.
        for place in stride(from: 1, to: points.count - 1, by: 2) {
            let (from, to) = (points[place], points[place + 1])
            path += "L" + at(from.x, from.y)
            if isTurned {
                let middle = (from.y + to.y) / 2
                path += "C\(at(from.x, middle)) \(at(to.x, middle)) \(at(to.x, to.y))"
            } else {
                let middle = (from.x + to.x) / 2
                path += "C\(at(middle, from.y)) \(at(middle, to.y)) \(at(to.x, to.y))"
            }
        }
        if let last = points.last { path += "L" + at(last.x, last.y) }
        return path
    }

    private mutating func draw(
        _ item: Picture.Item, _ box: GraphLayout.Box, _ graph: GraphSection, _ title: [String],
        hasNeeds: Bool
    ) {
        let isCompact = graph.isCompact
        svg.add("<g class=\"node\" data-node=\"\(SVGText.escaped(item.id))\">")
        svg.add(title: item.facts)
        let style = "box" + (item.look.map { " n-\($0.rawValue)" } ?? "")
        if item.isMatrix {
            let more = isCompact ? 2.0 : 4
            svg.add(
                path: "M\(SVGText.number(box.x + more)) \(SVGText.number(box.y - more))"
                    + "h\(SVGText.number(box.width))v\(SVGText.number(box.height))",
                style: "edge")
        }
        outline(item.shape, box, style)
        var x = box.x + (isCompact ? 5 : 11) + (item.shape == .command ? 0 : 7)
        if let look = item.look {
            looks.insert(look)
            let size = isCompact ? 8.0 : 10
            SVGStyle.draw(look, in: &svg, x: x, y: box.middle - size / 2, size: size)
            x += 16
        }
        let step = GraphSection.lineHeight(graph.fontSize)
        let top = box.middle + graph.fontSize * 0.36 - Double(title.count - 1) / 2 * step
        for (number, line) in title.enumerated() {
            svg.add(
                words: line, x: x, y: top + Double(number) * step, style: isCompact ? "tiny" : "")
        }
        if hasNeeds { drawTip(box, isTurned: graph.layout.isTurned) }
        svg.add("</g>\n")
    }

    /// The head of the lines that end at a box.
    private mutating func drawTip(_ box: GraphLayout.Box, isTurned: Bool) {
        if isTurned {
            let (x, y) = (SVGText.number(box.x + box.width / 2), SVGText.number(box.y))
            svg.add(path: "M\(x) \(y)l-3.5 -7h7z", style: "tip")
        } else {
            let (x, y) = (SVGText.number(box.x), SVGText.number(box.middle))
            svg.add(path: "M\(x) \(y)l-7 -3.5v7z", style: "tip")
        }
    }

    private mutating func outline(
        _ shape: Picture.Item.Shape, _ box: GraphLayout.Box, _ style: String
    ) {
        switch shape {
        case .command:
            svg.add(box: box.x, box.y, box.width, box.height, style: style, more: " rx=\"5\"")
        case .workflow:
            svg.add(box: box.x, box.y, box.width, box.height, style: style)
            let inner = SVGText.number(box.height)
            let (left, right) = (box.x + 5, box.x + box.width - 5)
            svg.add(
                path: "M\(SVGText.number(left)) \(SVGText.number(box.y))v\(inner)"
                    + "M\(SVGText.number(right)) \(SVGText.number(box.y))v\(inner)",
                style: "edge")
        case .gate:
            let cut = min(9, box.height / 3)
            let (width, height) = (box.width - 2 * cut, box.height - 2 * cut)
            let (c, w, h) = (SVGText.number(cut), SVGText.number(width), SVGText.number(height))
            svg.add(
                path: "M\(SVGText.number(box.x + cut)) \(SVGText.number(box.y))"
                    + "h\(w)l\(c) \(c)v\(h)l-\(c) \(c)h-\(w)l-\(c) -\(c)v-\(h)z",
                style: style)
        }
    }
}
