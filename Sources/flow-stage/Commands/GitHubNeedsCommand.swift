internal import FlowArguments
internal import FlowStages

/// What `flow doctor` asks, since flow itself knows no GitHub.
struct GitHubNeedsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "github-needs",
        abstract: "Print what keeps the stages of GitHub from working on this machine; exit 1 then."
    )

    func run() throws -> Int32 {
        guard let problem = GitHubMachine.problem else { return 0 }
        Print.line(problem)
        return 1
    }
}
