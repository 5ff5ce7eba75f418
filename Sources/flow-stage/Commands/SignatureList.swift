internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

/// Signatures, a line each; on a terminal with the names of the columns above them.
enum SignatureList {
    static func print(_ rows: [SignatureDesk.Row], json: Bool) {
        if json {
            for row in rows { Print.line(row.json.text()) }
            return
        }
        let widths = Widths(
            component: rows.map { VisibleText.safe($0.component).count }.max() ?? 0,
            skill: rows.map { $0.skill?.count ?? 1 }.max() ?? 0)
        if TerminalDevice.output.isTerminal, !rows.isEmpty {
            Print.line(
                "group       7 d   30 d  \("30 days".padded(30))    "
                    + "component".padded(widths.component) + "  " + "skill".padded(widths.skill)
                    + "  template")
        }
        for row in rows { Print.line(line(row, widths)) }
    }

    private struct Widths {
        let component: Int
        let skill: Int

        /// A component that is longer pushes its own line only.
        init(component: Int, skill: Int) {
            self.component = min(component, 32)
            self.skill = skill
        }
    }

    private static func line(_ row: SignatureDesk.Row, _ widths: Widths) -> String {
        "\(row.fingerprint.prefix(8))  \(row.hits7d.padded(6)) \(row.hits30d.padded(6))  "
            + "\(Sparkline.text(row.days)) \(arrow(row.trend))  "
            + VisibleText.safe(row.component).padded(widths.component) + "  "
            + (row.skill ?? "-").padded(widths.skill) + "  " + VisibleText.safe(row.template)
    }

    private static func arrow(_ trend: String) -> String {
        switch trend {
        case "increasing": "↗"
        case "decreasing": "↘"
        default: "→"
        }
    }
}

extension String {
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Int {
    /// With blanks before it.
    func padded(_ width: Int) -> String {
        let text = String(self)
        return String(repeating: " ", count: Swift.max(0, width - text.count)) + text
    }
}
