internal import FlowArguments
internal import FlowStages

struct ModelPromoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Put a model in service.",
        discussion: """
            The rule of deployment is asked with the test rows of now. --force does it against the \
            rule. It is one commit, as a rejection is.
            """,
        examples: [
            ("flow model promote 3f2a9bc1", "by the beginning of its hash"),
            ("flow model promote 3f2a9bc1 --force --reason 'new labels'", "against the rule"),
        ])

    @Argument(help: "a model's hash, or its beginning", valueName: "hash") var model: String
    @Flag(help: "also against the rule of deployment") var force: Bool
    @Option(help: "a sentence on it", valueName: "text") var reason: String?

    func run() throws -> Int32 {
        Self.print(
            try ModelDesk.promote(
                model, isForced: force, reason: reason ?? "", in: Place.workspace()))
        return 0
    }

    static func print(_ done: ModelDesk.Switched) {
        let place = done.commit.map { " in \($0.prefix(7))" } ?? ""
        Print.line("\(done.model.prefix(12)) is in service\(place): \(done.reason)")
    }
}

struct ModelRollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Put the model in service again that was before.",
        discussion: """
            Called again it goes one further back, and never to a model that people went back from; flow \
            model promote puts any model in service. It is one commit.
            """,
        examples: [("flow model rollback --reason 'it mistakes timeouts'", "one commit")])

    @Option(help: "a sentence on it", valueName: "text") var reason: String?

    func run() throws -> Int32 {
        ModelPromoteCommand.print(
            try ModelDesk.rollback(reason: reason ?? "", in: Place.workspace()))
        return 0
    }
}
