internal import FlowArguments
internal import FlowStages
internal import FlowStore
internal import FlowSystem

/// The commands of flow that need a domain; flow starts them as `flow-stage command …`.
struct DomainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Commands that flow passes on.",
        subcommands: [
            ErrorsCommand.self, ProposalsCommand.self, SkillsCommand.self, ModelCommand.self,
            KnowledgeCommand.self, InitRepositoryCommand.self, MergedCommand.self,
            RemotesCommand.self,
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
    static func line(_ text: String) { TerminalDevice.output.write(text + "\n") }
    static func note(_ text: String) { TerminalDevice.error.write(text + "\n") }
}
