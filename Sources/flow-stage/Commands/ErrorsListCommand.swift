internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct ErrorsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the signatures of the newest mining.",
        discussion: """
            The most harmful come first: hits of the last 7 and 30 days, thirty days as a line of bars, \
            the trend where the counts support one, the component, the skill that covers it.
            """,
        examples: [
            ("flow errors list", "a line each"),
            ("flow errors list --json", "one JSON object a line, with daily counts and examples"),
        ])

    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let rows = try ErrorPlace.desk().rows
        if rows.isEmpty {
            Print.note("nothing has been mined here yet; flow run mine.yaml does it")
        }
        SignatureList.print(rows, json: json)
        return 0
    }
}

struct ErrorsMineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mine", abstract: "Group the errors of some sources, and keep nothing.",
        discussion: """
            Reads files, patterns, - (standard input) or postgres:// tables whole and lists their \
            signatures as flow errors list does. The loop mines with flow run mine.yaml.
            """,
        examples: [
            ("flow errors mine 'logs/*.log'", "what is in some files"),
            ("flow errors mine - --timezone Europe/Berlin < app.log", "of standard input"),
        ])

    @Flag(help: "one JSON object a line") var json: Bool
    @Option(help: "auto, jsonl, log, plain, csvlog or journal; auto looks", valueName: "name")
    var format: String?
    @Option(help: "the zone of times that name none; UTC by itself", valueName: "zone")
    var timezone: String?
    @Option(help: "the time to count back from; now by itself", valueName: "time") var now: String?
    @Argument(help: "files, patterns, - or tables", valueName: "source") var sources: [String]

    func run() throws -> Int32 {
        guard let time = now.map({ Timestamp($0) }) ?? SystemClock().now() else {
            throw UsageError(
                "--now is no time; write 2026-11-20T02:00:00Z", command: "flow errors mine")
        }
        let desk = try SignatureDesk(
            mining: sources, format: format ?? "auto", timezone: timezone ?? "UTC", now: time,
            ErrorPlace.workspace(), note: Print.note)
        if desk.rows.isEmpty { Print.note("no errors within the last 90 days") }
        SignatureList.print(desk.rows, json: json)
        return 0
    }
}

/// Signatures, a line each.
private enum SignatureList {
    static func print(_ rows: [SignatureDesk.Row], json: Bool) {
        for row in rows { Print.line(json ? row.json.text() : line(row)) }
    }

    private static func line(_ row: SignatureDesk.Row) -> String {
        "\(row.fingerprint.prefix(8))  \(padded(row.hits7d, 6)) \(padded(row.hits30d, 6))  "
            + "\(Sparkline.text(row.days)) \(arrow(row.trend))  "
            + "\(VisibleText.safe(row.component))  \(row.skill ?? "-")  "
            + VisibleText.safe(row.template)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func arrow(_ trend: String) -> String {
        switch trend {
        case "increasing": "↗"
        case "decreasing": "↘"
        default: "→"
        }
    }
}

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

struct ErrorsExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Explain why errors are in one group, or why not.",
        discussion: """
            Shows what was masked and why, the texts that made a place variable, other messages of the \
            group, and the nearest other group with what keeps the two apart.
            """,
        examples: [
            ("flow errors explain 8f14e45f", "a group"),
            (
                "flow errors explain --message \"KeyError: 'partner_id'\"",
                "a message, whether it was seen or not"
            ),
        ])

    @Flag(help: "one JSON object") var json: Bool
    @Option(help: "a message, with its type before it", valueName: "text") var message: String?
    @Option(help: "the message's component; any by itself", valueName: "name") var component:
        String?
    @Argument(help: "a fingerprint, or its beginning", valueName: "fingerprint")
    var fingerprint: String?

    func run() throws -> Int32 {
        let desk: ExplanationDesk
        switch (fingerprint, message) {
        case (let fingerprint?, nil):
            desk = try ExplanationDesk(fingerprint: fingerprint, ErrorPlace.workspace())
        case (nil, let message?):
            desk = try ExplanationDesk(
                message: message, component: component, ErrorPlace.workspace())
        default:
            throw UsageError(
                "name a fingerprint or a --message, one of them", command: "flow errors explain")
        }
        if json {
            Print.line(desk.json.text())
        } else {
            desk.lines.forEach(Print.line)
        }
        return 0
    }
}

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

/// Where the commands on errors work.
private enum ErrorPlace {
    static func workspace() throws -> Workspace {
        try Workspace(around: Files.workingFolder, stateOverride: Environment["FLOW_STATE"])
    }

    static func desk() throws -> SignatureDesk { try SignatureDesk(workspace()) }
}

/// Counts as bars in one line of text.
private enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// One character a count, the largest the highest; a dot for none.
    static func text(_ counts: [Int]) -> String {
        let most = counts.max() ?? 0
        return String(
            counts.map { count in
                count == 0 ? "·" : bars[(count * bars.count - 1) / most]
            })
    }
}

extension String {
    /// With so much before each line but the first.
    fileprivate func replacingLines(_ indent: String) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n" + indent)
    }
}
