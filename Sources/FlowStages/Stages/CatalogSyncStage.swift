internal import FlowJSON
internal import FlowMining
internal import FlowSkills

/// `catalog/sync`: the error catalog in step with the signatures and the skills that cover them.
enum CatalogSyncStage: Stage {
    static let reference = "catalog/sync"

    static func run(_ context: StageContext) throws {
        var view = try RepositoryView(context)
        let path = context.text("path")
        let skills = try view.skills(noting: context)
        let result = try Catalog.synced(
            try view.bytes(path),
            signatures: try SignatureMemory(context).signatures.map(\.evidence),
            skills: skills.list([.approved]).map(\.skill), aliases: skills.aliases,
            minHits7d: context.integer("min-hits"))
        if result.isChanged { try view.write(path, result.bytes) }
        for problem in result.problems { context.note("left as it is: \(problem)") }
        let summary = result.summary
        context.output("changes", view.json)
        context.output("added", .integer(summary.added))
        context.output("updated", .integer(summary.updated))
        context.output("total", .integer(result.codes.count))
        context.output("coverage", .number(summary.coverage ?? 0))
        context.note(summary.text)
    }
}
