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
              min_hits_7d: 0
              last_codes: {}
            categories:
            \(categories.joined())errors: {}

            """
    }

    /// One entry with its code, indented by two blanks, without the last newline.
    static func entry(
        _ code: String, _ evidence: SignatureEvidence, category: CatalogCategory,
        fingerprint: String, skills: [Skill]
    ) -> String {
        let guards =
            skills.isEmpty ? " []" : "\n" + CatalogText.guardrails(skills, indent: 6)
        return """
              \(code):
                title: \(SkillText.scalar(evidence.name))
                description: \(SkillText.quoted(evidence.template))
                category: \(category.rawValue)
                severity: \(CatalogSeverity(hits7d: evidence.hits7d).rawValue)
                fingerprint: \(fingerprint)
                first_seen: \(evidence.firstSeen?.rfc3339 ?? "null")
                live_stats:
                  hits_7d: \(evidence.hits7d)
                  hits_30d: \(evidence.hits30d)
                  last_seen: \(evidence.lastSeen?.rfc3339 ?? "null")
                  trend: \(evidence.trend.way.rawValue)
                active_guardrails:\(guards)
                example: \(evidence.examples.first.map(SkillText.quoted) ?? "null")
            """
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
        ]
    }
}
