internal import FlowSVG
internal import FlowStages
internal import FlowText

/// The chart of a skill's errors as an SVG file.
struct EffectPicture {
    /// Columns that can be told apart.
    static let columns = 360

    private let sheet: SkillDesk.Sheet
    private var chart: EffectChart { sheet.chart }
    private var svg = SVGText()

    private static let margin = 20.0
    private static let names = 46.0
    private static let width = 800.0
    private static let height = 220.0
    private let step: Double
    private let most: Double
    /// Of the axis.
    private let left = margin + names
    private let bottom: Double

    static func text(of sheet: SkillDesk.Sheet) -> String {
        var picture = EffectPicture(sheet)
        return picture.draw()
    }

    private init(_ sheet: SkillDesk.Sheet) {
        self.sheet = sheet
        step = (Self.width - Self.names) / Double(max(1, sheet.chart.columns.count))
        most = max(sheet.chart.columns.compactMap(\.value).max() ?? 0, .leastNonzeroMagnitude)
        bottom = Self.margin + 78 + Self.height
    }

    private mutating func draw() -> String {
        let row = sheet.row
        let title = VisibleText.safe("\(row.id): \(row.name)")
        let state = row.finding.map { "\($0), " } ?? "\(row.status), "
        let belief = "\(state)confidence \(SkillLines.confidence(row.confidence))"
        let reason = VisibleText.safe(row.reason)
        var file = SVGFile(
            title: title, description: "\(belief). \(reason)",
            width: Self.width + 2 * Self.margin, height: bottom + 84)
        file.rules = Self.rules
        file.definitions = Self.patterns
        svg.add(
            words: title, x: Self.margin, y: Self.margin + 16, style: "head", width: Self.width,
            size: 17 * SVGText.bold)
        svg.add(words: belief, x: Self.margin, y: Self.margin + 36, style: "sub")
        if let first = chart.columns.first, let last = chart.columns.last {
            let caption = EffectWords.caption(chart, from: first.date, to: last.date)
            svg.add(words: caption, x: Self.margin, y: Self.margin + 58, style: "note")
        }
        drawAxis()
        for (place, column) in chart.columns.enumerated() { draw(column, place) }
        drawMean(chart.before, .before)
        drawMean(chart.after, .after)
        drawMarks()
        drawLegend()
        let lines = SVGText.lines(reason, width: Self.width, size: 11, most: 2)
        for (number, line) in lines.enumerated() {
            svg.add(
                words: line, x: Self.margin, y: bottom + 58 + Double(number) * 14, style: "small")
        }
        file.content = svg
        return file.text
    }

    private func x(_ place: Int) -> Double { left + Double(place) * step }
    private func y(_ value: Double) -> Double { bottom - value / most * Self.height }

    private mutating func drawAxis() {
        let (x, end) = (SVGText.number(left), SVGText.number(Self.margin + Self.width))
        svg.add("<g>")
        for value in [0, most] where value == 0 || most > .leastNonzeroMagnitude {
            let y = SVGText.number(self.y(value))
            svg.add(path: "M\(x) \(y)H\(end)", style: value == 0 ? "axis" : "grid")
            svg.add(
                words: EffectWords.number(value), x: left - 6, y: self.y(value) + 4,
                style: "note end")
        }
        svg.add("</g>\n")
    }

    private mutating func draw(_ column: EffectChart.Column, _ place: Int) {
        svg.add("<g>")
        let days = chart.daysPerColumn == 1 || place == chart.deployed ? "" : " and on"
        guard let value = column.value else {
            svg.add(title: ["\(column.date)\(days): nothing was read"])
            svg.add(box: x(place), bottom, step, 5, style: "unread")
            svg.add("</g>\n")
            return
        }
        svg.add(title: ["\(column.date)\(days): \(EffectWords.number(value))"])
        let height = value > 0 ? max(1, bottom - y(value)) : 0
        svg.add(
            box: x(place) + step * 0.1, bottom - height, step * 0.8, height,
            style: "u-\(column.use.rawValue)")
        svg.add("</g>\n")
    }

    /// The mean of one side over its columns.
    private mutating func drawMean(_ mean: Double?, _ use: EffectChart.Use) {
        let places = chart.columns.indices.filter { chart.columns[$0].use == use }
        guard let mean, let first = places.first, let last = places.last else { return }
        let y = SVGText.number(y(min(mean, most)))
        svg.add("<g>")
        svg.add(title: ["mean \(use.rawValue): \(EffectWords.number(mean))"])
        svg.add(
            path: "M\(SVGText.number(x(first))) \(y)H\(SVGText.number(x(last + 1)))", style: "mean")
        svg.add("</g>\n")
    }

    private mutating func drawMarks() {
        if let place = chart.deployed {
            let middle = x(place) + step / 2
            let (x, top) = (SVGText.number(middle), SVGText.number(bottom - Self.height - 6))
            svg.add(path: "M\(x) \(top)V\(SVGText.number(bottom + 8))", style: "deployed")
            svg.add(words: "deployed", x: middle, y: bottom + 20, style: "note mid")
        }
        for (days, place) in chart.looks {
            let x = x(place + 1)
            svg.add(
                path: "M\(SVGText.number(x)) \(SVGText.number(bottom))v8", style: "mark")
            svg.add(
                words: days == 7 ? "day 7" : String(days), x: x, y: bottom + 20,
                style: "note mid")
        }
        svg.add("\n")
    }

    private mutating func drawLegend() {
        let words: [(EffectChart.Use, String)] = [
            (.before, "before"), (.after, "after"), (.watched, "after the last look"),
            (.none, "does not count"),
        ]
        var x = left
        svg.add("<g class=\"legend\">")
        for (use, text) in words where chart.columns.contains(where: { $0.use == use }) {
            svg.add(box: x, bottom + 30, 14, 11, style: "u-\(use.rawValue)")
            svg.add(words: text, x: x + 20, y: bottom + 39, style: "small")
            x += 36 + SVGText.width(text, size: 11)
        }
        svg.add("</g>\n")
    }

    private static let rules = """
        .u-before{fill:#b9c4cf;stroke:#57606a;stroke-width:.8}\
        .u-after{fill:#0a5fb4;stroke:#1f2328;stroke-width:.8}\
        .u-watched{fill:url(#flow-watched);stroke:#1f2328;stroke-width:.8}\
        .u-none{fill:url(#flow-none);stroke:#8c959f;stroke-width:.8}\
        .unread{fill:none;stroke:#8c959f;stroke-dasharray:2 2}\
        .mean{fill:none;stroke:#a3160f;stroke-width:1.6;stroke-dasharray:6 3}\
        .deployed{fill:none;stroke:#1f2328;stroke-width:1.6}\
        .mark{fill:none;stroke:#1f2328;stroke-width:1.2}
        """

    private static let patterns = """
        <pattern id="flow-watched" width="4" height="4" patternUnits="userSpaceOnUse">\
        <rect width="4" height="4" fill="#fff"/><rect width="4" height="2" fill="#0a5fb4"/></pattern>\
        <pattern id="flow-none" width="5" height="5" patternUnits="userSpaceOnUse" \
        patternTransform="rotate(45)"><rect width="5" height="5" fill="#fff"/>\
        <rect width="1.5" height="5" fill="#8c959f"/></pattern>
        """
}
