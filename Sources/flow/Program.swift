internal import FlowArguments
internal import FlowEngine
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// The one place where words become a command, and any error becomes text, stream and exit code.
enum Program {
    static let succeeded: Int32 = 0
    static let failed: Int32 = 1
    static let misused: Int32 = 2
    static let waiting: Int32 = 3
    static let cancelled: Int32 = 130

    static func main(_ root: any ParsableCommand.Type, _ words: [String]) -> Int32 {
        do {
            let words = try globalOptions(words)
            switch try CommandParser.parse(root, words) {
            case .help(let text):
                Output.print(text, terminator: "")
                return succeeded
            case .run(var command): return try command.run()
            }
        } catch {
            Output.error(VisibleText.safe("\(error)", lines: true))
            if let mistakes = error as? DiagnosticList {
                DiagnosticAnnotations.note(mistakes.diagnostics)
            }
            return code(of: error)
        }
    }

    /// Takes the options before the command.
    private static func globalOptions(_ words: [String]) throws -> [String] {
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-"), !["--help", "-h"].contains(word) {
            guard word == "-C" || word == "--color" || word.hasPrefix("--color=") else {
                throw UsageError(
                    "there is no option '\(VisibleText.safe(word))' before the command"
                        + Nearest.hint(word, among: ["-C", "--color", "--help"]), command: "flow")
            }
            rest.removeFirst()
            if word == "-C" {
                guard let folder = rest.popFirst() else { throw UsageError("-C needs a folder") }
                do throws(SystemError) {
                    try Files.enter(folder)
                } catch {
                    throw Misuse("-C: \(error)")
                }
            } else {
                let attached = word.dropFirst("--color=".count)
                let value = word == "--color" ? rest.popFirst() ?? "" : String(attached)
                guard let choice = Output.Colour(rawValue: value) else {
                    throw UsageError("--color can be auto, always or never")
                }
                Output.colour = choice
            }
        }
        return Array(rest)
    }

    private static func code(of error: any Error) -> Int32 {
        switch error {
        case is UsageError, is DiagnosticList, is BindingError: misused
        case let error as Misuse: error.code
        case let error as StoreError where error.code == .notFound || error.code == .ambiguous:
            misused
        default: failed
        }
    }
}

/// A command that cannot be done as it was asked.
struct Misuse: Error, CustomStringConvertible {
    let description: String
    let code: Int32

    init(_ description: String, code: Int32 = Program.misused) {
        self.description = description
        self.code = code
    }
}
