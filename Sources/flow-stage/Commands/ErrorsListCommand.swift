internal import FlowArguments
internal import FlowStages
internal import FlowSystem

struct ErrorsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the signatures of the newest mining.",
        discussion: """
            The most harmful come first: hits of the last 7 and 30 days, thirty days as a line of bars, \
            the trend where the counts support one, the component, the skill that covers it.
            """,
        examples: [
            ("flow errors list", "a line each"),
            ("flow errors list --uncovered --limit 10", "what needs a skill most"),
            ("flow errors list --sort first-seen", "what is new"),
            ("flow errors list --json", "one JSON object a line, with daily counts and examples"),
        ])

    @Flag(help: "one JSON object a line") var json: Bool
    @Flag(help: "only those that no skill covers") var uncovered: Bool
    @Option(help: "impact (by itself), first-seen or last-seen", valueName: "order")
    var sort: String?
    @Option(help: "at most so many", valueName: "n") var limit: Int?

    func run() throws -> Int32 {
        guard let order = SignatureDesk.Order(rawValue: sort ?? "impact") else {
            throw UsageError(
                "--sort takes impact, first-seen or last-seen", command: "flow errors list")
        }
        guard limit ?? 1 > 0 else {
            throw UsageError("--limit takes a number from 1", command: "flow errors list")
        }
        let desk = try ErrorPlace.desk()
        if desk.isEmpty {
            Print.note("nothing has been mined here yet; flow run mine.yaml does it")
        }
        let rows = desk.rows(by: order, uncovered: uncovered, limit: limit ?? .max)
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
        if desk.isEmpty { Print.note("no errors within the last 90 days") }
        SignatureList.print(desk.rows, json: json)
        return 0
    }
}
