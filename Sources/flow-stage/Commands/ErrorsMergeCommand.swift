internal import FlowArguments
internal import FlowStages

struct ErrorsMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Let two groups be one from now on.",
        discussion: """
            Writes skills/aliases.yaml in the work tree: review and commit it like any other change. \
            Skills, history and dataset of the first follow to the second.
            """,
        examples: [("flow errors merge 8f14e45f 2c4d0b7e", "the first becomes the second")])

    @Argument(help: "the group that becomes another", valueName: "fingerprint") var one: String
    @Argument(help: "the group that it becomes", valueName: "fingerprint") var other: String

    func run() throws -> Int32 {
        let (old, new) = try ErrorPlace.desk().merge(one, into: other)
        Print.line("\(old) is \(new) now; commit skills/aliases.yaml for runs to follow it")
        return 0
    }
}

struct ErrorsSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split", abstract: "Take back that a group was merged into another.",
        examples: [("flow errors split 8f14e45f", "it is a group of its own again")])

    @Argument(help: "the fingerprint that was merged", valueName: "fingerprint") var one: String

    func run() throws -> Int32 {
        let old = try ErrorPlace.desk().split(one)
        Print.line("\(old) is a group of its own again; commit skills/aliases.yaml")
        return 0
    }
}
