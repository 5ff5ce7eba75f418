internal import FlowJSON
internal import FlowLearning
internal import FlowSystem
internal import FlowText

/// `model/train`: a model of the dataset's approved lines, as a folder that asks to be deployed.
enum ModelTrainStage: Stage {
    static let reference = "model/train"

    static func run(_ context: StageContext) throws {
        let view = try RepositoryView(context.workspace)
        let path = context.text("path")
        let dataset = try view.bytes(path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
        let filter = DatasetFilter(context)
        let registry = try view.registry()
        if context.text("type") == "incremental", !dataset.hasNews(filter),
            registry.current != nil
        {
            return hand(over: context, "nothing new was approved since the last training")
        }
        let set = TrainingSet(dataset, filter, learned: registry.borrowed)
        let notes = ProgressNotes(context.say)
        switch try ModelTraining.run(
            set, preset: TrainingPreset.named(context.text("preset")) ?? .standard,
            minSamples: context.integer("min-samples"), threads: ProcessImage.processors,
            progress: { notes.report($0) })
        {
        case .tooSmall(let reason): hand(over: context, reason)
        case .trained(let trained):
            let hash = try ModelFolder.write(
                trained, below: Path.join(context.workspace, ModelPlace.folder))
            note(left: set, context)
            for warning in trained.warnings { context.note("warning: \(warning)") }
            for conflict in set.conflicts.prefix(Self.mostConflicts) {
                let labels = conflict.labels.map { VisibleText.quoted($0) }
                context.note(
                    "conflict: \(VisibleText.quoted(conflict.text)) stands under "
                        + labels.joined(separator: ", "))
            }
            hand(
                over: context, "trained on \(set.fitted.count) texts of \(set.labels.count) labels",
                model: Path.join(ModelPlace.folder, hash),
                metrics: trained.evaluation?.summary ?? Evaluation.unmeasured)
        }
    }

    /// Texts that the log shows; the report has them all.
    private static let mostConflicts = 5

    /// Nothing is left out in silence.
    private static func note(left set: TrainingSet, _ context: StageContext) {
        let counts = [
            (set.exactDuplicates, "that stand twice"),
            (set.normalisedDuplicates, "with the words of another under their label"),
            (set.blanks, "that are blank"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !counts.isEmpty {
            context.note("texts left out: " + counts.joined(separator: ", "))
        }
    }

    private static func hand(
        over context: StageContext, _ reason: String, model: String = "",
        metrics: JSONObject = Evaluation.unmeasured
    ) {
        context.output("trained", .bool(!model.isEmpty))
        context.output("model", .string(model))
        context.output("metrics", .object(metrics))
        context.output("reason", .string(reason))
        context.summary(reason)
    }
}
