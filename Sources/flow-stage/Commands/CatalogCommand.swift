internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowText

struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "The error catalog as a table.",
        discussion: """
            Errors that still come, the most severe first: code, severity, hits of the last 7 and 30 \
            days with a bar, the trend where the counts support one, the skills that cover them. Below \
            it how much is covered, and by how much judged skills made errors fewer.
            """,
        examples: [
            ("flow catalog", "a line each"),
            ("flow catalog --severity critical --uncovered", "what needs a skill most"),
            ("flow catalog --quiet", "what has stopped"),
            ("flow catalog --json", "one JSON object a line, with all that stands in the entries"),
        ])

    @Option(help: "only critical, high, medium or low ones", valueName: "name")
    var severity: String?
    @Option(help: "only those of one category, such as database", valueName: "name")
    var category: String?
    @Flag(help: "only those that no skill covers") var uncovered: Bool
    @Flag(help: "only those that have stopped") var quiet: Bool
    @Option(help: "at most so many", valueName: "n") var limit: Int?
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        try require(severity, "--severity", CatalogDesk.severities)
        try require(category, "--category", CatalogDesk.categories)
        guard limit ?? 1 > 0 else {
            throw UsageError("--limit takes a number from 1", command: "flow catalog")
        }
        let desk = try CatalogDesk(try Place.workspace())
        var filter = CatalogDesk.Filter()
        filter.severity = severity
        filter.category = category
        filter.isQuiet = quiet
        filter.isCovered = uncovered ? false : nil
        let rows = Array(desk.rows(filter).prefix(limit ?? .max))
        if json {
            for row in rows { Print.line(row.json.text()) }
            return 0
        }
        table(rows)
        for line in facts(desk) { Print.note(line) }
        return 0
    }

    private func require(_ word: String?, _ option: String, _ words: [String]) throws {
        guard let word, !words.contains(word) else { return }
        throw UsageError(
            "\(option) takes one of \(words.joined(separator: ", "))", command: "flow catalog")
    }

    /// Characters of the longest bar.
    private static let bar = 10

    private func table(_ rows: [CatalogDesk.Row]) {
        let most = max(1, rows.map(\.hits7d).max() ?? 1)
        let codes = rows.map { VisibleText.safe($0.code).count }.max() ?? 0
        let skills = rows.map { joined($0.skills).count }.max() ?? 0
        for row in rows {
            let bar = Bar.text(Double(row.hits7d) / Double(most), width: Self.bar)
            Print.line(
                "\(VisibleText.safe(row.code).padded(codes))  "
                    + "\(VisibleText.safe(row.severity).padded(8))  \(row.hits7d.padded(6)) "
                    + "\(bar.padded(Self.bar)) \(row.hits30d.padded(6))  \(arrow(row.trend))  "
                    + "\(joined(row.skills).padded(skills))  \(VisibleText.safe(row.title))")
        }
    }

    private func joined(_ skills: [String]) -> String {
        skills.isEmpty ? "-" : VisibleText.safe(skills.joined(separator: ","))
    }

    private func arrow(_ trend: String) -> String {
        switch trend {
        case "increasing": "↗"
        case "decreasing": "↘"
        default: "→"
        }
    }

    /// What the metadata says of the whole, each with a bar against its target.
    private func facts(_ desk: CatalogDesk) -> [String] {
        let data = desk.metadata
        var lines: [String] = []
        if let share = data["coverage"]?.doubleValue {
            lines.append(
                "covered  \(gauge(share, data["coverage_target"])): "
                    + "\(data["covered"]?.intValue ?? 0) of \(data["signatures"]?.intValue ?? 0)")
        }
        if let share = data["reduction"]?.doubleValue {
            lines.append(
                "reduced  \(gauge(share, data["reduction_target"])) where skills were judged")
        }
        if !quiet, desk.quiet > 0 {
            lines.append("\(desk.quiet) more have stopped; flow catalog --quiet lists them")
        }
        return lines
    }

    private func gauge(_ share: Double, _ target: JSON?) -> String {
        let bar = Bar.text(share, width: 20).padded(20)
        let goal = target?.doubleValue.map { " (target \(Bar.percent($0)))" } ?? ""
        return "\(bar) \(Bar.percent(share))\(goal)"
    }
}
