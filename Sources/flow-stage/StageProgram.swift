internal import FlowArguments
internal import FlowStages
internal import FlowSystem
internal import FlowText

/// The program `flow-stage`: runs one built-in action by the node contract, or a command of flow that
/// needs a domain.
enum StageProgram {
    /// EX_TEMPFAIL of sysexits.h: the engine tries a node again that ends so.
    private static let temporary: Int32 = 75

    static func main(_ words: [String]) -> Int32 {
        Stages.tidyUpWhenStopped()
        do {
            switch words.first {
            case "command": return try command(Array(words.dropFirst()))
            case let reference? where words.count == 1:
                try Stages.run(reference, environment: Environment.all) { line in
                    TerminalDevice.output.write(line + "\n")
                }
                return 0
            default:
                throw UsageError("flow-stage is started by flow; see flow --help")
            }
        } catch {
            Print.note("flow: " + VisibleText.safe("\(error)", lines: true))
            return error is UsageError ? 2 : Stages.mayPass(error) ? Self.temporary : 1
        }
    }

    private static func command(_ words: [String]) throws -> Int32 {
        switch try CommandParser.parse(DomainCommand.self, words) {
        case .help(let text):
            TerminalDevice.output.write(text)
            return 0
        case .run(var command): return try command.run()
        }
    }
}
