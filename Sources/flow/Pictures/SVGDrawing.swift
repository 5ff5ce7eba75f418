internal import FlowSVG

/// A picture as an SVG file. What colours say is said by marks, line styles and patterns too.
///
/// The same picture gives the same bytes. Costs O(nodes + needs + attempts) and the layout.
struct SVGDrawing {
    let picture: Picture
    var svg = SVGText()
    var looks: Set<Look> = []
    /// Of the waits that were drawn.
    var waits: Set<LegTrack.Wait.Cause> = []
    /// Whether time has been left out.
    var hasBreaks = false

    static let margin = 20.0

    /// The whole file.
    static func text(of picture: Picture) -> String {
        var drawing = SVGDrawing(picture: picture)
        return drawing.draw()
    }

    private init(picture: Picture) { self.picture = picture }

    private mutating func draw() -> String {
        let margin = Self.margin
        let graph = GraphSection(picture)
        let rows = picture.timeline.map { TimelineSection($0, graphWidth: graph.layout.width) }
        let heading = Heading(picture, room: max(graph.layout.width, rows?.width ?? 0))
        var y = margin + heading.height
        drawGraph(graph, x: margin, y: y)
        y += graph.layout.height
        if let rows {
            y += 30
            drawTimeline(rows, x: margin, y: y)
            y += rows.height + 24
        }
        let inner = max(graph.layout.width, rows?.width ?? 0, heading.width)
        y += drawLegend(x: margin, y: y, width: inner)
        var file = SVGFile(
            title: picture.title, description: summary, width: inner + 2 * margin,
            height: y + margin)
        file.rules = SVGStyle.rules
        file.definitions = SVGStyle.patterns
        for line in heading.lines {
            file.content.add(words: line.text, x: margin, y: margin + line.y, style: line.style)
        }
        file.content.add("\n" + svg.text)
        return file.text
    }

    /// The lines above the graph, which are as wide as the picture, or a page's column.
    private struct Heading {
        private(set) var lines: [(text: String, y: Double, style: String)] = []
        private(set) var width = 240.0
        private(set) var height = 16.0

        init(_ picture: Picture, room: Double) {
            let room = max(room, 640)
            add(picture.title, style: "head", size: 17 * SVGText.bold, step: 21, room: room)
            if !picture.subtitles.isEmpty { height += 4 }
            for text in picture.subtitles {
                add(text, style: "sub", size: 12, step: 17, room: room)
            }
            height += 22
        }

        private mutating func add(
            _ text: String, style: String, size: Double, step: Double, room: Double
        ) {
            for line in SVGText.lines(text, width: room, size: size, most: 4) {
                if !lines.isEmpty { height += step }
                lines.append((line, height, style))
                width = max(width, min(room, SVGText.width(line, size: size)))
            }
        }
    }

    private var summary: String {
        let edges = picture.needs.reduce(0) { $0 + $1.count }
        var sentences = ["\(picture.items.count) nodes, \(edges) needs."] + picture.subtitles
        if !picture.counts.isEmpty { sentences.append("Nodes: \(picture.counts).") }
        return sentences.joined(separator: " ")
    }

    // MARK: Legend

    /// Explains the marks that are there; gives its height.
    private mutating func drawLegend(x left: Double, y top: Double, width: Double) -> Double {
        var (x, y) = (left, top)
        let shown = Look.allCases.filter(looks.contains)
        var entries = shown.map { look in
            (
                look.words,
                { (svg: inout SVGText, x: Double, y: Double) in
                    svg.add(box: x, y - 8, 26, 11, style: "bar b-\(look.rawValue)")
                    SVGStyle.draw(look, in: &svg, x: x + 32, y: y - 7.5, size: 10)
                }
            )
        }
        for cause in LegTrack.Wait.Cause.allCases where waits.contains(cause) {
            entries.append(
                (
                    cause.words,
                    { svg, x, y in
                        svg.add(
                            path: "M\(SVGText.number(x)) \(SVGText.number(y - 2.5))h26",
                            style: cause.style)
                    }
                ))
        }
        if hasBreaks {
            entries.append(
                (
                    "nothing ran, time left out",
                    { svg, x, y in svg.add(box: x + 8, y - 9, 10, 13, style: "cut") }
                ))
        }
        guard !entries.isEmpty else { return 0 }
        svg.add("<g class=\"legend\">")
        for (words, draw) in entries {
            let room = 52 + SVGText.width(words, size: 11) + 14
            if x + room > left + width, x > left { (x, y) = (left, y + 18) }
            draw(&svg, x, y + 8)
            svg.add(words: words, x: x + 48, y: y + 9, style: "small")
            x += room
        }
        svg.add("</g>\n")
        return y - top + 18
    }
}
