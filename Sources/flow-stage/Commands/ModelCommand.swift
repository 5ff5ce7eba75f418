internal import FlowArguments

struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract:
            "The triage model: predict, train, eval, list, diff, promote, prune, review, correct.",
        examples: [
            ("flow model predict \"KeyError: 'depot'\"", "the skills that fit a message best"),
            ("flow model review", "what the model is unsure of"),
            ("flow model rollback --reason 'it mistakes timeouts'", "the one before is in service"),
        ],
        subcommands: [
            ModelPredictCommand.self, ModelTrainCommand.self, ModelEvalCommand.self,
            ModelListCommand.self, ModelDiffCommand.self, ModelPromoteCommand.self,
            ModelRollbackCommand.self, ModelPruneCommand.self, ModelReviewCommand.self,
            ModelCorrectCommand.self,
        ],
        defaultSubcommand: ModelListCommand.self)

    func run() -> Int32 { 0 }
}
