internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowText

/// `knowledge/enrich`: attaches to each candidate the solved cases that fit its error best.
enum EnrichStage: Stage {
    static let reference = "knowledge/enrich"

    static func run(_ context: StageContext) throws {
        let skills = context.array("skills")
        let shelf = try KnowledgeShelf(context)
        var enriched = 0
        var search = shelf.search
        let result = try skills.map { json -> JSON in
            let cases = try Self.cases(json, shelf, &search, context)
            guard !cases.isEmpty, var object = json.objectValue else { return json }
            enriched += 1
            object["knowledge"] = .array(cases)
            return .object(object)
        }
        context.output("skills", .array(result))
        context.output("enriched", .integer(enriched))
        context.output("cases", .integer(shelf.entries.count))
        let folder = VisibleText.safe(context.text("path"))
        context.summary(
            shelf.entries.isEmpty
                ? "\(folder) holds no solved case; the candidates go on as they are"
                : "\(shelf.entries.count) solved cases, \(enriched) of \(skills.count) candidates "
                    + "have one that fits")
    }

    private static func cases(
        _ json: JSON, _ shelf: KnowledgeShelf, _ search: inout KnowledgeSearch,
        _ context: StageContext
    ) throws -> [JSON] {
        let skill = try ProposedSkill(json).skill
        let parts = [skill.match.component, skill.match.template] + skill.examples
        let question = KnowledgeText(title: skill.name, text: parts.joined(separator: "\n"))
        return search.matches(question, limit: context.integer("limit"))
            .filter { $0.score >= context.number("min-score") }
            .compactMap { match in
                guard var object = match.json.objectValue, let entry = shelf.entries[match.id]
                else { return nil }
                object["root_cause"] = .string(entry.rootCause)
                object["solution"] = .string(entry.solution)
                object["url"] = .string(entry.url)
                return .object(object)
            }
    }
}

/// The solved cases of the default branch.
private struct KnowledgeShelf {
    private(set) var entries: [String: KnowledgeEntry] = [:]
    let search: KnowledgeSearch

    /// Reads the folder; a file with a mistake, or with an id that came before, is left out with a
    /// note, so that it holds up no proposal.
    init(_ context: StageContext) throws {
        var entries: [String: KnowledgeEntry] = [:]
        var builder = KnowledgeIndexBuilder()
        for file in try RepositoryView(context.workspace).files(in: context.text("path"))
        where KnowledgeSource.isOfEntries(file.path) {
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
                context.note("left out: \(VisibleText.safe("\(error)"))")
            }
        }
        self.entries = entries
        search = KnowledgeSearch(KnowledgeIndex(try builder.tables()))
    }
}
