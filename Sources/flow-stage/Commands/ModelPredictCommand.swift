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
        guard json else {
            try ModelDesk.predict(
                messages, Place.workspace, folder: model, top: max(1, top), shape: { $0 }
            ) { answer in
                if messages.count > 1 {
                    Print.line(VisibleText.safe(answer["text"]?.stringValue ?? ""))
                }
                Self.print(answer)
            }
            return 0
        }
        // Many answers a write.
        var lines: [UInt8] = []
        try ModelDesk.predict(
            messages, Place.workspace, folder: model, top: max(1, top),
            shape: { $0.bytes(.compact) + [UInt8(ascii: "\n")] }
        ) { line in
            lines += line
            if lines.count >= 1 << 16 {
                Print.lines(lines)
                lines = []
            }
        }
        Print.lines(lines)
        return 0
    }

    private static func print(_ answer: JSON) {
        for guess in answer["labels"]?.arrayValue ?? [] {
            let percent = ((guess["probability"]?.doubleValue ?? 0) * 1000).rounded() / 10
            Print.line(VisibleText.safe("\(guess["label"]?.stringValue ?? "")  \(percent) %"))
        }
        let words = (answer["words"]?.arrayValue ?? []).compactMap { $0["term"]?.stringValue }
        if answer["known_terms"] == 0 {
            Print.line("the model knows no word of this message")
        } else if !words.isEmpty {
            Print.line(VisibleText.safe("decided by: " + words.joined(separator: ", ")))
        }
    }

    private func standardInput() -> [String] {
        String(decoding: TerminalDevice.readInput(), as: UTF8.self)
            .unicodeScalars.split(separator: "\n").map(String.init)
    }
}
