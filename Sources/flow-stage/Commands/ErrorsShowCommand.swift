internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowText

struct ErrorsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one signature: examples, timeline, its skill.",
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
        Print.line(VisibleText.safe(row.template))
        Print.line("fingerprint  \(row.fingerprint)")
        Print.line("component    \(VisibleText.safe(row.component))")
        Print.line("skill        \(row.skill ?? "none covers it")")
        Print.line("hits         \(row.hits7d) in 7 days, \(row.hits30d) in 30, \(row.trend)")
        Print.line("30 days      \(Sparkline.text(row.days))")
        Print.line("first seen   \(row.firstSeen ?? "unknown")")
        Print.line("last seen    \(row.lastSeen ?? "unknown")")
        for example in row.examples {
            Print.line("")
            Print.line("    " + VisibleText.safe(example, lines: true).replacingLines("    "))
        }
        return 0
    }
}

extension String {
    /// With so much before each line but the first.
    fileprivate func replacingLines(_ indent: String) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n" + indent)
    }
}
