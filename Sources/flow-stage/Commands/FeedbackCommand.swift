internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowSystem
internal import FlowText

struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback", abstract: "What came of errors after their skills began to act.",
        examples: [
            ("flow feedback judge streams.jsonl", "judges counts of your own"),
            ("flow feedback record FX-0AADC631 --success", "a fix that was tried worked"),
        ],
        subcommands: [FeedbackJudgeCommand.self, FeedbackRecordCommand.self])

    func run() -> Int32 { 0 }
}

struct FeedbackJudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Judge daily counts of errors before and after.",
        discussion: """
            One JSON object a line: {"id": …, "before": [[hits, exposure], …], "after": …}, one pair a \
            day, null for a day that was not read, exposure 1 where it is not known. "control": \
            {"before": …, "after": …} are errors that the skill does not touch. How many days after \
            there are says which look is meant. Lines that cannot be read are named, and the others \
            judged; the exit code is 1 then. Each line of output is a finding with rate ratio, \
            interval, and the probability that the errors at least halved.
            """,
        examples: [
            ("flow feedback judge streams.jsonl", "all together, as in a run"),
            ("flow feedback judge one.jsonl --alone", "each as if there were no others"),
        ])

    @Argument(help: "a JSONL file; - for standard input", valueName: "file") var file: String
    @Flag(help: "judge each line by itself, without what the others tell") var alone: Bool
    @Option(help: "a JSONL file of other skills, to learn what is usual from", valueName: "file")
    var prior: String?
    @Flag(help: "one JSON object a line, also on a terminal") var json: Bool

    func run() throws -> Int32 {
        guard !alone || prior == nil else {
            throw UsageError(
                "--alone learns from nobody: give it or --prior", command: "flow feedback judge")
        }
        let desk = try FeedbackDesk(file, alone: alone, prior: prior)
        for problem in desk.problems { Print.note("flow: \(problem)") }
        if json || !TerminalDevice.output.isTerminal {
            Print.lines(JSONLines.write(desk.findings))
        } else {
            for finding in desk.findings {
                func text(_ key: String) -> String { finding[key]?.stringValue ?? "" }
                Print.line(VisibleText.safe("\(text("id"))  \(text("reason"))"))
            }
        }
        return desk.problems.isEmpty ? 0 : 1
    }
}
