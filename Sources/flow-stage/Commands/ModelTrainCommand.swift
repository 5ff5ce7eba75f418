internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

/// The value of an option that a command cannot do without.
private func needed(_ value: String?, _ option: String, _ command: String) throws -> String {
    guard let value, !value.isEmpty else {
        throw UsageError("\(option) is missing", command: command)
    }
    return value
}

struct ModelTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model on a file of samples.",
        discussion: """
            Samples are JSONL, {"text": …, "label": …} a line, or CSV by the name's end, with a head. \
            weight, or corrected and confidence, may stand beside them; what has the split test is \
            measured on. The same samples give the same bytes, in any order, on any number of threads.
            """,
        examples: [
            (
                "flow model train --data samples.jsonl --out model",
                "then: flow model predict --model model …"
            )
        ])

    @Option(help: "samples to learn from", valueName: "file") var data: String?
    @Option(help: "the folder that the model becomes", valueName: "folder") var out: String?
    @Option(help: "default or seed", valueName: "name") var preset = "default"
    @Option(help: "threads; all processors unless given", valueName: "n") var threads: Int?
    @Flag(help: "the report as one JSON object") var json: Bool

    func run() throws -> Int32 {
        let data = try needed(data, "--data", "flow model train")
        let out = try needed(out, "--out", "flow model train")
        guard ModelDesk.presets.contains(preset) else {
            throw UsageError(
                "--preset takes " + ModelDesk.presets.joined(separator: " or "),
                command: "flow model train")
        }
        let bar = TrainingBar()
        let report = try ModelDesk.train(
            data, out: out, preset: preset, threads: threads ?? ProcessImage.processors,
            progress: bar.show)
        bar.end()
        for warning in report["warnings"]?.arrayValue ?? [] {
            Print.note(VisibleText.safe("warning: \(warning.stringValue ?? "")"))
        }
        if json {
            Print.line(report.text(.pretty))
        } else {
            Print.line(
                VisibleText.safe(
                    "\(out): \(report["labels"]?.intValue ?? 0) labels,"
                        + " \(report["terms"]?.intValue ?? 0) terms, \(report["model"]?.stringValue ?? "")"
                ))
            if let metrics = report["metrics"], metrics != .null {
                ModelEvalCommand.print(metrics)
            }
        }
        return 0
    }
}

/// How far a training is: a bar on a terminal, else a line every five seconds, both on standard
/// error.
private final class TrainingBar: Sendable {
    private let isTerminal = TerminalDevice.error.isTerminal
    private let last = PosixMutex(ContinuousClock.now)

    func show(_ step: String, _ done: Int, _ all: Int) {
        let share = all > 0 ? Double(done) / Double(all) : 0
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            guard isTerminal || now - last >= .seconds(5) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let text = "\(step) \(done) of \(all)"
        if isTerminal {
            let bar = Bar.text(share, width: 30)
            let rest = String(repeating: " ", count: 30 - bar.count)
            TerminalDevice.error.write("\r\u{1B}[K\(bar)\(rest) \(text)")
        } else {
            Print.note(text)
        }
    }

    func end() { if isTerminal { TerminalDevice.error.write("\r\u{1B}[K") } }
}

struct ModelEvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure a model on a file of samples.",
        discussion: """
            Samples are as flow model train takes them; all of them count. The calibration error is \
            over 15 equal bins of the likeliest label's probability.
            """,
        examples: [("flow model eval --model model --data test.jsonl", "accuracy, F1, calibration")]
    )

    @Option(help: "samples to measure on", valueName: "file") var data: String?
    @Option(help: "a model's folder; the deployed model unless given", valueName: "folder")
    var model: String?
    @Flag(help: "one JSON object, with each label and confusion") var json: Bool

    func run() throws -> Int32 {
        let data = try needed(data, "--data", "flow model eval")
        let figures = try ModelDesk.evaluate(data, folder: model, workspace: Place.workspace)
        if json { Print.line(figures.text(.pretty)) } else { Self.print(figures) }
        return 0
    }

    static func print(_ figures: JSON) {
        Print.line("\(figures["rows"]?.intValue ?? 0) texts")
        for (key, name) in [
            ("accuracy", "accuracy"), ("precision_macro", "macro precision"),
            ("recall_macro", "macro recall"), ("f1_macro", "macro F1"),
            ("expected_calibration_error", "calibration error"),
        ] {
            let value = ((figures[key]?.doubleValue ?? 0) * 10_000).rounded() / 10_000
            Print.line("\(name)  \(value)")
        }
    }
}
