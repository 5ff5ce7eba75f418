internal import FlowSVG

extension ProcedurePicture {
    /// An SVG file. Steps stand below each other; what skips some passes at their left, what an output
    /// is handed on by at their right. The same procedure gives the same bytes.
    package var svg: String {
        var drawing = ProcedureSVG(self)
        return drawing.text
    }
}

/// Lines beside a column of boxes, each in a lane of its own where others pass it.
private struct Lanes {
    /// Of each edge; 0 is nearest to the boxes.
    private(set) var lane: [Int] = []
    private(set) var count = 0

    /// Shorter edges are nearer.
    init(_ edges: [ProcedurePicture.Edge]) {
        lane = Array(repeating: 0, count: edges.count)
        var taken: [[Range<Int>]] = []
        let order = edges.indices.sorted {
            (edges[$0].to - edges[$0].from, $0) < (edges[$1].to - edges[$1].from, $1)
        }
        for place in order {
            let span = edges[place].from..<edges[place].to
            let free = taken.firstIndex { !$0.contains { $0.overlaps(span) } } ?? taken.count
            if free == taken.count { taken.append([]) }
            taken[free].append(span)
            lane[place] = free
        }
        count = taken.count
    }
}

private struct ProcedureSVG {
    private let picture: ProcedurePicture
    private let titles: [[String]]
    private let notes: [String]
    private let skips: [ProcedurePicture.Edge]
    private let leftLanes: Lanes
    private let rightLanes: Lanes
    /// Of a lane, by its labels.
    private let leftStep: Double
    private let rightStep: Double
    private let boxWidth: Double
    private var tops: [Double] = []
    private var heights: [Double] = []
    private var left = 0.0
    private var svg = SVGText()

    private static let margin = 20.0
    private static let gap = 38.0
    private static let line = 15.0
    private static let longestLabel = 130.0
    private static let rules = """
        .edge{fill:none;stroke:#57606a;stroke-width:1.4}.tip{fill:#57606a}\
        .flow{fill:none;stroke:#0a5fb4;stroke-width:1.4;stroke-dasharray:2 3}.ftip{fill:#0a5fb4}\
        .box{fill:#fff;stroke:#1f2328;stroke-width:1.2}.maybe{stroke-dasharray:5 3}\
        .under{fill:#fff}
        """

    init(_ picture: ProcedurePicture) {
        self.picture = picture
        titles = picture.items.map { SVGText.lines($0.title, width: 220, size: 12, most: 3) }
        notes = picture.items.map {
            SVGText.cut($0.facts.dropFirst().joined(separator: ", "), width: 220, size: 11)
        }
        let widths =
            titles.joined().map { SVGText.width($0, size: 12) }
            + notes.map { SVGText.width($0, size: 11) }
        boxWidth = ((widths.max() ?? 0) + 24).rounded(.up)
        skips = picture.order.filter { $0.to > $0.from + 1 }
        leftLanes = Lanes(skips)
        rightLanes = Lanes(picture.flow)
        leftStep = Self.step(skips)
        rightStep = Self.step(picture.flow)
    }

    private static func step(_ edges: [ProcedurePicture.Edge]) -> Double {
        let widest = edges.map { SVGText.width($0.label, size: 11) }.max() ?? 0
        return min(widest, longestLabel) + 16
    }

    var text: String {
        mutating get {
            let heading = SVGText.lines(
                picture.procedure.name, width: 600, size: 17 * SVGText.bold, most: 2)
            let facts = picture.facts.flatMap {
                SVGText.lines($0, width: 600, size: 12, most: 3)
            }
            let margin = Self.margin
            let headWidth =
                (heading.map { SVGText.width($0, size: 17 * SVGText.bold) }
                + facts.map { SVGText.width($0, size: 12) }).max() ?? 0
            left = margin + Double(leftLanes.count) * leftStep
            var y = margin + 16 + Double(heading.count - 1) * 21 + Double(facts.count) * 17 + 18
            for place in picture.items.indices {
                let height =
                    Double(titles[place].count + (notes[place].isEmpty ? 0 : 1)) * Self.line + 13
                tops.append(y)
                heights.append(height)
                y += height + Self.gap
            }
            y -= Self.gap
            draw()
            let right = left + boxWidth + 14 + Double(rightLanes.count) * rightStep
            let legend = drawLegend(y: y + 26)
            var file = SVGFile(
                title: picture.procedure.name, description: summary,
                width: max(right, margin + headWidth, margin + legend) + margin,
                height: y + 26 + margin + 2)
            file.rules = Self.rules
            for (place, line) in heading.enumerated() {
                file.content.add(
                    words: line, x: margin, y: margin + 16 + Double(place) * 21, style: "head")
            }
            let under = margin + 18 + Double(heading.count - 1) * 21
            for (place, fact) in facts.enumerated() {
                file.content.add(
                    words: fact, x: margin, y: under + Double(place + 1) * 17, style: "sub")
            }
            file.content.add("\n" + svg.text)
            return file.text
        }
    }

    private var summary: String {
        let names = picture.items.map { $0.isOptional ? "[\($0.title)]" : $0.title }
        return (["Steps: " + names.joined(separator: ", ")] + picture.facts)
            .joined(separator: ". ") + "."
    }

