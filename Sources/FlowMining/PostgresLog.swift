internal import FlowJSON

/// What PostgreSQL's logs have in common, whatever their form.
enum PostgresLog {
    static let component = "postgresql"

    /// Whether the object is a row of `jsonlog`.
    static func isRow(_ fields: RecordFields) -> Bool { fields.object["error_severity"] != nil }

    /// The other texts of a row of `jsonlog`, as lines of the log on stderr would say them.
    static func details(_ fields: RecordFields) -> [String] {
        guard isRow(fields) else { return [] }
        return detailNames.flatMap { name, word in
            details(word, fields.object[name]?.stringValue ?? "")
        }
    }

    /// `DETAIL:  text`, a line each; none for an empty text.
    static func details(_ word: String, _ text: String) -> [String] {
        text.isEmpty ? [] : FlatRecord.lines(of: "\(word):  \(text)")
    }

    private static let detailNames = [
        ("detail", "DETAIL"), ("hint", "HINT"), ("internal_query", "QUERY"),
        ("context", "CONTEXT"), ("statement", "STATEMENT"),
    ]
}
