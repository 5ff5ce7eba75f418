internal import FlowSVG

/// A timeline's rows and scale before they are drawn.
struct TimelineSection {
    let timeline: Timeline
    let rows: [TimelineRow]
    let scale: TimeScale
    let isCompact: Bool
    /// Of the titles at the left, the chart, the notes at the right.
    let titles: Double
    let chart: Double
    let notes: Double
    let rowHeight: Double

    static let axisHeight = 24.0

    init(_ timeline: Timeline, graphWidth: Double) {
        self.timeline = timeline
        let rows = TimelineRow.all(of: timeline)
        let isCompact = rows.count >= 400
        self.rows = rows
        self.isCompact = isCompact
        rowHeight = isCompact ? 13 : 22
        let size = isCompact ? 9.0 : 12
        let widest = rows.map { SVGText.width($0.title, size: size) + Double($0.depth) * 16 }.max()
        titles = min(320, max(60, widest ?? 0)) + 30
        let noted = rows.map { SVGText.width($0.note, size: isCompact ? 9 : 11) }.max() ?? 0
        notes = min(260, noted) + 16
        chart = min(1_400, max(640, graphWidth - titles - notes))
        scale = TimeScale(timeline, width: chart)
    }

    var width: Double { titles + chart + notes }
    var height: Double { Self.axisHeight + Double(rows.count) * rowHeight }
}

extension SVGDrawing {
    mutating func drawTimeline(_ section: TimelineSection, x: Double, y: Double) {
        svg.add("<g id=\"flow-timeline\">\n")
        let top = y + TimelineSection.axisHeight
        for number in stride(from: 1, to: section.rows.count, by: 2) {
            svg.add(
                box: x, top + Double(number) * section.rowHeight, section.width, section.rowHeight,
                style: "stripe")
        }
        svg.add("\n")
        drawAxis(section, x: x + section.titles, y: y)
        for (number, row) in section.rows.enumerated() {
            draw(
                row, section, x: x, y: top + Double(number) * section.rowHeight)
        }
        svg.add("</g>\n")
    }

    private mutating func drawAxis(_ section: TimelineSection, x: Double, y: Double) {
        let bottom = y + section.height
        let line = y + TimelineSection.axisHeight
        svg.add(
            "<g id=\"flow-axis\" data-left=\"\(SVGText.number(x))\""
                + " data-right=\"\(SVGText.number(x + section.chart))\">")
        for tick in section.scale.ticks {
            let place = SVGText.number(x + tick.x)
            svg.add(
                path: "M\(place) \(SVGText.number(line - 4))V\(SVGText.number(bottom))",
                style: "grid")
            svg.add(words: tick.label, x: x + tick.x, y: line - 9, style: "note mid")
        }
        for cut in section.scale.breaks {
            hasBreaks = true
            svg.add("<g>")
            svg.add(title: ["\(Timeline.words(cut.length)) left out, in which nothing ran"])
            svg.add(
                box: x + cut.x - 5, line - 4, 10, bottom - line + 4, style: "cut")
            svg.add("</g>")
        }
        svg.add(
            path: "M\(SVGText.number(x)) \(SVGText.number(line))h\(SVGText.number(section.chart))",
            style: "axis")
        svg.add("</g>\n")
    }

    private mutating func draw(
        _ row: TimelineRow, _ section: TimelineSection, x: Double, y: Double
    ) {
        let isCompact = section.isCompact
        let middle = y + section.rowHeight / 2
        svg.add("<g class=\"row\" data-row=\"\(SVGText.escaped(row.path))\">")
        svg.add(title: row.facts)
        let left = x + Double(row.depth) * 16
        looks.insert(row.look)
        let mark = isCompact ? 7.0 : 10
        SVGStyle.draw(row.look, in: &svg, x: left + 2, y: middle - mark / 2, size: mark)
        let size = isCompact ? 9.0 : 12
        svg.add(
            words: row.title, x: left + 18, y: middle + size * 0.36, style: isCompact ? "tiny" : "",
            width: section.titles - 24 - Double(row.depth) * 16, size: size)
        drawContent(row, section, x: x + section.titles, middle: middle)
        svg.add(
            words: row.note, x: x + section.titles + section.chart + 10, y: middle + 4,
            style: isCompact ? "tiny" : "note", width: section.notes - 12, size: isCompact ? 9 : 11)
        svg.add("</g>\n")
    }

