internal import FlowStages
internal import FlowSystem
internal import FlowText

/// Skills, a line of at most 80 columns each; on a terminal with the names of the columns above them.
enum SkillLines {
    static let width = 80
    private static let cells = 2

    static func print(_ rows: [SkillDesk.Row]) {
        let ids = rows.map { VisibleText.safe($0.id).count }.max() ?? 0
        let findings = rows.map { finding($0).count }.max() ?? 0
        if TerminalDevice.output.isTerminal, !rows.isEmpty {
            Print.line(
                "skill".padded(ids) + "  conf. "
                    + "ratio 95 %".padded(RatioStrip.width(cells: cells)) + "   days  "
                    + "finding".padded(findings) + "  name")
        }
        for row in rows {
            let line =
                VisibleText.safe(row.id).padded(ids) + "  \(confidence(row.confidence))  "
                + "\(evidence(row))  "
                + "\(finding(row).padded(findings))  \(VisibleText.safe(row.name))"
            Print.line(line.cut(width))
        }
    }

    /// The ratio and its days; of a skill without one that was tried, how often and when last.
    private static func evidence(_ row: SkillDesk.Row) -> String {
        let width = RatioStrip.width(cells: cells)
        if row.ratio == nil, let last = row.lastUsed {
            return "\(row.uses) \(row.uses == 1 ? "use" : "uses"), \(last.date)".padded(width + 7)
        }
        let days = row.days.map { "\($0.padded(4)) d" } ?? "     -"
        return "\(RatioStrip.text(row.ratio, cells: cells)) \(days)"
    }

    /// Two decimal places; never 0 or 1, which nothing is.
    static func confidence(_ value: Double) -> String {
        let hundredths = min(99, max(1, Int((value * 100).rounded())))
        return "0." + (hundredths < 10 ? "0" : "") + String(hundredths)
    }

    /// What was found, or that it does not act.
    private static func finding(_ row: SkillDesk.Row) -> String {
        (row.finding ?? row.status) + (row.flag == nil ? "" : ", flagged")
    }
}

extension String {
    /// Without blanks at its end.
    var withoutEnd: String { String(reversed().drop { $0 == " " }.reversed()) }

    /// With `…` in place of what is too much.
    func cut(_ width: Int) -> String { count > width ? prefix(width - 1) + "…" : self }

    /// Its words in lines of at most `width` characters, where words are not longer; those are cut in
    /// pieces.
    func wrapped(_ width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            var rest = word
            if let last = lines.last, last.count + 1 + rest.count <= width {
                lines[lines.count - 1] = "\(last) \(rest)"
                continue
            }
            while rest.count > width {
                lines.append(String(rest.prefix(width)))
                rest = rest.dropFirst(width)
            }
            lines.append(String(rest))
        }
        return lines
    }
}
