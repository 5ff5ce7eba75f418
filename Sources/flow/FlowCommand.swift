internal import FlowArguments

/// The program `flow`: its commands, in the order in which help lists them.
struct FlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow",
        abstract: "Runs declarative workflows, and turns errors into reviewed skills.",
        discussion: """
            Before the command: -C DIR works in DIR; --color auto|always|never.
            A workflow is a path, or a name that is looked for here and then in workflows/.
            Exit codes: 0 ok, 1 it did not succeed, 2 wrong usage or an invalid file, 3 waiting,
            130 cancelled.
            """,
        examples: [
            ("flow init demo --sample", "a repository with sample errors"),
            ("flow run integrate.yaml", "one turn of the loop"),
            ("flow proposals list", "what waits for a reviewer"),
        ],
        subcommands: [
            InitCommand.self, RunCommand.self, ValidateCommand.self, PlanCommand.self,
            GraphCommand.self, SetCommand.self, EvalCommand.self, RunsCommand.self,
            ShowCommand.self, LogsCommand.self, EventsCommand.self, WhyCommand.self,
            DiffCommand.self,
            ResumeCommand.self, RetryCommand.self, CancelCommand.self, ApproveCommand.self,
            RejectCommand.self,
            ErrorsCommand.self, ProposalsCommand.self, SkillsCommand.self, ModelCommand.self,
            FeedbackCommand.self, KnowledgeCommand.self, CatalogCommand.self, DatasetCommand.self,
            DoctorCommand.self,
            VersionCommand.self,
        ])

    func run() -> Int32 { 0 }
}
