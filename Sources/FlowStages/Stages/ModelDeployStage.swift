internal import FlowJSON
internal import FlowLearning
internal import FlowSystem
internal import FlowText

/// `model/deploy`: measures a trained model on the test rows and puts it in service if it is not worse
/// than the best so far; the lines that it learned from are marked as used then.
enum ModelDeployStage: Stage {
    static let reference = "model/deploy"

    static func run(_ context: StageContext) throws {
        let folder = context.text("model")
        guard !folder.isEmpty else {
            return hand(over: context, "no model was trained")
        }
        var view = try RepositoryView(context.workspace)
        let path = context.text("path")
        let dataset = try view.bytes(path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
        let filter = DatasetFilter(context)
        let registry = try view.registry()
        let candidate = try OfferedModel(folder, in: context.workspace)
            .candidate(measuredOn: TrainingSet(dataset, filter, learned: registry.borrowed))
        let rule = DeploymentRule(
            maxRegression: context.number("max-regression"),
            minTestRows: context.integer("min-test-rows"))
        try view.bringWeights(of: registry.asked(for: candidate), to: context.workspace)
        let admission = registry.admitting(
            candidate, below: Path.join(context.workspace, ModelPlace.folder), rule: rule,
            at: context.now)
        try view.write(admission.registry, inService: admission.inService, at: context.now)
        try view.keepWeights(admission.registry, of: context.workspace)
        let used = dataset.markingUsed(filter)
        if used.bytes != dataset.bytes { try view.write(path, used.bytes) }
        let levels = Evaluation.AlertLevels(
            accuracy: context.number("alert-accuracy"), f1: context.number("alert-f1"))
        hand(
            over: context, admission.decision.reason, admission,
            alerts: candidate.measured?.alerts(levels) ?? [], candidate.measured?.f1,
            changes: view.json)
    }

    private static func hand(
        over context: StageContext, _ reason: String, _ admission: Admission? = nil,
        alerts: [String] = [], _ f1: Double? = nil, changes: JSON = []
    ) {
        let isPromoted = admission.map { $0.registry.current?.hash == $0.hash } ?? false
        context.output("promoted", .bool(isPromoted))
        context.output("model", .string(admission?.hash ?? ""))
        context.output("macro_f1", .number(f1 ?? -1))
        context.output("mcnemar_p", .number(admission?.compared?.comparison.p ?? -1))
        context.output("alerts", .array(alerts.map(JSON.string)))
        context.output("reason", .string(reason))
        context.output("changes", changes)
        for alert in alerts { context.note("alert: \(alert)") }
        context.summary(reason)
    }
}
