internal import FlowArguments
internal import FlowStages
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// The commands of flow that need a domain; flow starts them as `flow-stage command …`.
struct DomainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Commands that flow passes on.",
        subcommands: [
            ErrorsCommand.self, ProposalsCommand.self, SkillsCommand.self, ModelCommand.self,
            FeedbackCommand.self, KnowledgeCommand.self, CatalogCommand.self, DatasetCommand.self,
            EventsCommand.self,
            InitRepositoryCommand.self, MergedCommand.self, GitHubNeedsCommand.self,
            CheckupCommand.self,
        ])

    func run() -> Int32 { 0 }
}

/// Where a command works.
enum Place {
    /// The root of the repository around the working folder.
    static func workspace() throws -> String {
        try Workspace(around: Files.workingFolder, stateOverride: nil).root
    }
}

/// What commands print.
enum Print {
    static func line(_ text: String) { write(text + "\n", to: .output) }
    static func note(_ text: String) { write(text + "\n", to: .error) }

    /// Lines of JSON.
    static func lines(_ bytes: [UInt8]) {
        guard Environment.isGitHubActions else { return TerminalDevice.output.write(bytes) }
        write(String(decoding: bytes, as: UTF8.self), to: .output)
    }

    /// Under GitHub Actions nothing in it is a command to the runner.
    private static func write(_ text: String, to device: TerminalDevice) {
        device.write(Environment.isGitHubActions ? RunnerCommands.inert(text) : text)
    }
}
