internal import FlowArguments
internal import FlowSystem

/// A command that needs a domain: `flow-stage` does it, so that flow itself stays quick to start.
private func passOn(_ name: String, _ words: [String]) throws -> Int32 {
    guard let program = Programs.stage else {
        throw Misuse(
            "flow-stage is neither beside flow nor in PATH; install both with make install",
            code: Program.failed)
    }
    try ProcessImage.replace(with: program, ["command", name] + words)
}

struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "Errors and their groups: mine, list, show, explain, merge, split, group.",
        isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("errors", words) }
}

struct ProposalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proposals", abstract: "Review proposed skills: list, show, approve, reject.",
        isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("proposals", words) }
}

struct SkillsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skills",
        abstract: "The library of skills: list, search, extract, apply, export, import.",
        isPassedThrough: true)
    @Rest var words: [String]

    func run() throws -> Int32 {
        let own = OwnSkillsCommand.configuration.subcommands.map { $0.configuration.commandName }
        let name = words.first == "help" ? words.dropFirst().first : words.first
        guard let name, own.contains(name) else { return try passOn("skills", words) }
        switch try CommandParser.parse(OwnSkillsCommand.self, words) {
        case .help(let text):
            Output.print(text, terminator: "")
            return Program.succeeded
        case .run(var command): return try command.run()
        }
    }
}

struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback", abstract: "What came of errors after their skills: judge, record.",
        isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("feedback", words) }
}

struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "The triage model: predict, train, eval, list, diff, promote, review, correct.",
        isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("model", words) }
}

struct KnowledgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "knowledge", abstract: "Solved cases: index, search.", isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("knowledge", words) }
}

struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "The error catalog as a table.", isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("catalog", words) }
}

struct DatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset", abstract: "The training dataset: stats, check, import, export.",
        isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("dataset", words) }
}

struct EventsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take the runs of a log into this repository's history.",
        isPassedThrough: true)
    @Rest var words: [String]
    func run() throws -> Int32 { try passOn("events", ["import"] + words) }
}
