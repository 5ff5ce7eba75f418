internal import FlowJSON
internal import FlowLearning
internal import FlowMining
internal import FlowSystem

/// `model/check`: whether it is time to train anew, and why.
enum ModelCheckStage: Stage {
    static let reference = "model/check"

    static func run(_ context: StageContext) throws {
        let view = try RepositoryView(context.workspace)
        let dataset =
            try view.bytes(context.text("path")).map { try DatasetFile(reading: $0) }
            ?? DatasetFile()
        // Approvals that are newer than the run's fixed time are recent too.
        let start = context.now.adding(seconds: -context.number("window"))
        let additions = dataset.additions(after: start)
        let samples = dataset.newTexts
        var reasons: [String] = []
        if additions >= context.integer("threshold") { reasons.append("\(additions) additions") }
        if samples >= context.integer("samples") {
            reasons.append("\(samples) texts that no model has learned")
        }
        let drift = try ModelDrift(context, view)
        reasons += drift.reasons
        context.output("due", .bool(!reasons.isEmpty))
        context.output("count", .integer(additions))
        context.output("samples", .integer(samples))
        context.output("label_drift", .number(drift.labels?.rounded ?? -1))
        context.output("score_drift", .number(drift.scores?.rounded ?? -1))
        let reason =
            reasons.isEmpty
            ? "\(additions) additions, \(context.integer("threshold")) make a training due"
            : "retrain recommended (\(reasons.joined(separator: ", ")))"
        context.output("reason", .string(reason))
        drift.note.map(context.note)
        context.summary(reason)
    }
}

extension PopulationShift {
    /// As a stage hands it over.
    fileprivate var rounded: Double { (index * 10_000).rounded() / 10_000 }
}

/// Whether the errors of the last seven days are others than those that the model in service was
/// trained for, as it sees them: by the label that it gives them, and by how sure it is.
///
/// A signature counts once for each closed day on which it was seen, so a burst is no drift.
private struct ModelDrift {
    private(set) var labels: PopulationShift?
    private(set) var scores: PopulationShift?
    /// Why nothing was compared.
    private(set) var note: String?
    private(set) var reasons: [String] = []

    private static let recent = 7
    private static let before = 28

    init(_ context: StageContext, _ view: RepositoryView) throws {
        let limit = context.number("drift")
        guard limit > 0 else { return }
        var problem: String?
        let asked = TriageModelInService(view, context.workspace) { problem = $0 }
        guard let asked else {
            note = problem.map { "drift is not known: \($0)" }
            return
        }
        let (first, last) = (context.now.day - Self.recent, context.now.day - 1)
        let trained = asked.line.createdAt.day
        guard trained <= first else {
            note = "drift is not known yet: the model is younger than \(Self.recent) days"
            return
        }
        var counts = (
            labels: [[String: Int]](repeating: [:], count: 2),
            scores: [[Int: Int]](repeating: [:], count: 2)
        )
        for signature in try SignatureMemory(context).signatures {
            let days = signature.daily.filter { $0.count > 0 }.map(\.day)
            let periods = [
                days.count { (trained - Self.before..<trained).contains($0) },
                days.count { (first...last).contains($0) },
            ]
            guard periods != [0, 0],
                let guess = asked.model.predict(
                    TriageModelInService.text(signature.examples, signature.template), top: 1,
                    words: 0
                ).guesses.first
            else { continue }
            for (period, days) in periods.enumerated() where days > 0 {
                counts.labels[period][guess.label, default: 0] += days
                counts.scores[period][min(9, Int(guess.probability * 10)), default: 0] += days
            }
        }
        labels = PopulationShift(counts.labels[0], counts.labels[1])
        scores = PopulationShift(counts.scores[0], counts.scores[1])
        for (name, shift) in [("labels", labels), ("scores", scores)] {
            guard let shift, shift.isBeyond(limit) else { continue }
            reasons.append(
                "the \(name) of errors have shifted, population stability index "
                    + Figure.text(shift.index))
        }
    }
}
