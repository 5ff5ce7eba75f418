internal import FlowArguments
internal import FlowJSON
internal import FlowStages

/// What `flow doctor` asks of git.
struct CheckupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkup",
        abstract: "Print what is in the way of commits and of each remote, as JSON.")

    func run() throws -> Int32 {
        for check in try CheckupDesk.checks(Place.workspace()) { Print.line(check.text()) }
        return 0
    }
}
