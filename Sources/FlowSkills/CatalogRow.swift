internal import FlowSystem
internal import FlowYAML

/// An entry of the catalog as a table shows it.
package struct CatalogRow: Sendable, Hashable {
    package struct Cover: Sendable, Hashable {
        package let id: String
        /// From 0 to 1; nil where the entry does not say.
        package let confidence: Double?
    }

    package var code: String
    package var title: String
    package var description: String
    package var category: String
    package var severity = ""
    package var hits7d = 0
    package var hits30d = 0
    package var trend = ""
    package var lastSeen: String?
    package var isQuiet = false
    /// Whether another entry stands for its error now.
    package var isReplaced = false
    package var covers: [Cover]

    /// The member of an entry that names the code of the one that stands for its error now.
    static let replacedBy = "replaced_by"

    /// Critical first, then by hits, then by code.
    /// - Parameter most: how many of them.
    package static func ordered(_ rows: [CatalogRow], most: Int = .max) -> [CatalogRow] {
        var ranks: [String: Int] = [:]
        for (rank, severity) in CatalogSeverity.allCases.enumerated() {
            ranks[severity.rawValue] = rank
        }
        let keys = rows.enumerated().map { place, row in
            (ranks[row.severity] ?? ranks.count, -row.hits7d, -row.hits30d, row.code, place)
        }
        return keys.sorted(by: <).prefix(most).map { rows[$0.4] }
    }

    init(
        _ code: String, _ evidence: SignatureEvidence, category: CatalogCategory, isQuiet: Bool,
        skills: [Skill]
    ) {
        self.code = code
        title = evidence.name
        description = evidence.template
        self.category = category.rawValue
        covers = skills.map { Cover(id: $0.id, confidence: $0.metadata.confidence) }
        follow(evidence, isQuiet: isQuiet)
    }

    init(_ code: String, _ entry: YAMLNode) {
        func text(_ key: String) -> String { entry[key]?.scalar?.text ?? "" }
        let stats = entry["live_stats"]
        func count(_ key: String) -> Int { stats?[key]?.scalar.flatMap { Int($0.text) } ?? 0 }
        self.code = code
        title = text("title")
        description = text("description")
        category = text("category")
        severity = text("severity")
        hits7d = count("hits_7d")
        hits30d = count("hits_30d")
        trend = stats?["trend"]?.scalar?.text ?? ""
        let seen = stats?["last_seen"]?.scalar?.text
        lastSeen = seen.flatMap { Timestamp($0) == nil ? nil : $0 }
        isQuiet = stats?["quiet"]?.scalar?.text == "true"
        isReplaced = entry[Self.replacedBy] != nil
        covers = (entry["active_guardrails"]?.sequence ?? []).compactMap { item in
            item["skill_id"]?.scalar.map {
                Cover(
                    id: $0.text, confidence: item["confidence"]?.scalar.flatMap { Double($0.text) })
            }
        }
    }

    /// With what a sync writes over it.
    mutating func follow(_ evidence: SignatureEvidence, isQuiet: Bool) {
        severity = CatalogSeverity(hits7d: evidence.hits7d).rawValue
        hits7d = evidence.hits7d
        hits30d = evidence.hits30d
        trend = evidence.trend.way.rawValue
        lastSeen = evidence.lastSeen?.rfc3339
        self.isQuiet = isQuiet
    }
}
