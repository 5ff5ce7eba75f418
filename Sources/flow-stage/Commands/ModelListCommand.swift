internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowText

struct ModelListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the models that were trained.",
        examples: [("flow model list", "which model is in service, and how good it is")])

    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let shelf = try ModelDesk.list(try Place.workspace())
        for model in shelf.models {
            if json {
                Print.line(model.text())
                continue
            }
            let hash = model["hash"]?.stringValue ?? ""
            let f1 = model["metrics"]?["f1_macro"]
            let shown = f1 == nil ? "not measured" : "macro-F1 \(ModelSheet.figure(f1))"
            let isInService = model["deployed"]?.arrayValue?.last?["to"]?.isNull ?? false
            Print.line(
                "\(hash.prefix(12))  \(model["created_at"]?.stringValue ?? "")  \(shown)  "
                    + (isInService ? "in service: " : "")
                    + VisibleText.safe(model["decision"]?.stringValue ?? ""))
        }
        if !json { ModelCourse.print(shelf.snapshots) }
        return 0
    }
}

/// How good the model in service was over time, as one line.
enum ModelCourse {
    static func print(_ snapshots: [(time: String, model: String, f1: Double)]) {
        let shown = snapshots.suffix(60)
        guard shown.count > 1, let first = shown.first, let last = shown.last else { return }
        let low = shown.map(\.f1).min() ?? 0
        let span = max(0.01, (shown.map(\.f1).max() ?? 0) - low)
        let bars = shown.map { 1 + Int((($0.f1 - low) / span * 99).rounded()) }
        Print.line(
            "macro-F1 in service  \(Sparkline.text(bars))  \(ModelSheet.figure(.number(first.f1))) on "
                + "\(first.time.prefix(10)), \(ModelSheet.figure(.number(last.f1))) on "
                + "\(last.time.prefix(10))")
    }
}
