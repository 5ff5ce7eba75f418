internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct ModelPredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Say which skill fits a message, and how surely.",
        examples: [
            ("flow model predict \"KeyError: 'depot'\"", "the three best"),
            ("flow model predict - --json < messages.txt", "one answer a line"),
        ])

    @Argument(help: "messages; - reads one a line from standard input", valueName: "text")
    var texts: [String]
    @Option(help: "a model's folder; the deployed model unless given", valueName: "folder")
    var model: String?
    @Option(help: "how many labels", valueName: "n") var top = 3
    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let messages = texts == ["-"] ? standardInput() : texts
        let workspace = try Place.workspace()
        for answer in try ModelDesk.predict(messages, workspace, folder: model, top: max(1, top)) {
            if json {
                Print.line(answer.text())
                continue
            }
            if messages.count > 1 {
                Print.line(VisibleText.safe(answer["text"]?.stringValue ?? ""))
            }
            for guess in answer["labels"]?.arrayValue ?? [] {
                let percent = ((guess["probability"]?.doubleValue ?? 0) * 1000).rounded() / 10
                let label = VisibleText.safe(guess["label"]?.stringValue ?? "")
                Print.line("\(label)  \(percent) %")
            }
            if answer["known_terms"] == 0 {
                Print.line("the model knows no word of this message")
            }
        }
        return 0
    }

    private func standardInput() -> [String] {
        String(decoding: TerminalDevice.readInput(), as: UTF8.self)
            .unicodeScalars.split(separator: "\n").map(String.init)
    }
}
