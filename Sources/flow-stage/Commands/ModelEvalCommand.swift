internal import FlowArguments
internal import FlowJSON
internal import FlowStages

struct ModelEvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure a model on a file of texts with their labels.",
        discussion: """
            Where rows name a split, those of test are measured on, else all. A figure means something \
            only for rows that the model has not learned. --report writes report.md, metrics.json, \
            reliability.svg and confusion.svg.
            """,
        examples: [
            ("flow model eval --model my-model --data test.jsonl --report report", "with pictures"),
            ("flow model eval --data test.csv --json", "the model in service"),
        ])

    @Option(help: "a model's folder; the deployed model unless given", valueName: "folder")
    var model: String?
    @Option(help: "the rows to measure on; - is standard input", valueName: "file")
    var data: String?
    @Option(help: "a folder for the report", valueName: "folder") var report: String?
    @Option(help: "an accuracy below it is an alert", valueName: "number") var alertAccuracy = 0.7
    @Option(help: "a macro-F1 below it is an alert", valueName: "number") var alertF1 = 0.7
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard let data else {
            throw UsageError("--data names the rows to measure on", command: "flow model eval")
        }
        let done = try ModelDesk.evaluate(
            Place.workspace, model: model, data: data, report: report,
            levels: (alertAccuracy, alertF1))
        ModelSheet.print(done, json: json) {
            "model \($0["model"]?.stringValue?.prefix(12) ?? "")"
        }
        return 0
    }
}
