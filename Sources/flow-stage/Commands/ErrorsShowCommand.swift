internal import FlowArguments
internal import FlowJSON
internal import FlowStages

struct ErrorsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one signature: days, releases, examples, its skill.",
        examples: [("flow errors show 8f14e45f", "by the beginning of its fingerprint")])

    @Flag(help: "one JSON object") var json: Bool
    @Argument(help: "a fingerprint, or its beginning", valueName: "fingerprint") var fingerprint:
        String

    func run() throws -> Int32 {
        let row = try ErrorPlace.desk().row(fingerprint)
        if json {
            Print.line(row.json.text())
            return 0
        }
        SignatureSheet(row: row).print()
        return 0
    }
}
