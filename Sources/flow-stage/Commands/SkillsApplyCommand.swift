internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowStore
internal import FlowSystem

/// What `flow skills apply` asks, which runs the workflow then.
struct SkillsApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Go through a procedure again, with other values.")

    @Argument(help: "the procedure's id or name", valueName: "id|name", isRequired: false)
    var name: [String]
    @Option(help: "a log to extract it from", valueName: "file") var events: String?
    @Option(help: "the document that it stands in", valueName: "file") var document: String?

    /// Prints the workflow, as JSON.
    func run() throws -> Int32 {
        let place = try Workspace(
            around: Files.workingFolder, stateOverride: Environment["FLOW_STATE"])
        let origin: ApplicationDesk.Origin =
            if let events { .log(events) } else if let document { .document(document) } else {
                .library
            }
        Print.line(
            try ApplicationDesk(place).workflow(
                of: name.first ?? "", in: origin, path: Environment["PATH"] ?? "/bin:/usr/bin"
            ).text())
        return 0
    }
}
