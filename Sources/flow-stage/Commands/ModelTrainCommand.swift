internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem

struct ModelTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model on a file of texts with their labels.",
        discussion: """
            Rows are JSONL, {text, label, weight?, split?, corrected?, confidence?}, or CSV with these \
            columns. All of them are learned but those whose split is test: on these the model is \
            measured, or on another file, or on what --hold-out sets aside. Nothing is deployed; \
            flow run retrain.yaml trains on the repository's dataset and deploys. The same rows give the \
            same bytes, in any order, on any number of threads.
            """,
        examples: [
            ("flow model train --data train.jsonl --test test.jsonl --out my-model", "and measure"),
            (
                "flow dataset export --format samples | flow model train --data - --out my-model",
                "what the loop would train"
            ),
        ])

    @Option(help: "the rows to learn from; - is standard input", valueName: "file")
    var data: String?
    @Option(help: "rows to measure on", valueName: "file") var test: String?
    @Flag(help: "measure on the 15 % of the texts whose hash says so, and do not learn them")
    var holdOut: Bool
    @Option(help: "the folder of the model; one that is there gives way", valueName: "folder")
    var out: String?
    @Option(help: "default or seed", valueName: "name") var preset = ModelDesk.presets[0]
    @Option(help: "threads; all processors unless given", valueName: "n") var threads: Int?
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard let data, let out else {
            throw UsageError(
                "--data names the rows to learn from and --out the folder of the model",
                command: "flow model train")
        }
        guard test == nil || !holdOut else {
            throw UsageError(
                "--test names the rows to measure on, --hold-out sets some aside; give one of them",
                command: "flow model train")
        }
        guard ModelDesk.presets.contains(preset) else {
            throw UsageError(
                "--preset takes " + ModelDesk.presets.joined(separator: " or "),
                command: "flow model train")
        }
        let done = try TrainingBar.showing { progress in
            try ModelDesk.train(
                data: data, test: test, holdOut: holdOut, out: out, preset: preset,
                threads: threads ?? ProcessImage.processors, progress: progress)
        }
        ModelSheet.print(done, json: json) {
            "trained on \($0["trained_on"]?.intValue ?? 0) rows: model "
                + "\($0["model"]?.stringValue?.prefix(12) ?? "") in \(out)"
        }
        return 0
    }
}
