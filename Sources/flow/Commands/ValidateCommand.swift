internal import FlowArguments
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

struct ValidateCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument { case text, json, github }

    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Find every mistake in workflow files.",
        examples: [("flow validate workflows/*.yaml", "checks all of them")])

    @Argument(help: "workflow files", valueName: "file") var files: [String]
    @Option(help: "how mistakes are shown") var format = Format.text
    @Flag(help: "the same as --format json") var json: Bool

    func run() throws -> Int32 {
        let session = try Session()
        var found: [Diagnostic] = []
        var read: [WorkflowFile] = []
        do {
            _ = try session.settings()
        } catch let list as DiagnosticList {
            found += list.diagnostics
        }
        for file in files {
            do {
                let (workflow, bytes) = try session.read(workflow: file)
                found += session.warnings(workflow, bytes)
                if !workflow.pools.isEmpty {
                    read.append(WorkflowFile(path: workflow.file, bytes: bytes))
                }
                if shown == .text { Output.print("\(VisibleText.safe(file)): ok") }
            } catch let list as DiagnosticList {
                found += list.diagnostics
            }
        }
        found = DiagnosticList(found + PoolSizes.warnings(read)).diagnostics
        switch shown {
        case .text: found.forEach { Output.note($0.description) }
        case .json: Output.print(.array(found.map(\.json)))
        case .github: DiagnosticAnnotations.write(found, to: .output)
        }
        return found.contains { $0.severity == .error } ? Program.misused : Program.succeeded
    }

    private var shown: Format { json ? .json : format }
}
