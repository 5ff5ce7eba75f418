internal import FlowArguments
internal import FlowJSON
internal import FlowStages

/// What `flow doctor` asks of git.
struct RemotesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remotes", abstract: "Print what is in the way of each remote, as JSON.")

    func run() throws -> Int32 {
        for check in try RemoteDesk.checks(Place.workspace()) { Print.line(check.text()) }
        return 0
    }
}