    private mutating func drawContent(
        _ row: TimelineRow, _ section: TimelineSection, x: Double, middle: Double
    ) {
        let height = section.isCompact ? 8.0 : 13
        switch row.content {
        case .leg(let leg): draw(leg, section.scale, x: x, middle: middle, height: height)
        case .group(let start, let end):
            let (from, to) = (x + section.scale.x(start), x + section.scale.x(end))
            let foot = SVGText.number(height / 2)
            svg.add(
                path: "M\(SVGText.number(from)) \(SVGText.number(middle + height / 4))v-\(foot)"
                    + "H\(SVGText.number(to))v\(foot)",
                style: "group")
        case .rest(let legs):
            drawLoad(legs, section, x: x, bottom: middle + height / 2, height: height)
        case .nothing: break
        }
        guard let mark = row.mark else { return }
        let place = min(x + section.scale.x(mark), x + section.chart - 5)
        svg.add("<g class=\"moment\">")
        SVGStyle.draw(row.look, in: &svg, x: max(x, place - 4), y: middle - 4, size: 8)
        svg.add("</g>")
    }

    private mutating func draw(
        _ leg: LegTrack, _ scale: TimeScale, x: Double, middle: Double, height: Double
    ) {
        for wait in leg.waits {
            let (from, to) = (scale.x(wait.start), scale.x(wait.end))
            guard to - from >= 1 else { continue }
            waits.insert(wait.cause)
            svg.add(
                path: "M\(SVGText.number(x + from)) \(SVGText.number(middle))"
                    + "H\(SVGText.number(x + to))",
                style: wait.cause.style)
        }
        // What is too short to see is drawn as wide as can be seen, within the axis and without
        // covering what comes next.
        let least = 2.0
        let right = scale.x(.max)
        for (number, bar) in leg.bars.enumerated() {
            looks.insert(bar.look)
            let next = number + 1 < leg.bars.count ? scale.x(leg.bars[number + 1].start) : right
            let from = min(scale.x(bar.start), right - least)
            let to = max(scale.x(bar.end), min(from + least, max(next, from + 0.2)))
            svg.add("<g>")
            let words = [
                "attempt \(bar.attempt): \(bar.look.words)", Timeline.words(bar.end - bar.start),
                bar.reason,
            ]
            svg.add(title: words)
            svg.add(
                box: x + from, middle - height / 2, to - from, height,
                style: "bar b-\(bar.look.rawValue)")
            svg.add("</g>")
        }
    }

    /// How many of the legs ran, as a profile over time.
    private mutating func drawLoad(
        _ legs: [LegTrack], _ section: TimelineSection, x: Double, bottom: Double, height: Double
    ) {
        let step = 4.0
        let count = max(1, Int((section.chart / step).rounded(.up)))
        var load = [Double](repeating: 0, count: count + 1)
        for bar in legs.lazy.flatMap(\.bars) {
            add(from: section.scale.x(bar.start) / step, to: section.scale.x(bar.end) / step, &load)
        }
        let most = load.max() ?? 0
        guard most > 0 else { return }
        var path = "M\(SVGText.number(x)) \(SVGText.number(bottom))"
        for place in 0..<count {
            path += "V\(SVGText.number(bottom - load[place] / most * height))"
            path += "H\(SVGText.number(x + min(section.chart, Double(place + 1) * step)))"
        }
        svg.add(path: path + "V\(SVGText.number(bottom))z", style: "load")
    }

    /// Shares of a span among the places that it covers; a bar covers few of them in most runs.
    private func add(from: Double, to: Double, _ load: inout [Double]) {
        let (first, last) = (max(0, Int(from)), min(load.count - 1, Int(to)))
        guard first <= last else { return }
        for place in first...last {
            load[place] += max(0, min(to, Double(place + 1)) - max(from, Double(place))) + 1e-3
        }
    }
}
