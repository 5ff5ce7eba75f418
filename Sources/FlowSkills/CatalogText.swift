internal import FlowJSON
internal import FlowSystem

/// The catalog's text where flow writes it for the first time.
enum CatalogText {
    /// A catalog without entries.
    static var fresh: String {
        let categories = CatalogCategory.allCases.map {
            "  \($0.rawValue): {prefix: \($0.prefix), description: "
                + "\(SkillText.quoted($0.summary))}\n"
        }
        return """
            # Errors seen in production. flow keeps counts, severity and skills up to date; title,
            # description, category and fields of your own stay as you write them.
            metadata:
              signatures: 0
              covered: 0
              coverage: null
              coverage_target: 0.7
              expected_7d: null
              actual_7d: null
              reduction: null
              reduction_target: 0.5
              quiet: 0
              min_hits_7d: 0
              last_codes: {}
            categories:
            \(categories.joined())errors: {}

            """
    }

    /// One entry with its code, indented by two blanks, without the last newline.
    static func entry(
        _ row: CatalogRow, _ evidence: SignatureEvidence, fingerprint: String, skills: [Skill]
    ) -> String {
        let stats = CatalogText.stats(row, quiet: row.isQuiet ? true : nil).map {
            "      \($0): \(NodeEdits.text($1))"
        }.joined(separator: "\n")
        let guards =
            skills.isEmpty ? " []" : "\n" + CatalogText.guardrails(skills, indent: 6)
        return """
              \(row.code):
                title: \(SkillText.scalar(row.title))
                description: \(SkillText.quoted(row.description))
                category: \(row.category)
                severity: \(row.severity)
                fingerprint: \(fingerprint)
                first_seen: \(evidence.firstSeen?.rfc3339 ?? "null")
                live_stats:
            \(stats)
                active_guardrails:\(guards)
                example: \(evidence.examples.first.map(SkillText.quoted) ?? "null")
            """
    }

    /// What was counted of an error.
    /// - Parameter quiet: nil where nothing is to be said of it.
    static func stats(_ row: CatalogRow, quiet: Bool?) -> [(String, JSON)] {
        [
            ("hits_7d", .integer(row.hits7d)), ("hits_30d", .integer(row.hits30d)),
            ("last_seen", row.lastSeen.map(JSON.string) ?? .null), ("trend", .string(row.trend)),
        ] + (quiet.map { [("quiet", .bool($0))] } ?? [])
    }

    /// A block list of skills, without the last newline.
    static func guardrails(_ skills: [Skill], indent: Int) -> String {
        let blanks = String(repeating: " ", count: indent)
        return skills.map { skill in
            members(skill).enumerated().map { place, member in
                let (key, value) = member
                return blanks + (place == 0 ? "- " : "  ") + key + ": " + SkillText.flow(value)
            }.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// The same list on one line.
    static func flowGuardrails(_ skills: [Skill]) -> String {
        SkillText.flow(.array(skills.map { .object(JSONObject(members($0))) }))
    }

    /// What the catalog says of a skill.
    static func members(_ skill: Skill) -> [(String, JSON)] {
        [
            ("skill_id", .string(skill.id)), ("name", .string(skill.name)),
            ("kind", .string(skill.kind.rawValue)),
            ("confidence", .number(skill.metadata.confidence)),
        ] + (SkillEffect(of: skill)?.reduction.map { [("reduction", .number($0))] } ?? [])
    }
}
