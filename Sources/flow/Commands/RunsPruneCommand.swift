internal import FlowArguments
internal import FlowJSON
internal import FlowStore
internal import FlowSystem

struct RunsPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove old runs that have ended: their events, logs and outputs.",
        examples: [
            ("flow runs prune --dry-run", "says what would go"),
            ("flow runs prune --keep-days 7 --quota 500M", "keeps less than usual"),
        ])

    @Option(help: "runs that ended longer ago go", valueName: "days") var keepDays = 30
    @Option(help: "while the state is larger, the oldest runs go", valueName: "size")
    var quota = ByteCount(bytes: 2_000_000_000)
    @Flag(help: "only say what would go") var dryRun: Bool
    @Flag(help: "one JSON object") var json: Bool

    func run() throws -> Int32 {
        guard keepDays >= 0 else { throw UsageError("--keep-days is a number of days from 0") }
        let session = try Session()
        let store = try session.runs()
        let report = try StatePruning(store, workspace: session.workspace.root)
            .prune(PruneRules(days: keepDays, quotaBytes: quota.bytes), isDry: dryRun)
        if json {
            Output.print(report.json)
            return Program.succeeded
        }
        for run in report.runs { Output.print(run) }
        let freed = ByteCount(bytes: report.freedBytes)
        let kept = ByteCount(bytes: report.keptBytes)
        Output.print(
            "\(dryRun ? "would remove" : "removed") \(report.runs.count) runs and \(freed); "
                + "\(kept) stay")
        return Program.succeeded
    }
}

/// A number of bytes as people write it: `2G`, `500M`, `1.5T`; steps of 1,000.
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    private static let units: [(Character, Double)] = [
        ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12),
    ]

    init?(argument: String) {
        var number = argument.uppercased()
        if number.last == "B" { number.removeLast() }
        let unit = Self.units.first { $0.0 == number.last }
        if unit != nil { number.removeLast() }
        guard let value = Double(number), value.isFinite, value >= 0, value < 1e6 || unit == nil
        else { return nil }
        guard let bytes = Int(exactly: (value * (unit?.1 ?? 1)).rounded()) else { return nil }
        self.bytes = bytes
    }

    var description: String {
        guard let unit = Self.units.last(where: { Double(bytes) >= $0.1 }) else {
            return "\(bytes) bytes"
        }
        let tenths = Int((Double(bytes) / unit.1 * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit.0 == "K" ? "k" : String(unit.0))B"
    }
}