    // MARK: Boxes and lines

    private mutating func draw() {
        svg.add("<g id=\"flow-graph\">\n")
        for edge in picture.order where edge.to == edge.from + 1 { drawNext(edge) }
        for (place, edge) in skips.enumerated() { drawSkip(edge, lane: leftLanes.lane[place]) }
        for (place, edge) in picture.flow.enumerated() {
            drawFlow(edge, lane: rightLanes.lane[place])
        }
        for place in picture.items.indices { drawBox(place) }
        svg.add("</g>\n")
    }

    private mutating func drawBox(_ place: Int) {
        let item = picture.items[place]
        let id = SVGText.escaped(picture.procedure.steps[place].id)
        svg.add("<g class=\"node\" data-node=\"\(id)\">")
        svg.add(title: item.facts)
        svg.add(
            box: left, tops[place], boxWidth, heights[place],
            style: item.isOptional ? "box maybe" : "box", more: " rx=\"5\"")
        var y = tops[place] + 18
        for line in titles[place] {
            svg.add(words: line, x: left + 12, y: y)
            y += Self.line
        }
        if !notes[place].isEmpty { svg.add(words: notes[place], x: left + 12, y: y, style: "note") }
        svg.add("</g>\n")
    }

    private func number(_ value: Double) -> String { SVGText.number(value) }

    /// Straight down, its label at the right.
    private mutating func drawNext(_ edge: ProcedurePicture.Edge) {
        let x = left + min(boxWidth / 2, 60)
        let (from, to) = (tops[edge.from] + heights[edge.from], tops[edge.to])
        svg.add(path: "M\(number(x)) \(number(from))V\(number(to - 6))", style: "edge")
        svg.add(path: "M\(number(x)) \(number(to))l-3.5 -7h7z", style: "tip")
        svg.add(words: edge.label, x: x + 9, y: (from + to) / 2 + 3, style: "small")
        svg.add("\n")
    }

    /// Out of the left side of one box and into that of the other.
    private mutating func drawSkip(_ edge: ProcedurePicture.Edge, lane: Int) {
        let x = left - Double(lane + 1) * leftStep + 8
        let from = tops[edge.from] + heights[edge.from] - 9
        let to = tops[edge.to] + 9
        drawBeside(from, to, at: left, by: x, style: "edge")
        svg.add(
            path: "M\(number(left)) \(number(to))l-7 -3.5v7z", style: "tip")
        drawLabel(edge, x: x, y: (from + to) / 2)
    }

    private mutating func drawFlow(_ edge: ProcedurePicture.Edge, lane: Int) {
        let side = left + boxWidth
        let x = side + 14 + Double(lane) * rightStep
        let from = tops[edge.from] + heights[edge.from] - 9
        let to = tops[edge.to] + 9
        drawBeside(from, to, at: side, by: x, style: "flow")
        svg.add(
            path: "M\(number(side)) \(number(to))l7 -3.5v7z", style: "ftip")
        drawLabel(edge, x: x, y: (from + to) / 2)
    }

    private mutating func drawBeside(
        _ from: Double, _ to: Double, at side: Double, by x: Double, style: String
    ) {
        let bend = x < side ? -8.0 : 8.0
        svg.add(
            path: "M\(number(side)) \(number(from))H\(number(x - bend))"
                + "q\(number(bend)) 0 \(number(bend)) 8V\(number(to - 8))"
                + "q0 8 \(number(-bend)) 8H\(number(side))",
            style: style)
    }

    /// Beside its line, on a ground of its own, since other lines may pass.
    private mutating func drawLabel(_ edge: ProcedurePicture.Edge, x: Double, y: Double) {
        let words = SVGText.cut(edge.label, width: Self.longestLabel, size: 11)
        guard !words.isEmpty else { return }
        svg.add(box: x + 2, y - 8, SVGText.width(words, size: 11) + 2, 14, style: "under")
        svg.add(words: words, x: x + 4, y: y + 3, style: "small")
        svg.add("\n")
    }

    // MARK: Legend

    /// Explains what is there; gives its width.
    private mutating func drawLegend(y: Double) -> Double {
        var x = Self.margin
        func entry(_ words: String, _ draw: (inout SVGText, Double) -> Void) {
            draw(&svg, x)
            svg.add(words: words, x: x + 32, y: y + 9, style: "small")
            x += 32 + SVGText.width(words, size: 11) + 16
        }
        svg.add("<g class=\"legend\">")
        entry("comes next, in so many executions, after so long (median)") { svg, x in
            svg.add(path: "M\(SVGText.number(x)) \(SVGText.number(y + 5))h26", style: "edge")
        }
        if picture.items.contains(where: \.isOptional) {
            entry("left out at times") { svg, x in
                svg.add(box: x, y, 26, 11, style: "box maybe")
            }
        }
        if !picture.flow.isEmpty {
            entry("its output is handed on") { svg, x in
                svg.add(path: "M\(SVGText.number(x)) \(SVGText.number(y + 5))h26", style: "flow")
            }
        }
        svg.add("</g>\n")
        return x - Self.margin
    }
}
