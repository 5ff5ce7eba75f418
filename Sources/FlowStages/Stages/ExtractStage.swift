internal import FlowJSON
internal import FlowMining
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// `skills/extract`: finds procedures in execution events and gives those that are new or have changed as
/// complete skill documents.
enum ExtractStage: Stage {
    static let reference = "skills/extract"

    static func run(_ context: StageContext) throws {
        let thresholds = ExtractionDesk.Thresholds(
            minLength: context.integer("min-length"),
            minFrequency: context.integer("min-frequency"),
            minSimilarity: context.number("min-similarity"),
            minNodes: context.integer("min-nodes"), maxGap: context.integer("max-gap"),
            limit: context.integer("limit"))
        let files = try context.text("events").split(separator: " ").flatMap {
            try SourcePattern.files(String($0))
        }.eachOnce
        let events = try ExtractionDesk(
            files, root: context.workspace, context.state, thresholds)
        for text in events.problems + events.notes { context.note(VisibleText.safe(text)) }
        let found = events.found.procedures
        // Extraction needs no git repository; where there is one, it knows what was proposed before.
        let desk = try (try? RepositoryView(context.workspace)).map(ProposalDesk.init)
        let result = try ProcedureOffers(
            found, desk, minSimilarity: context.number("min-similarity"),
            owners: context.texts("owners"), now: context.now)
        for (id, reason) in result.known { context.note("\(id): \(VisibleText.safe(reason))") }
        context.output("candidates", .array(result.offers.map(\.json)))
        context.output("count", .integer(result.offers.count))
        context.output(
            "known",
            .array(result.known.map { ["id": .string($0.id), "reason": .string($0.reason)] }))
        context.output("procedures", .integer(found.count))
        context.output("runs", .integer(events.runs))
        context.output("steps", .integer(events.steps))
        context.output("problems", .array(events.problems.map(JSON.string)))
        context.summary(
            "\(found.count) procedures in \(events.steps) steps of \(events.runs) runs, "
                + "\(result.offers.count) candidates")
    }
}

extension ProcedureOffers.Offer {
    /// As `git/propose` takes it.
    fileprivate var json: JSON {
        let lift = procedure.evidence.lift
        return [
            "id": .string(skill.id), "file": .string(file), "name": .string(skill.name),
            "fingerprint": .string(skill.match.fingerprint),
            "version": .string(procedure.version),
            "replaces": replaced.map(JSON.string) ?? .null,
            "runs": .integer(procedure.evidence.support),
            "raises_success": .bool(lift.isRaising), "text": .string(text),
        ]
    }
}
