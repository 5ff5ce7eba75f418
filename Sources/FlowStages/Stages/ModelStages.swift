internal import FlowGit
internal import FlowJSON
internal import FlowLearning
internal import FlowSystem

/// `model/check`: whether enough was approved lately to train anew.
enum ModelCheckStage: Stage {
    static let reference = "model/check"

    static func run(_ context: StageContext) throws {
        let view = try RepositoryView(context.workspace)
        let dataset =
            try view.bytes(context.text("path")).map { try DatasetFile(reading: $0) }
            ?? DatasetFile()
        // Approvals that are newer than the run's fixed time are recent too.
        let start = context.now.adding(seconds: -context.number("window"))
        let count = dataset.approved(after: start, through: .distantFuture)
        let isDue = count >= context.integer("threshold")
        context.output("due", .bool(isDue))
        context.output("count", .integer(count))
        context.summary(
            isDue
                ? "retrain recommended (\(count) additions)"
                : "\(count) additions, \(context.integer("threshold")) make a training due")
    }
}

/// `model/train`: a model of the dataset's approved lines, which are marked as used then; deployed if
/// it is not worse than the best so far.
enum ModelTrainStage: Stage {
    static let reference = "model/train"
    static let registry = "models/registry.jsonl"

    static func run(_ context: StageContext) throws {
        var view = try RepositoryView(context.workspace)
        let path = context.text("path")
        let dataset =
            try view.bytes(path).map { try DatasetFile(reading: $0) } ?? DatasetFile()
        let filter = DatasetFilter(context)
        switch try ModelTraining.run(
            TrainingSet(dataset, filter), minSamples: context.integer("min-samples"),
            threads: ProcessImage.processors)
        {
        case .tooSmall(let reason):
            hand(over: context, reason: reason)
        case .trained(let trained):
            let registry =
                try view.bytes(registry).map { try ModelRegistry(reading: $0) } ?? ModelRegistry()
            let admission = try registry.admitting(
                trained, below: Path.join(context.workspace, "models"), at: context.now)
            if admission.registry.bytes != registry.bytes {
                try view.write(Self.registry, admission.registry.bytes)
            }
            let used = dataset.markingUsed(filter)
            if used.bytes != dataset.bytes { try view.write(path, used.bytes) }
            for warning in trained.warnings { context.note("warning: \(warning)") }
            hand(
                over: context, reason: admission.decision.reason, admission,
                f1: trained.evaluation?.f1, changes: view.json)
        }
    }

    private static func hand(
        over context: StageContext, reason: String, _ admission: Admission? = nil,
        f1: Double? = nil, changes: JSON = []
    ) {
        let isPromoted = admission.map { $0.registry.current?.hash == $0.hash } ?? false
        context.output("trained", .bool(admission != nil))
        context.output("promoted", .bool(isPromoted))
        context.output("model", .string(admission?.hash ?? ""))
        context.output("macro_f1", .number(f1 ?? -1))
        context.output("reason", .string(reason))
        context.output("changes", changes)
        context.summary(reason)
    }
}
