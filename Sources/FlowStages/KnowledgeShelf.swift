internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowText

/// The solved cases of the default branch.
struct KnowledgeShelf {
    private(set) var entries: [String: KnowledgeEntry] = [:]
    private var search: KnowledgeSearch

    /// Where cases are, how many are shown of one skill, and from which score on they fit, unless
    /// somebody says otherwise.
    static let folder = "skills/knowledge"
    static let limit = 3
    static let minScore = 0.3

    /// Reads the folder; a file with a mistake, or with an id that came before, is left out with a
    /// note, so that it holds up no proposal.
    init(_ view: RepositoryView, in folder: String, note: (String) -> Void) throws {
        var entries: [String: KnowledgeEntry] = [:]
        var builder = KnowledgeIndexBuilder()
        for file in try view.files(in: folder) where KnowledgeSource.isOfEntries(file.path) {
            do {
                let own = try KnowledgeSource.entries(file.bytes, path: file.path)
                let known = own.map(\.id).filter { entries[$0] != nil }
                guard known.isEmpty, Set(own.map(\.id)).count == own.count else {
                    throw StageError(
                        "\(file.path) has an id that another case has too; give each its own")
                }
                for entry in own {
                    entries[entry.id] = entry
                    builder.add(entry.text)
                }
            } catch {
                note("left out: \(VisibleText.safe("\(error)"))")
            }
        }
        self.entries = entries
        search = KnowledgeSearch(KnowledgeIndex(try builder.tables()))
    }

    /// The cases that fit a skill's error, the best first: `{id, score, title, why, root_cause, solution,
    /// url}`.
    mutating func cases(like skill: Skill, limit: Int, minScore: Double) -> [JSON] {
        let parts = [skill.match.component, skill.match.template] + skill.examples
        let question = KnowledgeText(title: skill.name, text: parts.joined(separator: "\n"))
        return search.matches(question, limit: limit).filter { $0.score >= minScore }
            .compactMap { match in
                guard var object = match.json.objectValue, let entry = entries[match.id]
                else { return nil }
                object["root_cause"] = .string(entry.rootCause)
                object["solution"] = .string(entry.solution)
                object["url"] = .string(entry.url)
                return .object(object)
            }
    }
}
