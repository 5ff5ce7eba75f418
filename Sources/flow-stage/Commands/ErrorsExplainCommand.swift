internal import FlowArguments
internal import FlowJSON
internal import FlowStages

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
