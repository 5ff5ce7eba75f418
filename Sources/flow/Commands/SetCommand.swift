internal import FlowArguments
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowYAML
internal import FlowText

struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change one value of a workflow and keep every other byte.",
        examples: [
            (
                "flow set workflows/integrate.yaml params.min_hits.default=5",
                "changes a threshold; commit the file to keep it"
            )
        ])

    @Argument(help: "a workflow file", valueName: "file") var file: String
    @Argument(help: "a path of keys, = and a YAML value", valueName: "path=value")
    var assignment: String

    func run() throws -> Int32 {
        guard let sign = assignment.utf8.firstIndex(of: UInt8(ascii: "=")),
            sign != assignment.startIndex
        else {
            throw UsageError("expected PATH=VALUE, such as params.min_hits.default=5")
        }
        let steps = assignment[..<sign].split(separator: ".").map { part in
            Int(part).map(YAMLStep.index) ?? .key(String(part))
        }
        let session = try Session()
        let path = try session.find(workflow: file)
        let old = try Files.read(path)
        let value = try self.value(String(assignment[assignment.utf8.index(after: sign)...]))
        let new: [UInt8]
        do throws(YAMLError) {
            new = try YAMLDocument.read(old).setting(steps, to: value)
        } catch {
            throw Misuse("\(VisibleText.safe(path)): \(error)")
        }
        _ = try Workflow.read(new, file: path, actions: try session.actions())
        if new == old {
            Output.note("\(VisibleText.safe(path)) says so already")
        } else {
            let file = try Files.real(path)
            try Files.write(new, to: file, mode: Files.mode(file) ?? 0o644)
        }
        return Program.succeeded
    }

    private func value(_ text: String) throws -> JSON {
        do throws(YAMLError) {
            return try YAMLDocument.read(Array(text.utf8)).root?.json ?? .null
        } catch {
            throw Misuse("'\(text)' is no YAML value: \(error.message)")
        }
    }
}
