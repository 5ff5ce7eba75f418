package import FlowJSON
internal import FlowSkills

/// The error catalog of a repository for people.
package struct CatalogDesk {
    /// One entry as a table shows it.
    package struct Row {
        package let code: String
        package let title: String
        package let category: String
        package let severity: String
        package let hits7d: Int
        package let hits30d: Int
        package let trend: String
        package let isQuiet: Bool
        /// Ids of the approved skills that cover it.
        package let skills: [String]
        /// Everything that stands in the entry, with its `code`.
        package let json: JSON
    }

    /// Which entries are wanted; nil: any.
    package struct Filter {
        package var severity: String?
        package var category: String?
        package var isQuiet: Bool?
        package var isCovered: Bool?

        package init() {}

        fileprivate func keeps(_ row: Row) -> Bool {
            (severity ?? row.severity) == row.severity && (category ?? row.category) == row.category
                && (isQuiet ?? row.isQuiet) == row.isQuiet
                && (isCovered ?? !row.skills.isEmpty) == !row.skills.isEmpty
        }
    }

    package static var severities: [String] { CatalogSeverity.allCases.map(\.rawValue) }
    package static var categories: [String] { CatalogCategory.allCases.map(\.rawValue) }

    /// `signatures`, `covered`, `coverage`, `coverage_target`, `reduction` and so on.
    package let metadata: JSON
    private let all: [Row]

    /// Reads the catalog of the default branch.
    /// - Throws: `StageError` where there is none, `SkillsError` where it cannot be read.
    package init(_ workspace: String) throws {
        guard let bytes = try RepositoryView(workspace).bytes(Catalog.path) else {
            throw StageError(
                "there is no catalog \(Catalog.path) on the default branch; flow run integrate.yaml "
                    + "makes one")
        }
        let contents = try Catalog.contents(bytes)
        metadata = contents.metadata
        var entries: [String: JSON] = [:]
        for (row, json) in contents.entries { entries[row.code] = json }
        let rows = contents.entries.map(\.row).filter { !$0.isReplaced }
        all = CatalogRow.ordered(rows).map { row in
            Row(
                code: row.code, title: row.title.isEmpty ? row.description : row.title,
                category: row.category, severity: row.severity, hits7d: row.hits7d,
                hits30d: row.hits30d, trend: row.trend, isQuiet: row.isQuiet,
                skills: row.covers.map(\.id), json: entries[row.code] ?? .null)
        }
    }

    /// The entries that a filter keeps, the most severe and frequent first.
    package func rows(_ filter: Filter) -> [Row] { all.filter(filter.keeps) }

    /// How many entries are quiet.
    package var quiet: Int { all.count(where: \.isQuiet) }
}
