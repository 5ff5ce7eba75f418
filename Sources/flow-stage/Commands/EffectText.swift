internal import FlowStages

/// The chart of a skill's errors as text without colour, within 80 columns: bars of eighths, the day of
/// the deployment as a line through all rows, a gap in the axis where nothing was read.
struct EffectText {
    let lines: [String]

    /// Columns of numbers at the left, and of the chart.
    private static let names = 6
    static let columns = SkillLines.width - names - 1
    private static let rows = 8
    private static let eighths = Array(" ▁▂▃▄▅▆▇█")

    init(_ chart: EffectChart) {
        guard let first = chart.columns.first, let last = chart.columns.last else {
            lines = []
            return
        }
        let most = chart.columns.compactMap(\.value).max() ?? 0
        var lines = [EffectWords.caption(chart, from: first.date, to: last.date)]
        for row in (0..<(most > 0 ? Self.rows : 0)).reversed() {
            let name = row == Self.rows - 1 ? EffectWords.number(most) : ""
            let cells = chart.columns.enumerated().map { place, column in
                Self.cell(column, row, most, isDeployed: place == chart.deployed)
            }
            lines.append(Self.name(name) + "│" + String(cells))
        }
        lines.append(Self.name("0") + "└" + Self.axis(chart))
        lines.append(Self.marks(chart))
        lines += EffectWords.facts(chart).wrapped(SkillLines.width)
        if chart.columns.contains(where: { $0.use == .none && $0.value ?? 0 > 0 }) {
            lines += "░ does not count: \(EffectWords.uncounted)".wrapped(SkillLines.width)
        }
        self.lines = lines.map(\.withoutEnd)
    }

    private static func name(_ text: String) -> String {
        String(repeating: " ", count: max(0, names - 1 - text.count)) + text + " "
    }

    private static func cell(
        _ column: EffectChart.Column, _ row: Int, _ most: Double, isDeployed: Bool
    ) -> Character {
        let value = column.value ?? 0
        // What is there shows.
        let height = value > 0 ? max(1, Int((value / most * Double(rows * 8)).rounded())) : 0
        let part = min(8, max(0, height - row * 8))
        if part == 0 { return isDeployed ? "│" : " " }
        return column.use == .none ? "░" : eighths[part]
    }

    private static func axis(_ chart: EffectChart) -> String {
        let looks = Set(chart.looks.map(\.column))
        return String(
            chart.columns.enumerated().map { place, column -> Character in
                if place == chart.deployed { return "┴" }
                if looks.contains(place) { return "┬" }
                return column.value == nil ? " " : "─"
            })
    }

    /// What stands under the axis: `deployed` and the days of the looks.
    private static func marks(_ chart: EffectChart) -> String {
        var line = ""
        if let place = chart.deployed {
            let word = "deployed"
            line = line.padded(names + 1 + place + 1 - word.count) + word
            if place + 1 < word.count { line = String(repeating: " ", count: names + 1) + word }
        }
        for (days, place) in chart.looks {
            let word = String(days)
            let start = names + 1 + place + 1 - word.count
            if start > line.count { line = line.padded(start) + word }
        }
        return line
    }
}

/// What a chart says in words, as text and as a picture.
enum EffectWords {
    static let uncounted =
        "the error was chosen for those days, or nothing that contains the skill ran"

    static func caption(_ chart: EffectChart, from first: String, to last: String) -> String {
        let unit = chart.isRate ? "errors in 1,000 other records" : "errors a day"
        let mean = chart.daysPerColumn == 1 ? "" : ", means of \(chart.daysPerColumn) days"
        return "\(unit), \(first) to \(last)\(mean)"
    }

    /// The means of both sides, and what the marks under the axis are.
    static func facts(_ chart: EffectChart) -> String {
        var means: [String] = []
        if let before = chart.before { means.append("before \(number(before))") }
        if let after = chart.after { means.append("after \(number(after))") }
        var parts: [String] = []
        if !means.isEmpty { parts.append("mean \(means.joined(separator: ", "))") }
        if !chart.looks.isEmpty { parts.append("judged after 7, 14 and 28 days") }
        return parts.joined(separator: "; ")
    }

    /// Three digits that tell something.
    static func number(_ value: Double) -> String {
        if value >= 100 { return String(Int(value.rounded())) }
        let scale = value >= 10 ? 10.0 : 100
        let scaled = Int((value * scale).rounded())
        let whole = scaled / Int(scale)
        var rest = String(scaled % Int(scale))
        if scale == 100, rest.count == 1 { rest = "0" + rest }
        while rest.last == "0" { rest.removeLast() }
        return rest.isEmpty ? String(whole) : "\(whole).\(rest)"
    }
}
