internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct FeedbackRecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Note in the ledger what came of a fix that was tried.",
        discussion: "One try is one commit on the default branch, as a rejection is.",
        examples: [
            ("flow feedback record FX-0AADC631 --success", "it ended the error"),
            (
                "flow feedback record FX-0AADC631 --failure --note 'the table was locked'",
                "it did not, and why"
            ),
        ])

    @Argument(help: "the skill's id", valueName: "id") var id: String
    @Flag(help: "the fix worked") var success: Bool
    @Flag(help: "it did not") var failure: Bool
    @Option(help: "a sentence on it", valueName: "text") var note: String?
    @Flag(help: "print the skill and the commit as JSON") var json: Bool

    func run() throws -> Int32 {
        guard success != failure else {
            throw UsageError(
                "say how it ended: --success or --failure", command: "flow feedback record")
        }
        let commit = try AttemptDesk.record(
            id, success: success, note: note ?? "", in: try Place.workspace())
        if json {
            Print.line(JSON.object(["skill": .string(id), "commit": .string(commit)]).text())
            return 0
        }
        Print.line("\(id): \(success ? "success" : "failure") noted in \(commit.prefix(7))")
        return 0
    }
}
