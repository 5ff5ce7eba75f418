package import FlowJSON
internal import FlowMining
internal import FlowSkills

extension SkillDesk {
    /// A skill that words found.
    package struct Found: Sendable {
        package let row: Row
        /// The cosine of the angle between words and skill, from 0 to 1.
        package let score: Double
        /// The words that both have, in plain words.
        package let why: String
        package let json: JSON
    }

    /// What a skill must be to be found; nil: anything.
    package struct Filter: Sendable {
        package var kind: String?
        package var status: String?
        /// Of a procedure, in whatever case; its category is one too.
        package var tag: String?

        package init(kind: String? = nil, status: String? = nil, tag: String? = nil) {
            self.kind = kind
            self.status = status
            self.tag = tag
        }

        fileprivate func takes(_ skill: Skill) -> Bool {
            (kind == nil || kind == skill.kind.rawValue)
                && (status == nil || status == skill.status.rawValue)
                && (tag == nil
                    || skill.words.tags.contains { $0.lowercased() == tag?.lowercased() })
        }
    }

    /// How a list is ordered.
    package enum Order: String, Sendable, CaseIterable {
        case path
        /// The most tries first.
        case uses
        /// The highest first.
        case confidence
    }

    /// The skills that a filter takes; equals are in the order of their paths.
    package func rows(_ filter: Filter, by order: Order) -> [Row] {
        let taken = Set(skills.members.filter { filter.takes($0.skill) }.map(\.file.path))
        let rows = rows.filter { taken.contains($0.path) }
        func sorted<Value: Comparable>(_ value: (Row) -> Value) -> [Row] {
            rows.enumerated().sorted {
                (value($1.element), $0.offset) < (value($0.element), $1.offset)
            }.map(\.element)
        }
        return switch order {
        case .path: rows
        case .uses: sorted(\.uses)
        case .confidence: sorted(\.confidence)
        }
    }

    /// The skills that words describe, the best first, ranked as solved cases are: name and tags count
    /// as much as all else that the document says. How rare a word is, the whole library tells.
    package func search(_ words: String, _ filter: Filter, limit: Int) throws -> [Found] {
        var builder = KnowledgeIndexBuilder()
        // Of two files that claim one id the first has it, as everywhere.
        let members = skills.members.filter { skills.find($0.skill.id)?.file == $0.file }
        for member in members {
            let words = member.skill.words
            builder.add(
                KnowledgeText(
                    id: member.skill.id,
                    title: ([member.skill.name] + words.tags).joined(separator: " "),
                    text: words.text.joined(separator: "\n")))
        }
        var search = KnowledgeSearch(KnowledgeIndex(try builder.tables()))
        let rows = Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let found = search.matches(KnowledgeText(text: words), limit: members.count).compactMap {
            match -> Found? in
            guard let skill = skills.find(match.id)?.skill, filter.takes(skill),
                let row = rows[match.id], var object = row.json.objectValue
            else { return nil }
            object["tags"] = .array(skill.words.tags.map(JSON.string))
            object["score"] = .number((match.score * 10_000).rounded() / 10_000)
            object["why"] = .string(match.why)
            return Found(row: row, score: match.score, why: match.why, json: .object(object))
        }
        return Array(found.prefix(limit))
    }
}
