internal import FlowArguments
internal import FlowJSON
internal import FlowStages

struct ModelPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove the weights of models that nothing needs.",
        discussion: """
            The model in service stays, the one to go back to, the best that ever was in service, and \
            the newest. Their lines in the registry stay, all of them; a model without weights cannot be \
            asked, compared or promoted. Nothing is committed.
            """,
        examples: [
            ("flow model prune --dry-run", "says what would go"),
            ("flow model prune --keep 0", "keeps only what is needed"),
        ])

    @Option(help: "so many of the newest models stay", valueName: "n") var keep = 10
    @Flag(help: "only say what would go") var dryRun: Bool
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard keep >= 0 else {
            throw UsageError("--keep is a number from 0", command: "flow model prune")
        }
        let done = try ModelDesk.prune(newest: keep, isDryRun: dryRun, in: Place.workspace())
        if json {
            Print.line(done.json.text(.pretty))
            return 0
        }
        for hash in done.removed { Print.line(String(hash.prefix(12))) }
        Print.line(
            "\(dryRun ? "would remove" : "removed") the weights of \(done.removed.count) models, "
                + "\(done.bytes / 1_000) kB; \(done.kept) stay")
        return 0
    }
}
