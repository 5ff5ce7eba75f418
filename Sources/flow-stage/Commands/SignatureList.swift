internal import FlowJSON
internal import FlowStages
internal import FlowText

/// Signatures, a line each.
enum SignatureList {
    static func print(_ rows: [SignatureDesk.Row], json: Bool) {
        for row in rows { Print.line(json ? row.json.text() : line(row)) }
    }

    private static func line(_ row: SignatureDesk.Row) -> String {
        "\(row.fingerprint.prefix(8))  \(padded(row.hits7d, 6)) \(padded(row.hits30d, 6))  "
            + "\(Sparkline.text(row.days)) \(arrow(row.trend))  "
            + "\(VisibleText.safe(row.component))  \(row.skill ?? "-")  "
            + VisibleText.safe(row.template)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func arrow(_ trend: String) -> String {
        switch trend {
        case "increasing": "↗"
        case "decreasing": "↘"
        default: "→"
        }
    }
}
