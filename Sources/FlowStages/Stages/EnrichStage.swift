internal import FlowJSON
internal import FlowText

/// `knowledge/enrich`: attaches to each candidate the solved cases that fit its error best.
enum EnrichStage: Stage {
    static let reference = "knowledge/enrich"

    static func run(_ context: StageContext) throws {
        let skills = context.array("skills")
        let view = try RepositoryView(context.workspace)
        var shelf = try KnowledgeShelf(view, in: context.text("path")) { context.note($0) }
        var enriched = 0
        let result = try skills.map { json -> JSON in
            let cases = shelf.cases(
                like: try ProposedSkill(json).skill, limit: context.integer("limit"),
                minScore: context.number("min-score"))
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
}
