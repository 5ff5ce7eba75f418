internal import FlowJSON
internal import FlowSkills
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// `catalog/sync`: the error catalog in step with the signatures and the skills that cover them, and
/// its page.
enum CatalogSyncStage: Stage {
    static let reference = "catalog/sync"

    static func run(_ context: StageContext) throws {
        var view = try RepositoryView(context)
        let path = context.text("path")
        let skills = try view.skills(noting: context)
        var result = try Catalog.synced(
            try view.bytes(path), signatures: try signatures(context),
            skills: skills.list([.approved]).map(\.skill), aliases: skills.aliases,
            rules: rules(context))
        if result.isChanged { try view.write(path, result.bytes) }
        result.problems += try page(of: result, context.text("page"), &view)
        for problem in result.problems {
            context.note("left as it is: \(VisibleText.safe(problem.description))")
        }
        hand(over: result, view, context)
    }

    /// What this run has mined or, where it has mined nothing, the newest mining.
    private static func signatures(_ context: StageContext) throws -> [SignatureEvidence] {
        var signatures: [SignatureEvidence] = []
        let days = context.integer("quiet-after")
        try MemoryStore(context.state).digests(of: context.run, silentFor: days) { digest in
            signatures.append(
                SignatureEvidence(
                    fingerprint: digest.fingerprint, component: digest.component, type: digest.type,
                    template: digest.template, messageRegex: "", hits7d: digest.hits7d,
                    hits30d: digest.hits30d, firstSeen: digest.firstSeen.flatMap { Timestamp($0) },
                    lastSeen: digest.lastSeen.flatMap { Timestamp($0) },
                    examples: digest.example.map { [$0] } ?? [], trend: trend(digest),
                    isSilent: digest.isSilent))
        }
        return signatures
    }

    private static func trend(_ digest: MemoryStore.Digest) -> Trend {
        Trend(
            Trend.Way(rawValue: digest.trend) ?? .stable,
            expected7d: Double(digest.hits30d) * 7 / 30)
    }

    private static func rules(_ context: StageContext) -> Catalog.Rules {
        var rules = Catalog.Rules()
        rules.minHits7d = context.integer("min-hits")
        rules.coverageTarget = context.number("coverage-target")
        rules.reductionTarget = context.number("reduction-target")
        return rules
    }

    /// Writes the page, unless a person has one of their own there.
    private static func page(
        of result: Catalog.Result, _ path: String, _ view: inout RepositoryView
    ) throws -> [Mistake] {
        guard !path.isEmpty else { return [] }
        let old = try view.bytes(path)
        if let old, !CatalogPage.isOwn(old) {
            return [
                Mistake(
                    path: path,
                    message: "the page was not made by flow; name another with page, or none")
            ]
        }
        let new = Array(CatalogPage.text(result).utf8)
        if new != old { try view.write(path, new) }
        return []
    }

    private static func hand(
        over result: Catalog.Result, _ view: RepositoryView, _ context: StageContext
    ) {
        let summary = result.summary
        context.output("changes", view.json)
        context.output("added", .integer(summary.added))
        context.output("updated", .integer(summary.updated))
        context.output("total", .integer(result.codes.count))
        context.output("quiet", .integer(summary.quiet))
        context.output("coverage", .number(summary.coverage ?? 0))
        context.output("covered", .bool(summary.isCovered))
        context.output("reduction", .number(summary.reduction ?? 0))
        context.output("reduced", .bool(summary.isReduced))
        context.output("problems", .array(result.problems.map(\.problem)))
        context.summary(summary.text)
    }
}
