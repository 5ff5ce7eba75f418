internal import FlowArguments
internal import FlowJSON
internal import FlowStore

/// Which flow this is.
enum Version {
    static let text = "0.1.0"
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version and the schema number of the log.",
        examples: [("flow version --json", "for scripts")])

    @Flag(help: "one JSON object") var json: Bool

    func run() -> Int32 {
        if json {
            Output.print([
                "version": .string(Version.text), "schema": .integer(RunStore.schema),
            ])
        } else {
            Output.print("flow \(Version.text) (schema \(RunStore.schema))")
        }
        return Program.succeeded
    }
}
