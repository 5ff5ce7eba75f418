internal import FlowArguments
internal import FlowStages

struct ErrorsMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Let two groups be one from now on.",
        discussion: """
            Writes skills/aliases.yaml in the work tree: review and commit it like any other change. \
            Skills, history and dataset of the first follow to the second. What was taken out of a \
            group with split --matching goes back into it.
            """,
        examples: [("flow errors merge 8f14e45f 2c4d0b7e", "the first becomes the second")])

    @Argument(help: "the group that becomes another", valueName: "fingerprint") var one: String
    @Argument(help: "the group that it becomes", valueName: "fingerprint") var other: String

    func run() throws -> Int32 {
        let done = try ErrorPlace.desk().merge(one, into: other)
        Print.line(
            done.old + (done.wasPart ? " is part of \(done.new) again" : " is \(done.new) now")
                + "; commit skills/aliases.yaml for runs to follow it")
        return 0
    }
}
