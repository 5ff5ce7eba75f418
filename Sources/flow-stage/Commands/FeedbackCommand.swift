internal import FlowArguments

struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback", abstract: "What came of skills.",
        examples: [("flow feedback record FX-0AADC631 --success", "a fix that was tried worked")],
        subcommands: [FeedbackRecordCommand.self])

    func run() -> Int32 { 0 }
}
