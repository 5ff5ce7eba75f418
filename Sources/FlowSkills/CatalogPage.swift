internal import FlowText

/// The catalog as a page in Markdown, for people who read a repository in a browser.
///
/// All text of others stands as code with character references (`docs/security.md`, 2): nothing in
/// it is a heading, a link, a picture, a mention or HTML. The same catalog gives the same bytes.
package enum CatalogPage {
    package static let path = "docs/error-codes.md"

    /// What a page of flow's begins with; one that begins otherwise is a person's.
    private static let mark = "<!-- flow makes this page of \(Catalog.path) at each sync -->\n"

    /// Rows of a table. GitHub shows no Markdown beyond 500 kB, and people read the first of them.
    private static let most = 500

    /// Whether a file is a page that flow may write over.
    package static func isOwn(_ bytes: [UInt8]) -> Bool { bytes.starts(with: mark.utf8) }

    /// The page of what a sync has found.
    package static func text(_ result: Catalog.Result) -> String {
        let active = result.rows.filter { !$0.isQuiet }
        let quiet = result.rows.filter(\.isQuiet)
        var text = mark + "\n# Error catalog\n\n" + summary(result.summary, active)
        text += section("Errors", active)
        if !quiet.isEmpty {
            text += section("Quiet", quiet)
        }
        return text
    }

    private static func summary(_ summary: Catalog.Summary, _ active: [CatalogRow]) -> String {
        let severities = CatalogSeverity.allCases.map { severity in
            "\(active.count { $0.severity == severity.rawValue }) \(severity.rawValue)"
        }
        var text = "\(active.count) errors: \(severities.joined(separator: ", ")).\n\n"
        text += "| | now | target |\n|---|---|---|\n"
        text += row(
            "covered by approved skills: \(summary.covered) of \(summary.signatures)",
            summary.coverage, summary.rules.coverageTarget)
        let effect = summary.effect.map {
            ": \(number($0.expected7d)) expected in 7 days, "
                + "\(number($0.actual7d)) seen"
        }
        return text
            + row(
                "fewer errors where a skill was judged\(effect ?? "")", summary.reduction,
                summary.rules.reductionTarget)
            + "\n"
    }

    private static func row(_ what: String, _ share: Double?, _ target: Double) -> String {
        let met = share.map { $0 >= target ? " ✓" : "" } ?? ""
        return "| \(what) | \(share.map(percent) ?? "unknown")\(met) | \(percent(target)) |\n"
    }

    private static func section(_ title: String, _ rows: [CatalogRow]) -> String {
        var text = "## \(title)\n\n"
        text += "| code | severity | error | 7 d | 30 d | trend | last seen | skills |\n"
        text += "|---|---|---|---:|---:|---|---|---|\n"
        for row in CatalogRow.ordered(rows, most: most) { text += line(row) }
        if rows.count > most {
            text += "\nand \(rows.count - most) more in `\(Catalog.path)`\n"
        }
        return text + "\n"
    }

    private static func line(_ row: CatalogRow) -> String {
        let error =
            row.title.isEmpty || row.title == row.description
            ? MarkdownText.code(row.description)
            : "\(MarkdownText.code(row.title))<br>\(MarkdownText.code(row.description))"
        let skills = row.covers.map { cover in
            MarkdownText.code(cover.id) + (cover.confidence.map { " \(percent($0))" } ?? "")
        }
        let cells = [
            MarkdownText.code(row.code), MarkdownText.code(row.severity), error,
            String(row.hits7d), String(row.hits30d), arrow(row.trend),
            MarkdownText.code(String((row.lastSeen ?? "").prefix(10))),
            skills.joined(separator: "<br>"),
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    private static func arrow(_ trend: String) -> String {
        switch trend {
        case Trend.Way.increasing.rawValue: "↗"
        case Trend.Way.decreasing.rawValue: "↘"
        default: "→"
        }
    }

    private static func percent(_ share: Double) -> String {
        "\(Int((share * 100).rounded())) %"
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths) % 10)"
    }
}
